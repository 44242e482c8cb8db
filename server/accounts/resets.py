"""The tokens of password resets, through Django: for one account, one password and one hour."""

from __future__ import annotations

import re
from binascii import Error
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import Account

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

    from core.events import Clock

_LARGEST_ID = 2**63 - 1
_TOKEN = re.compile(r"[0-9a-z]{1,13}-[0-9a-f]{32}", re.ASCII)
# In the place of an account that is not there: as long as one that is.
_NOBODY = Account(
    pk=0, email="nobody@example.com", password=f"argon2$argon2id$v=19$m=19456,t=2,p=1${'x' * 66}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetLink:
    """What a link to a password reset consists of."""

    uid: str
    token: str


class _Generator(PasswordResetTokenGenerator):
    """Django's tokens, which signing in does not end, and a clock that knows no summer time."""

    key_salt = "accounts.resets"

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        # Not Django's, which has last_login too. The hash of the password is new whenever it is
        # set, to the same one again too: a token works once.
        return f"{user.pk}:{user.password}:{timestamp}:{user.get_username()}"

    def _now(self) -> datetime:
        return self._clock().astimezone(UTC).replace(tzinfo=None)


class PasswordResetTokens:
    """Make the tokens of password resets, and read them."""

    def __init__(self, clock: Clock) -> None:
        """Take the time from a clock."""
        self._generator = _Generator(clock)

    def issue(self, account: Account | None) -> ResetLink:
        """Return what leads to the reset; it takes as long where there is no account."""
        owner = account or _NOBODY
        return ResetLink(
            uid=urlsafe_base64_encode(str(owner.pk).encode()),
            token=self._generator.make_token(owner),
        )

    def account_id(self, uid: str) -> int | None:
        """Return whom a link names; None where it names nobody, or is none of ours."""
        try:
            text = urlsafe_base64_decode(uid).decode("ascii")
        except (ValueError, Error):  # UnicodeError is one
            return None
        if not re.fullmatch(r"[1-9][0-9]{0,18}", text, re.ASCII):
            return None
        return int(text) if int(text) <= _LARGEST_ID else None

    def is_good(self, account: Account, token: str) -> bool:
        """Tell whether a token is this account's, and neither used nor expired."""
        return bool(_TOKEN.fullmatch(token)) and self._generator.check_token(account, token)
