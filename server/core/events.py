"""The vocabulary of the history: what changed, told once, in the change's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Values = dict[str, Any]
"""Field names and values, as JSON has them; an amount is text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened to one subject, such as ``campaign.payout_changed``.

    ``old`` is null for what came into being, ``new`` for what went away.
    """

    name: str
    account_id: int
    subject_type: str
    subject_id: int
    old: Values | None = None
    new: Values | None = None


class Recorder(Protocol):
    """Write changes into the history. Call it inside the transaction that makes the change."""

    def __call__(self, changes: Sequence[Change], *, actor_id: int | None, at: datetime) -> None:
        """Record the changes; ``actor_id`` is null for what the system did by itself."""


class Clock(Protocol):
    """Tell the time."""

    def __call__(self) -> datetime:
        """Return the present moment, aware and in UTC."""


Atomic = Callable[[], AbstractContextManager[None]]
"""Open a transaction: all of its block is stored, or nothing."""
