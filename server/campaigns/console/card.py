"""A rate card as its page shows it: by currency, the highest first, the world last."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import orjson
from django.utils.translation import gettext as _

from campaigns import rules
from campaigns.rate_card import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from campaigns.rate_card import Reason

SHADES = 5
"""How many shades the map has."""
MIDDLE_SHADE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One payout, and how it compares with the others in its currency."""

    country: str | None
    amount: Decimal
    currency: str
    share: int
    """Its part of the highest in its currency, in percent, for a bar; 0 where it is alone in it."""
    shade: int
    """Where it is between the lowest and the highest of countries in its currency, from 1 to
    ``SHADES``; the world has none."""

    @property
    def name(self) -> str:
        """The country's name; the world is everywhere else."""
        return rules.country_name(self.country) if self.country else _("Everywhere else")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The countries that are paid in one currency, the highest payout first.

    Countries that are each alone in theirs share the last group, which has no currency.
    """

    currency: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A whole rate card."""

    groups: tuple[Group, ...]
    worldwide: Row | None

    @property
    def rows(self) -> list[Row]:
        """The countries, in order."""
        return [row for group in self.groups for row in group.rows]

    @property
    def compares(self) -> bool:
        """Whether any two countries can be compared."""
        return any(group.currency and len(group.rows) > 1 for group in self.groups)

    @property
    def currencies(self) -> set[str]:
        """Every currency, the world's too."""
        return {group.currency for group in self.groups} | (
            {self.worldwide.currency} if self.worldwide else set()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a country is paid, and why."""

    country: str
    name: str
    row: Row | None
    reason: Reason


def card_of(rendered_payouts: str) -> Card:
    """Read a rate card as it is stored with its campaign; its page then asks for nothing more."""
    payouts = [
        (payout["country"], Decimal(payout["amount"]), payout["currency"])
        for payout in orjson.loads(rendered_payouts)
    ]
    rows = sorted(_compared(payouts), key=lambda row: (row.currency, -row.amount, row.name))
    return Card(
        groups=_groups([row for row in rows if row.country]),
        worldwide=next((row for row in rows if not row.country), None),
    )


def answer(card: Card, country: str) -> Answer:
    """Say what a country is paid."""
    rows = card.rows if card.worldwide is None else [*card.rows, card.worldwide]
    rate = resolve(rows, country)
    name = rules.country_name(country)
    return Answer(country=country, name=name, row=rate.payout, reason=rate.reason)


def _groups(rows: Iterable[Row]) -> tuple[Group, ...]:
    groups = [tuple(same) for _currency, same in groupby(rows, attrgetter("currency"))]
    shared = sorted((group for group in groups if len(group) > 1), key=lambda group: -len(group))
    found = [Group(currency=group[0].currency, rows=group) for group in shared]
    alone = tuple(group[0] for group in groups if len(group) == 1)
    if alone:
        found.append(Group(currency="" if groups[1:] else alone[0].currency, rows=alone))
    return tuple(found)


def _compared(payouts: Sequence[tuple[str | None, Decimal, str]]) -> list[Row]:
    """Compare payouts with those in their currency: bars with all, shades with countries."""
    amounts: dict[str, list[Decimal]] = {}
    of_countries: dict[str, list[Decimal]] = {}
    for country, amount, currency in payouts:
        amounts.setdefault(currency, []).append(amount)
        if country:
            of_countries.setdefault(currency, []).append(amount)
    return [
        Row(
            country=country,
            amount=amount,
            currency=currency,
            share=_share(amount, amounts[currency]),
            shade=_shade(amount, of_countries[currency], mixed=len(of_countries) > 1)
            if country
            else 0,
        )
        for country, amount, currency in payouts
    ]


def _share(amount: Decimal, amounts: Sequence[Decimal]) -> int:
    return max(1, round(100 * amount / max(amounts))) if len(amounts) > 1 else 0


def _shade(amount: Decimal, amounts: Sequence[Decimal], *, mixed: bool) -> int:
    lowest, highest = min(amounts), max(amounts)
    if lowest == highest:
        # There is nothing that it is more or less than, unless the whole card is one shade.
        return MIDDLE_SHADE if mixed else SHADES
    place = SHADES * (amount - lowest) / (highest - lowest)
    return max(1, int(place.to_integral_value(rounding=ROUND_CEILING)))
