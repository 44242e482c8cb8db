"""Answer for resources of the API without Django's handler and without ``MIDDLEWARE``.

Pages need all that stands there, programs a part of it, and the way through it takes as long as to
find out who sends a request. Here a resource gets its part: what the middleware does, done by the
same functions, once and in one place. What a middleware would refuse or answer by itself goes to
Django, as does all that is no resource.

Django's test client comes through ``MIDDLEWARE``: ``tests/integration/core/test_front.py`` holds
that both answer the same. docs/adr/0027-the-front.md has the reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.db import DEFAULT_DB_ALIAS, connections, reset_queries

from core.api.repeats import Asking, ResourceRequest, question, repeats
from core.api.shortcut import answer, resource
from core.api.views import origin
from core.caching.answers import FOUND_NEAR
from core.compression import compress
from core.headers import Kind, dress, items, vary_on
from core.limiting.limits import say
from core.metrics.requests import Watch
from core.middleware import as_problem, finish, identify, refused, route_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from django.http import HttpRequest, HttpResponseBase

    from core.api.repeats import Again

PART = (
    "core.headers.SecurityHeadersMiddleware",
    "core.health.middleware.ProbeMiddleware",
    "core.metrics.middleware.MetricsMiddleware",
    "core.middleware.RequestLogMiddleware",
    "core.cors.CorsMiddleware",
    "core.compression.CompressionMiddleware",
    "core.middleware.ApiProblemMiddleware",
    "core.limiting.middleware.RateLimitMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "core.api.shortcut.ApiShortcutMiddleware",
)
"""The middleware that a resource would pass: what it does for one is done here, or need not be."""


class Front:
    """A WSGI application that answers for resources of the API, and has Django answer all else."""

    def __init__(self, django: WSGIApplication) -> None:
        """Take Django's application."""
        self._django = django
        # As Django does around each middleware: no exception leaves.
        self._view = convert_exception_to_response(answer)
        self._finished = convert_exception_to_response(self._answer)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or have it answered."""
        if settings.DEBUG:
            reset_queries()
        asked = question(environ)
        repeat = repeats().find(asked) if asked else None
        asking = Asking(environ, repeat) if repeat else None
        response: Any = _again(asking) if asking else None
        if response is None:
            request = asking.whole() if asking else _request(environ)
            if request is None:
                return self._django(environ, start_response)
            response = self._finished(request)
            if asked:
                repeats().keep(asked, request, response)
            if not response.streaming:
                request.close()
        start_response(
            f"{response.status_code} {response.reason_phrase}",
            [
                *items(response),
                *(("Set-Cookie", cookie.output(header="")) for cookie in response.cookies.values()),
            ],
        )
        if response.streaming:
            return cast("Iterable[bytes]", response)  # which may ask the database yet
        close_old_connection()
        return [response.content]

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        with request.__dict__.get("watch") or Watch() as watch:
            if "request_id" not in request.__dict__:
                identify(request)
            response = cast("HttpResponseBase", self._view(request))
            say(request, response)
            response = as_problem(request, response)
            compress(request, response)
            vary_on(response, "Origin")
            finish(request, response)
        watch.note(request.method, route_of(request), response.status_code)
        dress(request, response, Kind.API)
        return response


def close_old_connection() -> None:
    """Do what Django's ``close_old_connections`` does, for the one database that there is."""
    connections[DEFAULT_DB_ALIAS].close_if_unusable_or_obsolete()


def _again(asking: Asking) -> Again | None:
    """Answer as before; None if that is not right, or fails: the view, asked next, says how."""
    request: Any = asking  # which has what these functions ask a request for, as has the answer
    try:
        with asking.watch:
            identify(request)
            response: Any = asking.answer()
            if response is None:
                return None
            say(request, response)
            finish(request, response)
        asking.watch.note(request.method, route_of(request), response.status_code, found=FOUND_NEAR)
    except Exception:  # noqa: BLE001 -- nothing is lost: all of it is done again, and fails again
        return None
    return cast("Again", response)


def _request(environ: WSGIEnvironment) -> HttpRequest | None:
    """Return a request for a resource; None of what a middleware would answer, and of all else."""
    path = environ.get("PATH_INFO", "")
    # A request writes into its environment how it has read the address. Of what goes to Django none
    # is made, but for addresses that read the same twice.
    if not path.isascii() or "HTTP_ORIGIN" in environ or environ.get("SCRIPT_NAME"):
        return None
    match = resource(path)
    if match is None:
        return None
    request = ResourceRequest(environ)
    request.resolver_match = match
    if refused(request) is not None:
        return None
    try:
        origin(request)
    except DisallowedHost:
        return None
    return request


def with_front(django: WSGIApplication) -> WSGIApplication:
    """Put the front before Django, if it does all that Django would do.

    It does not with another middleware that resources would pass, nor for Sentry, which looks at
    Django's handler.
    """
    passed = tuple(settings.MIDDLEWARE[: len(PART)])
    return Front(django) if passed == PART and not settings.SENTRY_DSN else django
