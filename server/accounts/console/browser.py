"""The session of a browser: a row among the account's sessions, named in Django's own session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.middleware.csrf import rotate_token
from django.utils import timezone

from accounts import commands, composition, rules
from accounts.exceptions import InvalidCredentials, TooManyAttempts
from core.limiting.clients import client_network
from core.limiting.limits import require_within
from core.metrics import counted_sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.http import HttpRequest

    from accounts.models import Account
    from accounts.services import SignedIn

_KEY = "console_session"
EMAIL, PASSWORD = "resume-email", "resume-password"  # nosec B105  # names of fields
_NOT_SENT_AGAIN = frozenset({EMAIL, PASSWORD, "csrfmiddlewaretoken"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who uses a browser, and with which session."""

    account: Account
    session_id: UUID
    last_used_at: datetime


def visitor(request: HttpRequest) -> Visitor | None:
    """Return who is signed in with a browser; None where nobody is, or the session has ended."""
    named = request.session.get(_KEY)
    if named is None:
        return None
    session = composition.sessions().of_browser(session_id=UUID(named), at=timezone.now())
    if session is None:
        return None
    return Visitor(
        account=session.account, session_id=session.pk, last_used_at=session.last_refreshed_at
    )


def begin(request: HttpRequest, signed_in: SignedIn) -> None:
    """Make a session the browser's, under a new key and with a new CSRF token.

    Its tokens are thrown away: a browser has the cookie, and nobody can refresh it.
    """
    request.session.flush()
    request.session[_KEY] = str(signed_in.session_id)
    rotate_token(request)


def end(request: HttpRequest) -> None:
    """Forget the session in this browser."""
    request.session.flush()


def sign_in(request: HttpRequest, *, email: str, password: str) -> SignedIn:
    """Sign in with a browser.

    :raises InvalidCredentials: unknown address, wrong password or shut out: one answer.
    :raises TooManyAttempts: too many have failed; this one was not looked at.
    """
    with counted_sign_in("console"):
        signed_in = composition.session_service().sign_in(
            commands.SignIn(
                email=email,
                password=password,
                device=device(request),
                network=client_network(request),
            )
        )
    begin(request, signed_in)
    return signed_in


def device(request: HttpRequest) -> str:
    """Return what the session is called in the list of sessions."""
    return rules.device_name(request.headers.get("User-Agent", ""))


def resumed(request: HttpRequest) -> Visitor | None:
    """Sign in who sent a form again, with a password, because the session had ended.

    :raises RateLimited: too many have tried.
    """
    if PASSWORD not in request.POST:
        return None
    require_within(request, "signin")
    try:
        signed_in = sign_in(
            request,
            email=request.POST.get(EMAIL, ""),
            password=request.POST[PASSWORD][: rules.LONGEST_PASSWORD + 1],
        )
    except (InvalidCredentials, TooManyAttempts) as error:
        request.__dict__["resume_errors"] = [error.detail]
        return None
    return Visitor(
        account=signed_in.account, session_id=signed_in.session_id, last_used_at=timezone.now()
    )


def resume_errors(request: HttpRequest) -> list[str]:
    """Return why the last password was not taken."""
    found: list[str] = request.__dict__.get("resume_errors", [])
    return found


def sent(request: HttpRequest) -> Iterator[tuple[str, Any]]:
    """Return what a form sent, to be sent again."""
    for name, values in request.POST.lists():
        if name not in _NOT_SENT_AGAIN:
            for value in values:
                yield name, value
