"""Which account owns which campaign. The bench knows it without asking the database."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from benchmarks.plan import HUNDRED, SMALL_ACCOUNTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.plan import Plan

STOPPED_EVERY = 3
"""Each third campaign is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The accounts 1 to n, and the owner of each campaign in the order of their ids from 1.

    Owners are shuffled: real accounts add campaigns in turn, so that the rows of one are spread
    over the whole table.
    """

    sizes: Sequence[int]
    """Campaigns of each account, in the order of account ids from 1."""
    owners: Sequence[int]
    campaigns: dict[int, list[int]] = field(default_factory=dict)
    """The ids of each account's campaigns, ascending."""

    @property
    def big(self) -> int:
        """The account with the most campaigns."""
        return self.sizes.index(max(self.sizes)) + 1

    @property
    def hundreds(self) -> list[int]:
        """The accounts with exactly 100 campaigns."""
        return [number for number, size in enumerate(self.sizes, start=1) if size == HUNDRED]

    @property
    def others(self) -> list[int]:
        """The accounts of ordinary size, whatever it is exactly."""
        return [
            number
            for number, size in enumerate(self.sizes, start=1)
            if size not in {HUNDRED, max(self.sizes)}
        ]


def small() -> Layout:
    """Return the store of 1,000 campaigns."""
    return _shuffled([HUNDRED] * SMALL_ACCOUNTS)


def large(plan: Plan) -> Layout:
    """Return the large store: one big account, some of 100 campaigns, the others alike."""
    rest = plan.accounts - 1 - plan.hundreds
    left = plan.campaigns - plan.big_account - plan.hundreds * HUNDRED
    each, more = divmod(left, rest)
    ordinary = [each + 1] * more + [each] * (rest - more)
    return _shuffled([plan.big_account, *[HUNDRED] * plan.hundreds, *ordinary])


def _shuffled(sizes: list[int]) -> Layout:
    owners = [number for number, size in enumerate(sizes, start=1) for _ in range(size)]
    random.Random(1).shuffle(owners)
    layout = Layout(sizes=sizes, owners=owners)
    for campaign, owner in enumerate(owners, start=1):
        layout.campaigns.setdefault(owner, []).append(campaign)
    return layout


def session_id(account: int) -> uuid.UUID:
    """Return the session that the bench signs an account in with."""
    return uuid.UUID(bytes=blake2b(b"%d" % account, digest_size=16).digest(), version=4)


def is_running(campaign: int) -> bool:
    """Tell whether a campaign runs when it is loaded."""
    return campaign % STOPPED_EVERY != 0
