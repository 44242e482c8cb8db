"""The one place that builds this app's services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.mailing import ResetPostman
from accounts.passwords import Passwords
from accounts.repositories import (
    AccountRepository,
    AttemptRepository,
    KeyRepository,
    SessionRepository,
)
from accounts.resets import PasswordResetTokens
from accounts.services import (
    AccountService,
    Dependencies,
    Guard,
    KeyService,
    ResetService,
    SessionService,
)
from accounts.tokens import Tokens
from core.repositories import record_events

if TYPE_CHECKING:
    from core.events import Clock


def account_service(
    *, clock: Clock = timezone.now, signup_open: bool | None = None
) -> AccountService:
    """Build the use cases that create and change accounts.

    :param clock: the time they write; the demo data has a past.
    :param signup_open: whether strangers may create an account; None asks the settings.
    """
    needs = _dependencies(clock=clock)
    guard = Guard(needs)
    return AccountService(
        needs,
        guard=guard,
        sessions=SessionService(needs, guard=guard),
        signup_open=settings.SIGNUP_OPEN if signup_open is None else signup_open,
    )


def accounts() -> AccountRepository:
    """Return where accounts are read."""
    return AccountRepository()


def session_service() -> SessionService:
    """Build the use cases of signing in and out."""
    needs = _dependencies()
    return SessionService(needs, guard=Guard(needs))


def reset_service() -> ResetService:
    """Build the use cases of forgotten passwords."""
    needs = _dependencies()
    return ResetService(
        needs,
        guard=Guard(needs),
        tokens=PasswordResetTokens(needs.clock),
        postman=ResetPostman(),
    )


def guard() -> Guard:
    """Build what counts attempts to sign in."""
    return Guard(_dependencies())


def key_service() -> KeyService:
    """Build the use cases of API keys."""
    return KeyService(_dependencies())


def sessions() -> SessionRepository:
    """Return where sessions are read."""
    return SessionRepository()


def keys() -> KeyRepository:
    """Return where API keys are read."""
    return KeyRepository()


def _dependencies(*, clock: Clock = timezone.now) -> Dependencies:
    return Dependencies(
        accounts=AccountRepository(),
        sessions=SessionRepository(),
        keys=KeyRepository(),
        attempts=AttemptRepository(),
        tokens=Tokens(),
        passwords=Passwords(),
        clock=clock,
        record=record_events,
        atomic=transaction.atomic,
    )
