"""The page that a mailed link leads to: it takes the new password."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from accounts import commands, composition
from accounts.console.forms import ResetForm
from accounts.exceptions import InvalidResetToken
from core.exceptions import InvalidInput
from core.limiting.clients import client_network
from core.pages import takes

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@takes("GET", "POST")
@sensitive_post_parameters("password")
def reset_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Show the form, or set the password. Looking at the page uses nothing up.

    The token is looked at when the password is sent: a page that told before would tell whoever
    tries tokens.
    """
    if request.method != "POST":
        return _page(request, ResetForm())
    form = ResetForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    command = commands.ResetPassword(
        uid=uid,
        token=token,
        password=form.cleaned_data["password"],
        network=client_network(request),
    )
    try:
        composition.reset_service().reset(command)
    except InvalidResetToken as error:
        form.refuse(error, field="password")
        return _page(request, form, status=HTTPStatus.BAD_REQUEST, is_dead=True)
    except InvalidInput as error:
        form.refuse(error)
        return _page(request, form, status=HTTPStatus.BAD_REQUEST)
    return render(request, "accounts/reset_done.html")


def _page(
    request: HttpRequest, form: ResetForm, *, status: int = HTTPStatus.OK, is_dead: bool = False
) -> HttpResponse:
    context = {"form": form.point(), "is_dead": is_dead}
    return render(request, "accounts/reset.html", context, status=status)
