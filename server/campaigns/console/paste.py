"""Rate cards that are pasted from a spreadsheet."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Sequence

_FEWEST, _MOST = 2, 3
_DIGIT = re.compile(r"[0-9]")
_LONGEST_SHOWN = 60
_HEADINGS = frozenset({"country", "countries", "country code", "geo", "market"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PastedLine:
    """A line that was read: what stood in it, as it was typed."""

    number: int
    text: str
    country: str
    amount: str
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLine:
    """A line that was not, and why."""

    number: int
    text: str
    problem: str

    @property
    def shown(self) -> str:
        """The line, as a message has room for it."""
        line = " ".join(self.text.split())
        return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


def read_lines(text: str) -> tuple[Sequence[PastedLine], Sequence[UnreadLine]]:
    """Return the lines of a pasted rate card, and those that cannot be read.

    A line has a country, an amount and, if it likes, a currency, with a tab, a semicolon or a comma
    between them. What they mean is read later, beside their fields. A first line that is plainly
    a heading is passed over.
    """
    found, unread = [], []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if not line.strip():
            continue
        cells = _cells(line)
        if number == 1 and cells and cells[0].casefold() in _HEADINGS:
            continue
        if problem := _problem(cells):
            unread.append(UnreadLine(number=number, text=line, problem=problem))
            continue
        country, amount, currency = (*cells, "")[:_MOST]
        found.append(
            PastedLine(number=number, text=line, country=country, amount=amount, currency=currency)
        )
    return found, unread


def _cells(line: str) -> list[str]:
    separator = next((mark for mark in "\t;" if mark in line), ",")
    try:
        cells = next(csv.reader([line], delimiter=separator))
    except csv.Error:
        return []
    cells = [cell.strip() for cell in cells]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _problem(cells: Sequence[str]) -> str:
    """Return why a line cannot be read, nothing where it can."""
    if not _FEWEST <= len(cells) <= _MOST or not cells[0]:
        return _("give a country, an amount and, if you like, a currency")
    if not _DIGIT.search(cells[1]):
        return _("the second column has no amount")
    if len(cells) == _MOST and _DIGIT.search(cells[2]):
        return _(
            "the third column is no currency; where amounts have a comma, separate with tabs or "
            "semicolons"
        )
    return ""
