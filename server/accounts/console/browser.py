"""The session of a browser: a row among the account's sessions, named in Django's own session."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import commands, composition, rules
from accounts.exceptions import InvalidCredentials, TooManyAttempts
from core.console.errors import try_again
from core.console.resending import EMAIL, PASSWORD
from core.exceptions import NotFound
from core.limiting.clients import client_network
from core.limiting.limits import require_within
from core.metrics import counted_sign_in

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from accounts.models import Account
    from accounts.services import SignedIn

_KEY = "console_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who uses a browser, and with which session."""

    account: Account
    session_id: UUID
    last_used_at: datetime


def visitor(request: HttpRequest) -> Visitor | None:
    """Return who is signed in with a browser; None where nobody is, or the session has ended."""
    session_id = _named(request)
    if session_id is None:
        return None
    session = composition.sessions().of_browser(session_id=session_id, at=timezone.now())
    if session is None:
        return None
    return Visitor(
        account=session.account, session_id=session.pk, last_used_at=session.last_refreshed_at
    )


def _named(request: HttpRequest) -> UUID | None:
    """Return the session that a browser was given; what cannot be read is none."""
    try:
        return UUID(str(request.session[_KEY]))
    except (KeyError, ValueError):
        return None


def begin(request: HttpRequest, signed_in: SignedIn) -> None:
    """Make a session the browser's, under a new key and with a new CSRF token.

    The one that it had before ends: nobody could use it, and the list would show it for a week. The
    new one's tokens are thrown away: a browser has the cookie, and nobody can refresh it.
    """
    end(request)
    request.session[_KEY] = str(signed_in.session_id)
    rotate_token(request)


def end(request: HttpRequest) -> None:
    """End the session of this browser, if it has one, and forget it."""
    here = visitor(request)
    if here is not None:
        # Somebody may have ended it this moment.
        with suppress(NotFound):
            composition.session_service().end(
                commands.EndSession(
                    account_id=here.account.pk,
                    actor_id=here.account.pk,
                    session_id=here.session_id,
                )
            )
    request.session.flush()


def end_with_admin(*, request: HttpRequest, **_signal: Any) -> None:
    """End this browser's session with the admin's, which share a cookie: nobody could use it.

    The list would show it for a week.
    """
    end(request)


def renew(request: HttpRequest) -> None:
    """Go on under a new key: who knew the old one, and the old password, knows nothing now."""
    request.session.cycle_key()
    rotate_token(request)


def keep(request: HttpRequest, session_id: UUID) -> None:
    """Let the session last on, and the cookie that names it as long."""
    if composition.session_service().keep(session_id):
        request.session.modified = True


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


def sign_up(
    request: HttpRequest, *, email: str, password: str, display_name: str, time_zone: str
) -> None:
    """Create an account, and sign in to it with a browser.

    :raises SignupClosed: the operator creates the accounts here.
    :raises InvalidInput: the password is weak.
    :raises EmailTaken: the address has an account.
    """
    command = commands.SignUp(
        email=email,
        password=password,
        display_name=display_name,
        time_zone=time_zone,
        device=device(request),
        network=client_network(request),
    )
    begin(request, composition.account_service().sign_up(command))


def device(request: HttpRequest) -> str:
    """Return what the session is called in the list of sessions."""
    return rules.device_name(request.headers.get("User-Agent", ""))


def resumed(request: HttpRequest) -> Visitor | None:
    """Sign in who sent a form again, with a password, because the session had ended.

    What was typed is the former account's: another one may not send it as its own.

    :raises RateLimited: too many have tried.
    """
    if PASSWORD not in request.POST:
        return None
    require_within(request, "signin")
    email = request.POST.get(EMAIL, "")
    former = former_email(request)
    if former and rules.lookup_email(email) != former:
        _say(
            request,
            _("This was typed by %(email)s: sign in with that address to send it.")
            % {"email": former},
        )
        return None
    try:
        signed_in = sign_in(
            request, email=email, password=request.POST[PASSWORD][: rules.LONGEST_PASSWORD + 1]
        )
    except InvalidCredentials as error:
        _say(request, error.detail)
        return None
    except TooManyAttempts as error:
        _say(request, f"{error.reason} {try_again(error.retry_after or 1)}")
        return None
    return Visitor(
        account=signed_in.account, session_id=signed_in.session_id, last_used_at=timezone.now()
    )


def _say(request: HttpRequest, why: str) -> None:
    request.__dict__["resume_error"] = why


def resume_error(request: HttpRequest) -> str:
    """Return why the last password was not taken."""
    found: str = request.__dict__.get("resume_error", "")
    return found


def former_email(request: HttpRequest) -> str:
    """Return the address of who was signed in here before the session ended, if that is known."""
    session_id = _named(request)
    return composition.sessions().email_of(session_id=session_id) if session_id else ""
