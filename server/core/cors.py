"""Answer pages of other origins, as the settings allow (the Fetch standard's CORS protocol)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corsheaders import middleware

from core.headers import vary_on
from core.problems import is_api

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class CorsMiddleware(middleware.CorsMiddleware):
    """The library's, which is asked when a browser says that there is something to ask.

    Programs send no ``Origin``. Finding that out took it longer than all that they need of it, one
    word in ``Vary``.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the headers that let the page read it."""
        if "HTTP_ORIGIN" in request.META:
            return super().__call__(request)  # type: ignore[return-value]  # we serve no ASGI
        response: HttpResponseBase = self.get_response(request)  # type: ignore[assignment]  # as above
        if is_api(request):
            vary_on(response, "Origin")
        return response
