"""Sign in, sign up, sign out, and a forgotten password: pages for who is not signed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters

from accounts import commands, composition
from accounts.console import browser
from accounts.console.forms import ForgottenForm, SignInForm, SignUpForm
from accounts.exceptions import EmailTaken, InvalidCredentials, SignupClosed, TooManyAttempts
from core.console.errors import try_again
from core.console.theme import safe_path
from core.exceptions import InvalidInput
from core.pages import refusal, takes

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.console.forms import ConsoleForm


@takes("GET", "POST")
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in, and go to where they wanted to be."""
    there = _there(request)
    if request.method != "POST":
        if browser.visitor(request):
            return HttpResponseRedirect(there)
        return _page(request, "sign_in", SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, "sign_in", form, status=HTTPStatus.BAD_REQUEST)
    try:
        browser.sign_in(request, **form.cleaned_data)
    except InvalidCredentials as error:
        form.refuse(error, field="password")
        return _page(request, "sign_in", form, status=HTTPStatus.BAD_REQUEST)
    except TooManyAttempts as error:
        seconds = error.retry_after or 1
        form.add_error("password", f"{error.reason} {try_again(seconds)}")
        refused = _page(request, "sign_in", form, status=HTTPStatus.TOO_MANY_REQUESTS)
        refused["Retry-After"] = str(seconds)
        return refused
    return HttpResponseRedirect(there)


@takes("GET", "POST")
@sensitive_post_parameters("password")
def sign_up(request: HttpRequest) -> HttpResponse:
    """Create an account and sign in to it, where the operator lets strangers do that."""
    if not settings.SIGNUP_OPEN:
        return refusal(request, SignupClosed())
    if request.method != "POST":
        return _page(request, "sign_up", SignUpForm())
    form = SignUpForm(request.POST)
    if form.is_valid():
        try:
            browser.sign_up(request, **form.cleaned_data)
        except EmailTaken as error:
            form.refuse(error, field="email")
        except InvalidInput as error:
            form.refuse(error)
        else:
            return HttpResponseRedirect(_there(request))
    return _page(request, "sign_up", form, status=HTTPStatus.BAD_REQUEST)


@takes("POST")
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session of this browser; where it has none, there is nothing to do."""
    browser.end(request)
    return HttpResponseRedirect(reverse("sign-in"))


@takes("GET", "POST")
def forgotten(request: HttpRequest) -> HttpResponse:
    """Send a link to an address that has an account, and say the same for any other."""
    if request.method != "POST":
        is_sent = "sent" in request.GET
        return _page(request, "forgotten", ForgottenForm(), is_sent=is_sent)
    form = ForgottenForm(request.POST)
    if not form.is_valid():
        return _page(request, "forgotten", form, status=HTTPStatus.BAD_REQUEST)
    composition.reset_service().ask(commands.AskForReset(**form.cleaned_data))
    return HttpResponseRedirect(f"{reverse('forgotten')}?sent")


def _there(request: HttpRequest) -> str:
    """Return where they wanted to be, if that is on this site."""
    return safe_path(request, request.POST.get("next") or request.GET.get("next") or "/")


def _page(
    request: HttpRequest, name: str, form: ConsoleForm, *, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    context = {
        "form": form.point(),
        "next": _there(request),
        "signup_open": settings.SIGNUP_OPEN,
        "mail_is_set_up": settings.MAIL_IS_SET_UP,
        **more,
    }
    return render(request, f"accounts/console/{name}.html", context, status=status)
