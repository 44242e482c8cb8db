"""Pages that belong to no app: what each problem means, and errors outside the API."""

from __future__ import annotations

import sys
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, cast

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import Http404
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from core.console import resending
from core.console.errors import WORDS, Words, try_again
from core.exceptions import InvalidInput
from core.problems import PROBLEMS, RETRY_AFTER_SECONDS, code_of, is_api, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from core.exceptions import DomainError, Violation

_OUR_FAULT = HTTPStatus.INTERNAL_SERVER_ERROR
_P = ParamSpec("_P")


class View(Protocol):
    """A view that says what methods it takes."""

    methods: tuple[str, ...]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer."""


def error_response(
    request: HttpRequest,
    code: str,
    *,
    detail: str | None = None,
    words: Words | None = None,
    seconds: int | None = None,
) -> HttpResponse:
    """Answer an error: a problem under ``/api/`` or where JSON is preferred, a page elsewhere.

    :param words: what a page says instead of what it says for the code.
    :param seconds: after how long the same request may succeed, where that is known.
    """
    if is_api(request) or _prefers_json(request):
        return problem_response(request, code, detail=detail)
    problem = PROBLEMS[code]
    words = words or WORDS.get(code) or Words(title=problem.title, remedy="")
    context = {
        "status": problem.status,
        "title": words.title,
        "happened": words.happened or detail or problem.explanation,
        "remedy": words.remedy if seconds is None else try_again(seconds),
        "request_id": getattr(request, "request_id", "") if problem.status >= _OUR_FAULT else "",
    }
    # Asked by its header: some errors come before the middleware that reads it.
    part = "#alert" if request.headers.get("HX-Request") == "true" else ""
    response = render(request, f"console/error.html{part}", context, status=problem.status)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer what the domain refuses, where no view of the API does."""
    detail = error.detail
    if isinstance(error, InvalidInput) and not is_api(request):
        detail = " ".join(_told(violation) for violation in error.violations)
    response = error_response(request, error.code, detail=detail, seconds=error.retry_after)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _told(violation: Violation) -> str:
    """Return what is wrong with a value, and which one it is: a page has no field to mark."""
    name = ", ".join(str(step) for step in violation.path)
    return f"{name}: {violation.detail}" if name else violation.detail


def may_be_asked(method: str | None, methods: tuple[str, ...]) -> bool:
    """Tell whether a view that takes some methods takes this one: HEAD is a way of reading."""
    return method in methods or (method == "HEAD" and "GET" in methods)


def wrong_method(request: HttpRequest, methods: tuple[str, ...]) -> HttpResponse:
    """Answer a method that is not among those of an address."""
    response = error_response(request, "method_not_allowed")
    response["Allow"] = ", ".join(
        name for method in methods for name in ((method, "HEAD") if method == "GET" else (method,))
    )
    return response


def takes(*methods: str) -> Callable[[Callable[Concatenate[HttpRequest, _P], HttpResponse]], View]:
    """Let a page be asked with these methods only; a page answers others."""

    def decorate(view: Callable[Concatenate[HttpRequest, _P], HttpResponse]) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
            if not may_be_asked(request.method, methods):
                return wrong_method(request, methods)
            return view(request, *args, **kwargs)

        known = cast("View", answer)
        known.methods = methods
        return known

    return decorate


def _prefers_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(
        ["text/html", "application/problem+json", "application/json"]
    )
    return preferred is not None and preferred != "text/html"


@takes("GET")
def problem_index(request: HttpRequest) -> HttpResponse:
    """List every problem with its explanation."""
    return render(request, "problems/index.html", {"problems": PROBLEMS})


@takes("GET")
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem."""
    if code not in PROBLEMS:
        raise Http404
    context = {"code": code, "problem": PROBLEMS[code]}
    return render(request, "problems/problem.html", context)


@csrf_exempt
def unknown_api_path(request: HttpRequest) -> HttpResponse:
    """Answer 404 as a problem, and help with the most common slip: the missing slash."""
    if not request.path_info.endswith("/"):
        try:
            match = resolve(f"{request.path_info}/")
        except Resolver404:
            match = None
        if match and match.func is not unknown_api_path:
            detail = f"There is no {request.path}; with a slash at its end there is."
            return problem_response(request, "not_found", detail=detail)
    return problem_response(request, "not_found")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django refuses before a view is reached (``handler400``)."""
    if isinstance(exception, TooManyFieldsSent):
        detail = f"A form has at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:,} fields. Send less."
        return error_response(request, "bad_request", detail=detail)
    return error_response(request, code_of(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answer what a view does not permit (``handler403``)."""
    return error_response(request, "forbidden")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answer an address that leads nowhere (``handler404``)."""
    return error_response(request, "not_found", detail="There is nothing at this address.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 -- Django's signature
    """Answer a form whose token is another's (``CSRF_FAILURE_VIEW``).

    Who signs in in one window has an old token in the others. What was typed there is not lost: it
    is shown again with the new token, where it is one of our pages that sent it.
    """
    is_for_programs = _prefers_json(request) or "HX-Request" in request.headers
    if resending.is_ours(request) and request.POST and not is_for_programs:
        context = {"sent": resending.sent(request), "has_files": bool(request.FILES)}
        return render(request, "console/again.html", context, status=HTTPStatus.FORBIDDEN)
    return error_response(
        request,
        "forbidden",
        detail="The form has expired, or did not come from this site. Load the page again.",
        words=WORDS["form_expired"],
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception that nobody caught (``handler500``), and log it."""
    exception = sys.exc_info()[1] or RuntimeError("handler500 without an exception")
    return error_response(request, code_of(exception))
