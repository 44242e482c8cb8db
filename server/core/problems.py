"""Errors as RFC 9457 has them: one table from codes to statuses, one handler that writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework.views import set_rollback

from core.error_reports import report
from core.exceptions import DomainError, InvalidInput, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

log = structlog.get_logger("ratecard.problems")

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A kind of error: its status, its title, and what its page says about it."""

    status: int
    title: str
    explanation: str


PROBLEMS: Mapping[str, Problem] = {
    "bad_request": Problem(
        status=400,
        title="Bad request",
        explanation=(
            "The request could not be understood: its address, a header or its body is malformed, "
            "or its host is not one that this server answers for (its operator lists them in "
            "`ALLOWED_HOSTS`)."
        ),
    ),
    "malformed_json": Problem(
        status=400,
        title="Malformed JSON",
        explanation=(
            "The body is not JSON as RFC 8259 has it, in UTF-8. Names may not stand twice in one "
            "object, numbers must be finite and whole numbers fit 64 bits, and nesting is limited."
        ),
    ),
    "validation": Problem(
        status=400,
        title="Invalid input",
        explanation=(
            "One or more values break a rule. Each entry of `errors` has a `pointer` (RFC 6901) "
            "into the body you sent, or the name of a query `parameter`, and says what is right."
        ),
    ),
    "invalid_reset_token": Problem(
        status=400,
        title="Reset link does not work",
        explanation=(
            "The link of a password reset works once, for an hour, and until the password is "
            "changed. Ask for a new one with `POST /api/v1/auth/password/reset/`."
        ),
    ),
    "not_authenticated": Problem(
        status=401,
        title="Not signed in",
        explanation=(
            "This needs an access token or an API key: `Authorization: Bearer …`. "
            "Sign in with `POST /api/v1/auth/signin/`."
        ),
    ),
    "invalid_token": Problem(
        status=401,
        title="Invalid token",
        explanation=(
            "The token is expired, ended, revoked, malformed or of another kind. Access tokens "
            "live five minutes: refresh them with `POST /api/v1/auth/refresh/`, or sign in again."
        ),
    ),
    "invalid_credentials": Problem(
        status=401,
        title="Wrong e-mail address or password",
        explanation="No account that may sign in has this e-mail address and this password.",
    ),
    "token_spent": Problem(
        status=401,
        title="Refresh token already used",
        explanation=(
            "A refresh token works once. This one has been exchanged a moment ago, by a request "
            "in parallel: use the tokens of its answer."
        ),
    ),
    "token_reused": Problem(
        status=401,
        title="Refresh token used again",
        explanation=(
            "A refresh token works once. This one was exchanged long ago, so that somebody may "
            "have copied it; its whole session has been ended. Sign in again."
        ),
    ),
    "forbidden": Problem(
        status=403,
        title="Not allowed",
        explanation="You are signed in, but may not do this.",
    ),
    "read_only_key": Problem(
        status=403,
        title="The API key may only read",
        explanation="Writing needs a key of the scope `write`, or an access token.",
    ),
    "session_required": Problem(
        status=403,
        title="Not with an API key",
        explanation=(
            "Sessions, keys, the password and the profile are managed by a person who signed in; "
            "send an access token."
        ),
    ),
    "signup_closed": Problem(
        status=403,
        title="Sign-up is closed",
        explanation=(
            "This server creates no accounts by itself. Ask its operator (setting `SIGNUP`)."
        ),
    ),
    "not_found": Problem(
        status=404,
        title="Not found",
        explanation="It is not there, or it is not yours: both are the same answer.",
    ),
    "method_not_allowed": Problem(
        status=405,
        title="Method not allowed",
        explanation="The address exists, but not for this method; `Allow` names those it has.",
    ),
    "not_acceptable": Problem(
        status=406,
        title="Not acceptable",
        explanation=(
            "The API answers JSON, and exports CSV; let `Accept` allow `application/json`, or "
            "`text/csv`."
        ),
    ),
    "email_taken": Problem(
        status=409,
        title="E-mail address taken",
        explanation="An account with this e-mail address exists. Sign in, or use another address.",
    ),
    "title_taken": Problem(
        status=409,
        title="Title taken",
        explanation=(
            "Another of your campaigns has this title; case does not count. Titles of deleted "
            "campaigns are free."
        ),
    ),
    "country_taken": Problem(
        status=409,
        title="Country has a payout",
        explanation=(
            "A campaign has at most one payout for a country, and at most one worldwide. Change "
            "the one that is there."
        ),
    ),
    "last_payout": Problem(
        status=409,
        title="Last payout",
        explanation="A campaign always has a payout. Add another first, or delete the campaign.",
    ),
    "not_deleted": Problem(
        status=409,
        title="Not deleted",
        explanation="The campaign is live, so there is nothing to restore under another title.",
    ),
    "too_many_imports": Problem(
        status=409,
        title="Too many imports at once",
        explanation=(
            "An account may have five imports that have not ended. Wait for one of them, and send "
            "the file again."
        ),
    ),
    "import_not_applicable": Problem(
        status=409,
        title="Nothing to apply",
        explanation=(
            "Only a dry run that found no problems can be applied, and only for a day: then its "
            "file is removed. Send the file again."
        ),
    ),
    "version_mismatch": Problem(
        status=412,
        title="Changed by someone else",
        explanation=(
            "`If-Match` names another version than the current one. Read it again, apply your "
            "change to what you find, and send it with the new `ETag`."
        ),
    ),
    "body_too_large": Problem(
        status=413,
        title="Body too large",
        explanation=(
            "A body may have 1 MiB at most, a file to import 50 MiB. Send the work in several "
            "requests."
        ),
    ),
    "unsupported_media_type": Problem(
        status=415,
        title="Unsupported media type",
        explanation=(
            "The API reads JSON: send `Content-Type: application/json`. A file to import is "
            "`text/csv`."
        ),
    ),
    "idempotency_mismatch": Problem(
        status=422,
        title="Idempotency key of another request",
        explanation=(
            "For 24 hours an `Idempotency-Key` stands for one request: its method, address, body "
            "and `If-Match`. This key came with another one before. Nothing was done; send a new "
            "request with a new key."
        ),
    ),
    "rate_limited": Problem(
        status=429,
        title="Too many requests",
        explanation=(
            "A limit is reached: of the account where somebody is signed in, of the network "
            "otherwise. Wait for `Retry-After` seconds. `RateLimit-Policy` names the limits that "
            "count a request, `RateLimit` says what is left of them."
        ),
    ),
    "too_many_attempts": Problem(
        status=429,
        title="Too many failed sign-ins",
        explanation=(
            "Too many attempts to sign in with this e-mail address have failed, from your network "
            "or from many others. The password was not looked at. Wait for `Retry-After` seconds, "
            "or reset the password: whoever did that, or has signed in from a network lately, is "
            "not kept waiting there for what others tried elsewhere."
        ),
    ),
    "internal_error": Problem(
        status=500,
        title="Internal error",
        explanation=(
            "Something broke on our side, and has been logged under the `request_id`. Tell the "
            "operator this id."
        ),
    ),
    "unavailable": Problem(
        status=503,
        title="Temporarily unavailable",
        explanation="The database is away or busy. Try again after `Retry-After` seconds.",
    ),
}

_CODE_OF_STATUS = {
    400: "bad_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
    503: "unavailable",
}

_CODE_OF_EXCEPTION: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((Http404,), "not_found"),
    ((PermissionDenied,), "forbidden"),
    ((RequestDataTooBig,), "body_too_large"),
    (
        (BadRequest, SuspiciousOperation, UnreadablePostError, MultiPartParserError),
        "bad_request",
    ),
    ((drf.NotAuthenticated, drf.AuthenticationFailed), "not_authenticated"),
    ((OperationalError, InterfaceError), "unavailable"),
)


def code_of_status(status: int) -> str:
    """Return the code of a status for which nothing more exact is known."""
    return _CODE_OF_STATUS.get(status, "bad_request" if status < 500 else "internal_error")  # noqa: PLR2004 -- HTTP's classes of statuses


def problem_response(
    request: HttpRequest,
    code: str,
    *,
    detail: str | None = None,
    violations: tuple[Violation, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Write a problem.

    :param code: a key of ``PROBLEMS``.
    :param detail: what to do about this one; the explanation of its kind otherwise.
    """
    problem = PROBLEMS[code]
    body: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": problem.title,
        "status": problem.status,
        "code": code,
        "detail": detail or problem.explanation,
        "instance": request.path,
        "request_id": getattr(request, "request_id", ""),
    }
    if violations:
        body["errors"] = [_violation(violation) for violation in violations]
    response = HttpResponse(
        orjson.dumps(body, default=str), status=problem.status, content_type=CONTENT_TYPE
    )
    if problem.status == 401:  # noqa: PLR2004 -- RFC 9110, section 11.6.1 demands the header
        response["WWW-Authenticate"] = 'Bearer realm="ratecard"'
    if problem.status == 503:  # noqa: PLR2004 -- the status is the name
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _violation(violation: Violation) -> dict[str, str]:
    place = (
        {"parameter": ".".join(map(str, violation.path))}
        if violation.in_query
        else {"pointer": json_pointer(violation.path)}
    )
    return {**place, "code": violation.code, "detail": violation.detail}


def json_pointer(path: tuple[str | int, ...]) -> str:
    """Write a path as a JSON pointer (RFC 6901); the whole body is the empty one."""
    return (
        "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
        .encode("utf-8", "replace")
        .decode()
    )


def exception_handler(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """Answer for any exception that a view of the API raised (DRF's EXCEPTION_HANDLER)."""
    set_rollback()
    return problem_for(context["request"], exception)


def problem_for(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """Turn an exception into its problem; an unknown one is logged with its traceback."""
    if isinstance(exception, DomainError):
        violations = exception.violations if isinstance(exception, InvalidInput) else ()
        later = exception.retry_after
        return problem_response(
            request,
            exception.code,
            detail=exception.detail,
            violations=violations,
            headers=None if later is None else {"Retry-After": str(later)},
        )
    return problem_response(request, code_of(exception))


def code_of(exception: BaseException) -> str:
    """Return the code of an exception that is none of ours; what is our fault is logged."""
    for kinds, code in _CODE_OF_EXCEPTION:
        if isinstance(exception, kinds):
            if code == "unavailable":
                log.warning("database_unavailable", exc_info=exception)
            return code
    if isinstance(exception, drf.APIException):
        return code_of_status(exception.status_code)
    log.error("unexpected_exception", exc_info=exception)
    report(exception)
    return "internal_error"


def is_api(request: HttpRequest) -> bool:
    """Tell whether every error at this address is a problem, whatever the client accepts."""
    return request.path_info.startswith("/api/")
