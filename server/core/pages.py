"""Pages that belong to no app: what each problem means, and errors outside the API."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import Http404
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from core.problems import PROBLEMS, code_of, is_api, problem_response

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from core.exceptions import DomainError


@require_safe
def problem_index(request: HttpRequest) -> HttpResponse:
    """List every problem with its explanation."""
    return render(request, "problems/index.html", {"problems": PROBLEMS})


@require_safe
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one problem."""
    if code not in PROBLEMS:
        raise Http404
    context = {"code": code, "problem": PROBLEMS[code]}
    return render(request, "problems/problem.html", context)


def error_response(request: HttpRequest, code: str, *, detail: str | None = None) -> HttpResponse:
    """Answer an error: a problem under ``/api/`` or where JSON is preferred, a page elsewhere."""
    if is_api(request) or _prefers_json(request):
        return problem_response(request, code, detail=detail)
    problem = PROBLEMS[code]
    context = {"problem": problem, "detail": detail or problem.explanation}
    part = "#alert" if getattr(request, "htmx", False) else ""
    return render(request, f"console/error.html{part}", context, status=problem.status)


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Answer what the domain refuses, where no view of the API does."""
    response = error_response(request, error.code, detail=error.detail)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _prefers_json(request: HttpRequest) -> bool:
    preferred = request.get_preferred_type(
        ["text/html", "application/problem+json", "application/json"]
    )
    return preferred is not None and preferred != "text/html"


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
    """Answer a form that nobody got from here (``CSRF_FAILURE_VIEW``)."""
    return error_response(
        request,
        "forbidden",
        detail="The form has expired, or did not come from this site. Load the page again.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an exception that nobody caught (``handler500``), and log it."""
    exception = sys.exc_info()[1] or RuntimeError("handler500 without an exception")
    return error_response(request, code_of(exception))
