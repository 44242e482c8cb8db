"""Passwords, through Django: hashing them, comparing them, and which are too weak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import Account
from core.exceptions import RuleViolation

if TYPE_CHECKING:
    from collections.abc import Sequence


class Passwords:
    """Hash passwords, compare them, judge them."""

    def hash(self, password: str) -> str:
        """Return the salted hash to store."""
        return make_password(password)

    def matches(self, password: str, encoded: str | None) -> bool:
        """Tell whether a password is the stored one.

        Without a stored one it takes the same time to say no, so that the time does not tell
        which addresses have an account.
        """
        if encoded is None:
            make_password(password)
            return False
        return check_password(password, encoded)

    def weaknesses(
        self, password: str, *, email: str, display_name: str
    ) -> Sequence[RuleViolation]:
        """Return what is wrong with a new password; nothing if it will do."""
        owner = Account(email=email, display_name=display_name)
        try:
            validate_password(password, owner)
        except ValidationError as error:
            return [
                RuleViolation(weakness.code or "invalid", " ".join(weakness.messages))
                for weakness in error.error_list
            ]
        return []
