"""What a section found out: a table, and which budgets are met."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A budget of the handbook, beside what was measured."""

    what: str
    budget: str
    measured: str
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The result of a section."""

    title: str
    explanation: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    verdicts: Sequence[Verdict] = field(default_factory=list)


def at_least(what: str, least: float, measured: float) -> Verdict:
    """Judge a ratio that should be high."""
    return Verdict(
        what=what,
        budget=f"at least {least:g} times",
        measured=f"{measured:.2f} times" if measured < 10 else f"{measured:.1f} times",  # noqa: PLR2004 -- three digits
        met=measured >= least,
    )


def at_most(what: str, most: float, measured: float, unit: str) -> Verdict:
    """Judge a figure that should be low."""
    return Verdict(
        what=what,
        budget=f"at most {most:g} {unit}",
        measured=f"{measured:.3g} {unit}",
        met=measured <= most,
    )
