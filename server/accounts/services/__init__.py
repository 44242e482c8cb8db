"""The use cases of accounts: one public method is one use case and one transaction."""

from __future__ import annotations

from accounts.services.accounts import AccountService
from accounts.services.guard import Guard
from accounts.services.keys import KeyService
from accounts.services.needs import Dependencies
from accounts.services.resets import ResetService
from accounts.services.sessions import SessionService, SignedIn

__all__ = [
    "AccountService",
    "Dependencies",
    "Guard",
    "KeyService",
    "ResetService",
    "SessionService",
    "SignedIn",
]
