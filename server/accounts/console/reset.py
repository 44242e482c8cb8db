"""The page that a mailed link leads to: it takes the new password."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import commands, composition, rules
from accounts.exceptions import InvalidResetToken
from core.exceptions import InvalidInput
from core.limiting.clients import client_network

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def reset_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Show the form, or set the password. Looking at the page uses nothing up.

    The token is looked at when the password is sent: a page that told before would tell whoever
    tries tokens.
    """
    if request.method != "POST":
        return _page(request)
    password = request.POST.get("password", "")
    if len(password) > rules.LONGEST_PASSWORD:
        return _page(request, errors=[f"At most {rules.LONGEST_PASSWORD} characters."])
    command = commands.ResetPassword(
        uid=uid, token=token, password=password, network=client_network(request)
    )
    try:
        composition.reset_service().reset(command)
    except InvalidResetToken as error:
        return _page(request, errors=[error.detail])
    except InvalidInput as error:
        return _page(request, errors=[violation.detail for violation in error.violations])
    return render(request, "accounts/reset_done.html")


def _page(request: HttpRequest, *, errors: list[str] | None = None) -> HttpResponse:
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return render(request, "accounts/reset.html", {"errors": errors}, status=status)
