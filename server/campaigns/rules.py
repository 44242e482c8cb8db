"""The rules of a campaign's values: pure functions that clean a value or refuse it.

The doors call them to say what is wrong and where, the commands call them so that an invalid
command cannot be made, and the database repeats them as named constraints (``models.py``).
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.exceptions import InvalidInput, RuleViolation, Violation
from core.reference import countries, currencies
from core.text import clean_line, comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_TITLE = 200
AMOUNT_DIGITS = 15
AMOUNT_DECIMALS = 4
LARGEST_AMOUNT = Decimal("99999999999.9999")
"""Fifteen digits survive SQLite, which stores decimals as binary floating point."""
MOST_PAYOUTS = 250
"""One for each country of ISO 3166-1, and a worldwide one."""
RESTORABLE_FOR = timedelta(days=30)
MOST_AT_ONCE = 500
"""Campaigns that are started, stopped, deleted or restored with one request."""
AMOUNT_PATTERN = r"^(0|[1-9][0-9]{0,10})(\.[0-9]{1,4})?$"

_AMOUNT = re.compile(AMOUNT_PATTERN.removesuffix("$"), re.ASCII)


def clean_title(text: str) -> str:
    """Return a title: one line of 1 to 200 characters, trimmed, in Unicode's form NFC.

    :raises RuleViolation: it is not.
    """
    return clean_line(text, longest=LONGEST_TITLE)


def title_key(title: str) -> str:
    """Return what is unique among an account's live campaigns: the title, whatever its case."""
    return comparison_key(clean_line(title, longest=LONGEST_TITLE))


def clean_amount(value: str | int | Decimal) -> Decimal:
    """Return an amount, exactly as it was written.

    :param value: digits with a point as text, or a number; never a float.
    :raises RuleViolation: it is not greater than 0, is over 99,999,999,999.9999, or has more than
        four decimals.
    """
    if isinstance(value, str):
        if not _AMOUNT.fullmatch(value):
            raise _wrong_amount_text(value)
        amount = Decimal(value)
    else:
        amount = Decimal(value)
    if not amount.is_finite() or amount <= 0:
        raise RuleViolation("min_value", "An amount is greater than 0.")
    if amount > LARGEST_AMOUNT:
        raise RuleViolation("max_value", f"An amount is at most {LARGEST_AMOUNT:,}.")
    exact = amount.quantize(Decimal(1).scaleb(-AMOUNT_DECIMALS))
    if exact != amount:
        raise RuleViolation("max_decimal_places", "An amount has at most 4 decimals.")
    return exact


def _wrong_amount_text(text: str) -> RuleViolation:
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return RuleViolation("min_value", "An amount is greater than 0.")
    if re.fullmatch(r"[1-9][0-9]{11,}(\.[0-9]*)?", text, re.ASCII):
        return RuleViolation("max_value", f"An amount is at most {LARGEST_AMOUNT:,}.")
    if re.fullmatch(r"[0-9]+\.[0-9]{5,}", text, re.ASCII):
        return RuleViolation("max_decimal_places", "An amount has at most 4 decimals.")
    return RuleViolation("invalid", 'An amount is written like "12", "1.50" or "0.0005".')


def amount_text(amount: Decimal, currency: str) -> str:
    """Write an amount: the currency's minor digits at least, no trailing zeros beyond them.

    ``"1.50"`` and ``"0.0005"`` for EUR, ``"120"`` for JPY.
    """
    known = currencies().get(currency)
    minor_digits = known.minor_digits if known else 2
    whole, _, decimals = f"{amount:.{AMOUNT_DECIMALS}f}".partition(".")
    decimals = decimals.rstrip("0").ljust(minor_digits, "0")
    return f"{whole}.{decimals}" if decimals else whole


def require_rate_card(card: Iterable[str | None]) -> None:
    """Check the countries of a whole rate card: at least one payout, no country twice.

    :param card: the country of each payout, None for the worldwide one, in the order given.
    :raises InvalidInput: there is none, or a country stands twice; it points to the second.
    """
    seen: set[str | None] = set()
    twice = []
    for index, country in enumerate(card):
        if country in seen:
            twice.append((index, country))
        seen.add(country)
    if not seen:
        raise InvalidInput(
            [Violation(path=("payouts",), code="empty", detail="A campaign has a payout at least.")]
        )
    if twice:
        raise InvalidInput(
            Violation(
                path=("payouts", index, "country"),
                code="duplicate_country",
                detail=f"{country_name(country)} stands twice; keep one payout for it.",
            )
            for index, country in twice
        )


def country_name(code: str | None) -> str:
    """Return a country's English name; no country is the world."""
    return "Worldwide" if code is None else countries().get(code, code)
