"""Limit what is not a resource of the API, and say in each answer what the limits are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.limiting.limits import RateLimited, require_within, say
from core.pages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

# What is sent there costs more than a page: a password to hash, or a mail.
POSTED: Mapping[str, str] = {
    "/admin/login/": "signin",
    "/reset/": "signin",
    "/sign-in/": "signin",
    "/sign-up/": "signup",
    "/forgotten/": "reset",
}


class RateLimitMiddleware:
    """Count each request once: here for pages, documents and addresses that lead nowhere.

    A resource of the API or a page of the console counts by itself, when it knows whose request it
    is.
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
        """Count what does not count by itself; resources of the API never come here."""
        if getattr(view, "counts_itself", False):
            return None
        return _refused(request)


def _refused(request: HttpRequest) -> HttpResponse | None:
    name = "page"
    if request.method == "POST":
        starts = (start for start in POSTED if request.path_info.startswith(start))
        name = POSTED.get(next(starts, ""), name)
    try:
        require_within(request, name)
    except RateLimited as error:
        return refusal(request, error)
    return None
