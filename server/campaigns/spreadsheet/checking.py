"""Check the rows of a file by the rules of campaigns, and put those of one title together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from campaigns import commands, rules
from campaigns.landing_page import clean_landing_page_url
from campaigns.spreadsheet.form import COLUMNS
from campaigns.spreadsheet.reading import Problem
from core.exceptions import RuleViolation
from core.reference import clean_country, clean_currency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from campaigns.spreadsheet.reading import Record

MOST_PROBLEMS = 100
"""How many are told of; nobody mends more at once."""
_STATES = {"true": True, "false": False}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a file; what is wrong in it is None, and worldwide is ``""``."""

    number: int
    title: str
    url: str | None
    is_running: bool | None
    country: str | None
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A campaign as a file has it, with its whole rate card, and how many rows that took."""

    title: str
    title_key: str
    url: str
    is_running: bool
    payouts: tuple[commands.PayoutTerms, ...]


class Problems:
    """The problems that were found: the first of them, and how many there are."""

    def __init__(self) -> None:
        """Begin with none."""
        self.count = 0
        self._first: list[Problem] = []

    def add(self, problem: Problem) -> None:
        """Count a problem."""
        self.count += 1
        self._first.append(problem)
        if len(self._first) >= 2 * MOST_PROBLEMS:
            self._first = self.first

    @property
    def first(self) -> list[Problem]:
        """Those of the first rows, in their order."""
        in_order = sorted(self._first, key=lambda problem: problem.row or 0)
        return in_order[:MOST_PROBLEMS]


def checked(record: Record, problems: Problems) -> Row | None:
    """Return a row's values, clean; None where not even its title can be read."""
    cells = record.cells
    if cells is None:
        problems.add(
            Problem(
                row=record.number,
                column=None,
                code="wrong_width",
                detail=f"This row has {record.width} cells; it needs {len(COLUMNS)}. Quote cells "
                "that have the separator in them.",
            )
        )
        return None

    def clean(column: str, rule: Callable[[str], _Value]) -> _Value | None:
        try:
            return rule(cells[column])
        except RuleViolation as violation:
            problems.add(
                Problem(
                    row=record.number,
                    column=column,
                    code=violation.code,
                    detail=violation.detail,
                )
            )
            return None

    title = clean("title", _title)
    url = clean("landing_page_url", _url)
    is_running = clean("is_running", _state)
    country = clean("country", _country)
    amount = clean("amount", _amount)
    currency = clean("currency", _currency)
    if title is None:
        return None
    return Row(
        number=record.number,
        title=title,
        url=url,
        is_running=is_running,
        country=country,
        amount=amount,
        currency=currency,
    )


def disagreements(rows: Sequence[Row]) -> Iterator[Problem]:
    """Return where the rows of one title contradict each other."""
    urls: tuple[int, str] | None = None
    states: tuple[int, bool] | None = None
    countries: dict[str, int] = {}
    for row in rows:
        if row.url is not None:
            urls = urls or (row.number, row.url)
            if row.url != urls[1]:
                yield _differs(row, urls[0], "landing_page_url", "another URL")
        if row.is_running is not None:
            states = states or (row.number, row.is_running)
            if row.is_running != states[1]:
                yield _differs(row, states[0], "is_running", "another state")
        if row.country is not None:
            first = countries.setdefault(row.country, row.number)
            if first != row.number:
                name = rules.country_name(row.country or None)
                yield Problem(
                    row=row.number,
                    column="country",
                    code="duplicate_country",
                    detail=f"Row {first} has a payout of this title for {name} already; keep one.",
                )


def _differs(row: Row, first: int, column: str, what: str) -> Problem:
    return Problem(
        row=row.number,
        column=column,
        code="disagrees",
        detail=f"Row {first} has {what} for this title; the rows of one title agree.",
    )


def card_of(rows: Sequence[Row]) -> Card:
    """Return the campaign that the rows of one title make; they are right, and agree.

    The first row's spelling of the title counts.
    """
    first = rows[0]
    payouts = tuple(
        commands.PayoutTerms(
            country=row.country or None,
            amount=_right(row.amount),
            currency=_right(row.currency),
        )
        for row in rows
    )
    rules.require_rate_card(terms.country for terms in payouts)
    return Card(
        title=first.title,
        title_key=rules.title_key(first.title),
        url=_right(first.url),
        is_running=_right(first.is_running),
        payouts=payouts,
    )


def _right(value: _Value | None) -> _Value:
    if value is None:
        raise ValueError("A file with a wrong value makes no campaign.")
    return value


# The rows of one title have most of their values from the row before.
_title = lru_cache(maxsize=64)(rules.clean_title)
_url = lru_cache(maxsize=64)(clean_landing_page_url)


def _state(text: str) -> bool:
    """Return whether it runs; spreadsheets write it in capitals."""
    try:
        return _STATES[text.strip().lower()]
    except KeyError:
        raise RuleViolation("invalid", "This takes true or false.") from None


def _country(text: str) -> str:
    """Return a country's code, or nothing for the world."""
    code = text.strip()
    return clean_country(code) if code else ""


def _amount(text: str) -> Decimal:
    return rules.clean_amount(text.strip())


def _currency(text: str) -> str:
    return clean_currency(text.strip())
