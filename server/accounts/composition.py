"""The one place that builds this app's services."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.passwords import Passwords
from accounts.repositories import AccountRepository, KeyRepository, SessionRepository
from accounts.services import AccountService, Dependencies, KeyService, SessionService
from accounts.tokens import Tokens
from core.repositories import record_events


def account_service() -> AccountService:
    """Build the use cases that create and change accounts."""
    needs = _dependencies()
    return AccountService(needs, sessions=SessionService(needs), signup_open=settings.SIGNUP_OPEN)


def session_service() -> SessionService:
    """Build the use cases of signing in and out."""
    return SessionService(_dependencies())


def key_service() -> KeyService:
    """Build the use cases of API keys."""
    return KeyService(_dependencies())


def sessions() -> SessionRepository:
    """Return where sessions are read."""
    return SessionRepository()


def keys() -> KeyRepository:
    """Return where API keys are read."""
    return KeyRepository()


def _dependencies() -> Dependencies:
    return Dependencies(
        accounts=AccountRepository(),
        sessions=SessionRepository(),
        keys=KeyRepository(),
        tokens=Tokens(),
        passwords=Passwords(),
        clock=timezone.now,
        record=record_events,
        atomic=transaction.atomic,
    )
