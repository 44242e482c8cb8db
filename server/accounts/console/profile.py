"""The account's own page: its details, password, sessions and API keys."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts import commands, composition
from accounts.console import browser
from accounts.console.devices import device_label
from accounts.console.doors import page
from accounts.console.forms import DetailsForm, KeyForm, PasswordForm
from accounts.exceptions import TooManyAttempts
from core.console.errors import try_again
from core.console.notices import notify
from core.exceptions import InvalidInput
from core.limiting.clients import client_network

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.console.doors import PageRequest
    from accounts.console.forms import ConsoleForm
    from accounts.models import ApiKey, Session

_SHOWN = 100
"""Sessions, and keys, that the page lists; the API pages through all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSession:
    """A session as the page lists it."""

    session: Session
    label: str
    is_here: bool


@page("GET")
def profile(request: PageRequest) -> HttpResponse:
    """Show everything."""
    return _shown(request)


@page("GET", "POST")
def details(request: PageRequest) -> HttpResponse:
    """Change name, time zone and currency."""
    if request.method != "POST":
        return _back()
    form = DetailsForm(request.POST, initial=_details_of(request))
    if not form.is_valid():
        return _shown(request, details=form)
    owner = request.account.pk
    composition.account_service().change_profile(
        commands.ChangeProfile(account_id=owner, actor_id=owner, **form.cleaned_data)
    )
    notify(request, _("Your profile is saved."))
    return _back()


@page("GET", "POST", limit="signin")  # a password to hash, and to be guessed, as there
@sensitive_post_parameters("current_password", "new_password")
def password(request: PageRequest) -> HttpResponse:
    """Change the password; every other session ends."""
    if request.method != "POST":
        return _back()
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _shown(request, password=form)
    owner = request.account.pk
    command = commands.ChangePassword(
        account_id=owner,
        actor_id=owner,
        session_id=request.session_id,
        network=client_network(request),
        **form.cleaned_data,
    )
    try:
        composition.account_service().change_password(command)
    except TooManyAttempts as error:
        seconds = error.retry_after or 1
        form.add_error("current_password", f"{error.reason} {try_again(seconds)}")
        refused = _shown(request, status=HTTPStatus.TOO_MANY_REQUESTS, password=form)
        refused["Retry-After"] = str(seconds)
        return refused
    except InvalidInput as error:
        form.refuse(error)
        return _shown(request, password=form)
    browser.renew(request)
    notify(request, _("Your password is changed. You are signed out everywhere else."))
    return _back()


@page("POST")
def end_session(request: PageRequest, session_id: UUID) -> HttpResponse:
    """Sign out there."""
    owner = request.account.pk
    composition.session_service().end(
        commands.EndSession(account_id=owner, actor_id=owner, session_id=session_id)
    )
    if session_id != request.session_id:
        notify(request, _("That browser or program is signed out."))
    return _back()


@page("POST")
def end_other_sessions(request: PageRequest) -> HttpResponse:
    """Sign out everywhere else."""
    owner = request.account.pk
    composition.session_service().end_others(
        commands.EndOtherSessions(account_id=owner, actor_id=owner, session_id=request.session_id)
    )
    notify(request, _("You are signed out everywhere else."))
    return _back()


@page("GET", "POST")
def keys(request: PageRequest) -> HttpResponse:
    """Make an API key, and show it this once: it is stored nowhere, not even for a redirect."""
    if request.method != "POST":
        return _back()
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _shown(request, key=form)
    owner = request.account.pk
    made, text = composition.key_service().create(
        commands.CreateKey(account_id=owner, actor_id=owner, **form.cleaned_data)
    )
    return _shown(request, status=HTTPStatus.CREATED, made=made, text=text)


@page("POST")
def revoke_key(request: PageRequest, key_id: int) -> HttpResponse:
    """Make a key useless."""
    owner = request.account.pk
    composition.key_service().revoke(
        commands.RevokeKey(account_id=owner, actor_id=owner, key_id=key_id)
    )
    notify(request, _("The key is revoked. Programs that used it are refused."))
    return _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("console:profile"))


def _shown(
    request: PageRequest,
    *,
    status: int | None = None,
    made: ApiKey | None = None,
    text: str = "",
    **wrong: ConsoleForm,
) -> HttpResponse:
    """Show the page, with a form that was refused in its place."""
    for form in wrong.values():
        form.point()
    context: dict[str, Any] = {
        "details": DetailsForm(initial=_details_of(request)),
        "password": PasswordForm(),
        "key": KeyForm(),
        "sessions": _sessions(request),
        "keys": composition.keys().live(account_id=request.account.pk).order_by("-pk")[:_SHOWN],
        "made": made,
        "text": text,
        **wrong,
    }
    if status is None:
        status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    return render(request, "accounts/console/profile.html", context, status=status)


def _details_of(request: PageRequest) -> dict[str, str]:
    names = ("display_name", "time_zone", "default_currency")
    return {name: getattr(request.account, name) for name in names}


def _sessions(request: PageRequest) -> list[ShownSession]:
    """Return the sessions, this browser's first, then by their last use."""
    here = request.session_id
    live = composition.sessions().live(account_id=request.account.pk, at=timezone.now())
    found = [*live.filter(pk=here), *live.exclude(pk=here).order_by("-last_refreshed_at")[:_SHOWN]]
    return [
        ShownSession(session=row, label=device_label(row.device), is_here=row.pk == here)
        for row in found
    ]
