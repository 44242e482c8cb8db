"""Answer those who watch the server, before anything else does.

It stands first. Probes speak plain HTTP to the process, under whatever name or address they know
it by, and many times a minute: no redirect to HTTPS, no check of ``Host`` (their answers repeat
nothing of the request), no limit, no session and no line in the log.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import orjson
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed

from core import facts
from core.health.checks import NOT_OK, readiness
from core.metrics.exposition import CONTENT_TYPE, exposition

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

LIVENESS, READINESS, METRICS = "/livez", "/readyz", "/metrics"


class ProbeMiddleware:
    """Answer ``/livez``, ``/readyz`` and, to those who know the token, ``/metrics``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or pass on.

        Who asks for metrics without the token is passed on like any other: to a 404, counted by the
        limits, that tells nobody whether there are metrics.
        """
        path = request.path_info
        if path not in _ANSWERS or (path == METRICS and not _knows_the_token(request)):
            return self.get_response(request)
        facts.begin()  # a change of readiness is logged, and is nothing of the last request
        response: HttpResponse
        if request.method in {"GET", "HEAD"}:
            response = _ANSWERS[path]()
        else:
            response = HttpResponseNotAllowed(["GET", "HEAD"])
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _live() -> HttpResponse:
    return HttpResponse(b'{"status":"ok"}', content_type="application/json")


def _ready() -> HttpResponse:
    found = readiness()
    return HttpResponse(
        orjson.dumps({"status": found.status, "checks": found.checks}),
        content_type="application/json",
        status=503 if found.status == NOT_OK else 200,
    )


def _metrics() -> HttpResponse:
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


def _knows_the_token(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    sent = request.META.get("HTTP_AUTHORIZATION", "")
    # As bytes: of text that is not ASCII compare_digest would raise an error.
    return bool(token) and hmac.compare_digest(sent.encode(), f"Bearer {token}".encode())


_ANSWERS: dict[str, Callable[[], HttpResponse]] = {
    LIVENESS: _live,
    READINESS: _ready,
    METRICS: _metrics,
}
