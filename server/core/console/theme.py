"""Light or dark: the system's setting, unless the reader chose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from core.pages import takes

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_COOKIE = "theme"
_THEMES = frozenset({"light", "dark"})
_KEPT_FOR_SECONDS = 365 * 24 * 60 * 60


def chosen(request: HttpRequest) -> str:
    """Return the chosen theme, nothing where the system decides."""
    theme = request.COOKIES.get(_COOKIE, "")
    return theme if theme in _THEMES else ""


@takes("POST")
def choose(request: HttpRequest) -> HttpResponse:
    """Remember a theme in this browser, and go back to the page it was chosen on."""
    theme = request.POST.get("theme", "")
    response = HttpResponseRedirect(safe_path(request, request.POST.get("next", "")))
    if theme in _THEMES:
        response.set_cookie(
            _COOKIE,
            theme,
            max_age=_KEPT_FOR_SECONDS,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    else:
        response.delete_cookie(_COOKIE, samesite="Lax")
    return response


def safe_path(request: HttpRequest, url: str) -> str:
    """Return an address if it is on this site, the start page otherwise."""
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if is_ours else "/"
