"""Sign in, sign up, sign out: pages for who is not signed in yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.console import browser
from accounts.exceptions import InvalidCredentials, TooManyAttempts
from core.console.theme import safe_path

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go to where they wanted to be."""
    there = safe_path(request, request.POST.get("next") or request.GET.get("next") or "/")
    error = ""
    if request.method == "POST":
        try:
            browser.sign_in(
                request,
                email=request.POST.get("email", ""),
                password=request.POST.get("password", ""),
            )
        except (InvalidCredentials, TooManyAttempts) as refused:
            error = refused.detail
        else:
            return HttpResponseRedirect(there)
    elif browser.visitor(request):
        return HttpResponseRedirect(there)
    context = {
        "next": there,
        "error": error,
        "email": request.POST.get("email", ""),
        "signup_open": settings.SIGNUP_OPEN,
    }
    return render(request, "accounts/console/sign_in.html", context, status=400 if error else 200)
