"""Limit what is not a resource of the API, and say in each answer what the limits are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.api.views import ApiViewSet
from core.limiting.limits import RateLimited, require_within, say
from core.pages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

# Where a password is taken, and hashed.
SIGN_IN_PAGES = ("/admin/login/", "/reset/")


class RateLimitMiddleware:
    """Count each request once: here for pages, documents and addresses that lead nowhere.

    A resource of the API counts by itself, when it knows whose request it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse; either says what is left."""
        response = self.get_response(request)
        if request.resolver_match is None and "rate_verdicts" not in request.__dict__:
            refusal = _refused(request)
            response = response if refusal is None else refusal
        say(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Count what no view of the API counts."""
        if issubclass(getattr(view, "cls", object), ApiViewSet):
            return None
        return _refused(request)


def _refused(request: HttpRequest) -> HttpResponse | None:
    signs_in = request.method == "POST" and request.path_info.startswith(SIGN_IN_PAGES)
    try:
        require_within(request, "signin" if signs_in else "page")
    except RateLimited as error:
        return refusal(request, error)
    return None
