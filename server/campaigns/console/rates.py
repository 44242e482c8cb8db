"""A rate card in a row: its highest payouts, and how many more there are."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

import orjson

from core.reference import currencies

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 3


class Rate(TypedDict):
    """What one country, or the world, is paid."""

    country: str | None
    country_name: str
    amount: Decimal
    currency: str


class Rates(TypedDict):
    """What a row shows of a rate card (``campaigns/console/rates.html``)."""

    top: Sequence[Rate]
    more: int
    """Countries that are paid for and not shown."""
    worldwide: Rate | None
    countries: int


def rates_of(rendered_payouts: str, *, country: str = "") -> Rates:
    """Return what a row shows of a rate card, from its stored JSON: no query.

    :param country: one that somebody looks for; what it is paid comes first.
    """
    payouts: list[dict[str, Any]] = orjson.loads(rendered_payouts)
    own = [payout for payout in payouts if payout["country"] is not None]
    worldwide = [payout for payout in payouts if payout["country"] is None]
    own.sort(key=_worth, reverse=True)
    own.sort(key=lambda payout: payout["country"] != country)
    top = own[:_SHOWN]
    return Rates(
        top=[_rate(payout) for payout in top],
        more=len(own) - len(top),
        worldwide=_rate(worldwide[0]) if worldwide else None,
        countries=len(own),
    )


def _worth(payout: dict[str, Any]) -> float:
    """Return what payouts are ordered by.

    There are no rates of exchange here. Cents, and whole yen, are nearer to each other than euros
    and yen are.
    """
    known = currencies().get(payout["currency"])
    cents: float = 10.0 ** (known.minor_digits if known else 2)
    return float(payout["amount"]) * cents


def _rate(payout: dict[str, Any]) -> Rate:
    return Rate(
        country=payout["country"],
        country_name=payout["country_name"],
        amount=Decimal(payout["amount"]),
        currency=payout["currency"],
    )
