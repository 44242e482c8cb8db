"""Results on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.say import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.findings import Findings, Verdict

VERDICTS = ("what", "budget", "measured", "")


def show(findings: Findings) -> None:
    """Print what a section found."""
    say()
    say(findings.title)
    for line in columns([findings.header, *findings.rows]):
        say(f"   {line}")
    say()


def show_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print all budgets, and which are not met."""
    rows = [
        (verdict.what, verdict.budget, verdict.measured, "met" if verdict.met else "NOT MET")
        for verdict in verdicts
    ]
    say("Budgets")
    for line in columns([VERDICTS, *rows]):
        say(f"   {line}")
    missed = sum(not verdict.met for verdict in verdicts)
    say()
    say(f"{len(verdicts) - missed} of {len(verdicts)} budgets are met.")


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines: the first column to the left, all others to the right."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
