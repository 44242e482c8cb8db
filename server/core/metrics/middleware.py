"""Count each request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from core.metrics import THREADS
from core.metrics.requests import Watch
from core.middleware import route_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase


class MetricsMiddleware:
    """Count each request by its route's pattern."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response
        THREADS.set(settings.WEB_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and count what it took."""
        with Watch() as watch:
            response = self.get_response(request)
        watch.note(request.method, route_of(request), response.status_code)
        return response
