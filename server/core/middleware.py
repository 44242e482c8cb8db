"""What every request passes: a request id and its log line, and the promise about errors."""

from __future__ import annotations

import logging
import random
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex

from core import facts
from core.chunked import body_limit
from core.headers import Kind, kind_of, put
from core.logging import log_line
from core.pages import error_response
from core.problems import CONTENT_TYPE, code_of_status, is_api, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

_log = logging.getLogger("ratecard.requests")
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}", re.ASCII)


class RequestLogMiddleware:
    """Give each request an id, and write one line about it when it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with ``X-Request-ID``."""
        identify(request)
        response = self.get_response(request)
        finish(request, response)
        return response


def identify(request: HttpRequest) -> None:
    """Give a request an id, the client's own if it is well formed; its log lines have it."""
    sent = request.META.get("HTTP_X_REQUEST_ID", "")
    known: Any = request  # what we know of it, problems read too
    known.started = time.perf_counter()
    known.request_id = sent if _WELL_FORMED_ID.fullmatch(sent) else _new_id()
    facts.begin(request_id=known.request_id)


def _new_id() -> str:
    """Return an id that no other request has: 128 bits, which need not be secret.

    To ask the system for bits of it takes longer, and lets another thread have the interpreter.
    """
    return f"{random.getrandbits(128):032x}"  # nosec B311  # whoever guesses an id gains nothing by it


def finish(request: HttpRequest, response: HttpResponseBase) -> None:
    """Say in an answer which request it is for, and write the line about it.

    The line has the route's pattern, never the address: paths and queries may hold what a client
    would not want to be kept.
    """
    known: Any = request
    put(response, "X-Request-ID", known.request_id)
    if _left_unread(request):
        # The server program closes such a connection, and only this says so beforehand: who sends
        # another request on it would be cut off.
        put(response, "Connection", "close")
    log_line(
        _log,
        "request",
        method=request.method or "",
        route=route_of(request) or "-",
        status=response.status_code,
        duration_ms=round((time.perf_counter() - known.started) * 1000, 1),
    )


def route_of(request: HttpRequest) -> str:
    """Return the pattern of a request's route, ``""`` where its address leads nowhere."""
    match = request.resolver_match
    return _readable(match.route) if match else ""


@cache
def _readable(route: str) -> str:
    return str(simplify_regex(route))


def _left_unread(request: HttpRequest) -> bool:
    """Tell whether a request has a body that nobody read, such as one that is refused at once."""
    if getattr(request, "_read_started", True):
        return False
    return _content_length(request) > 0 or "HTTP_TRANSFER_ENCODING" in request.META


class ApiProblemMiddleware:
    """Keep the promise that every error under ``/api/`` is problem+json, whoever answers it.

    Django answers some requests before a view is reached: a forged host, a body over the limit,
    a refused CSRF token. NUL is refused here for all, since PostgreSQL has no text with it, and so
    are bodies that are too large. What comes in clear where HTTPS is demanded is refused, not
    redirected as pages are.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse what no view should see."""
        refusal = refused(request)
        if refusal is not None:
            return refusal
        return as_problem(request, self.get_response(request))


def as_problem(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return an answer, or the problem that an error of the API must be."""
    if (
        response.status_code < 400  # noqa: PLR2004 -- below are no errors
        or not is_api(request)
        or response.get("Content-Type") == CONTENT_TYPE
    ):
        return response
    kept = {name: response[name] for name in ("Allow", "Retry-After") if name in response}
    return problem_response(request, code_of_status(response.status_code), headers=kept)


def refused(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to what no view should see; None for all else."""
    if "\x00" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
        return error_response(
            request, "bad_request", detail="The address has a NUL character; remove it."
        )
    is_in_clear = not request.is_secure() and settings.SECURE_SSL_REDIRECT
    if is_in_clear and kind_of(request.path_info) is Kind.API:
        # A program that was redirected would go on sending its token in clear, unnoticed.
        return error_response(
            request,
            "bad_request",
            detail=(
                "Send this over HTTPS. What came without it was readable on the way: end the "
                "session, or revoke the key, that was in it."
            ),
        )
    length = _content_length(request)
    if length and length > body_limit(request.path_info):
        refusal = error_response(request, "body_too_large")
        refusal["Connection"] = "close"
        return refusal
    return None


def _content_length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0
