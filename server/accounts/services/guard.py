"""Who may try a password: no guessing, and nobody whom a stranger can lock out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import rules
from accounts.exceptions import TooManyAttempts

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.services.needs import Dependencies

SIGN_IN = "sign-in"
EVERYWHERE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt that was admitted: it counts as failed until it is told to have succeeded."""

    address: str
    network: str
    is_strangers: bool


class Guard:
    """Count attempts before a password is looked at, so that no two of them can pass as one."""

    def __init__(self, needs: Dependencies) -> None:
        """Take what the rule needs."""
        self._attempts = needs.attempts
        self._clock = needs.clock

    def admit(self, *, address: str, network: str) -> Attempt:
        """Count an attempt as failed, and let it try. Call it outside a transaction.

        Guesses from one network make that network wait. Guesses from many make all networks wait
        but those where the address was signed in lately: its owner is there.

        :raises TooManyAttempts: it has to wait.
        """
        now = self._clock()
        standing = self._attempts.standing(
            purpose=SIGN_IN,
            address=address,
            network=network,
            known_since=now - rules.NETWORK_IS_KNOWN_FOR,
        )
        # Asked first, so that who has to wait for strangers' sake is not made to wait longer.
        until = standing.strangers_wait_until
        if not standing.is_known and until and until > now:
            raise _too_many(until, now)
        # The network's own count is first: one network alone must not make all others wait.
        self._count(address, network, rules.ONE_NETWORK, now)
        if not standing.is_known:
            self._count(address, EVERYWHERE, rules.ALL_STRANGERS, now)
        return Attempt(address=address, network=network, is_strangers=not standing.is_known)

    def succeeded(self, attempt: Attempt) -> None:
        """Take an attempt back: the password was right. Its network is known from now on."""
        self.trust(address=attempt.address, network=attempt.network)
        if attempt.is_strangers:
            self._attempts.take_back(purpose=SIGN_IN, address=attempt.address, network=EVERYWHERE)

    def trust(self, *, address: str, network: str) -> None:
        """Remember that the owner of an address was in a network."""
        if network:
            self._attempts.note_success(
                purpose=SIGN_IN, address=address, network=network, at=self._clock()
            )

    def purge(self) -> int:
        """Remove counts that make nobody wait and no network known; return how many."""
        now = self._clock()
        return self._attempts.purge(at=now, known_since=now - rules.NETWORK_IS_KNOWN_FOR)

    def _count(self, address: str, network: str, patience: rules.Patience, now: datetime) -> None:
        until = self._attempts.count(
            purpose=SIGN_IN, address=address, network=network, patience=patience, at=now
        )
        if until:
            raise _too_many(until, now)


def _too_many(until: datetime, now: datetime) -> TooManyAttempts:
    return TooManyAttempts(seconds=max(1, math.ceil((until - now).total_seconds())))
