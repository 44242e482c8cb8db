"""The rate card: what one conversion pays in each country, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from campaigns.commands import PayoutTerms
    from campaigns.models import CampaignPayout


class HasCountry(Protocol):
    """Something for one country, or worldwide where that is None."""

    @property
    def country(self) -> str | None:
        """The country's code."""


class HasTerms(HasCountry, Protocol):
    """Something that is paid in a country, in a currency."""

    @property
    def currency(self) -> str:
        """The currency's code."""


Payout = TypeVar("Payout", bound=HasCountry)
Reason = Literal["country", "worldwide", "none"]
_WORLDWIDE = "WORLD"
"""What stands for no country; codes of countries and currencies have two and three letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate(Generic[Payout]):
    """Which payout applies to a country, and why."""

    payout: Payout | None
    reason: Reason


def resolve(payouts: Iterable[Payout], country: str) -> Rate[Payout]:
    """Return what a country is paid: its own payout, else the worldwide one, else nothing."""
    by_country = {payout.country: payout for payout in payouts}
    if (own := by_country.get(country)) is not None:
        return Rate(payout=own, reason="country")
    if (worldwide := by_country.get(None)) is not None:
        return Rate(payout=worldwide, reason="worldwide")
    return Rate(payout=None, reason="none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What turns one rate card into another; payouts are matched by country, so ids survive."""

    added: Sequence[PayoutTerms]
    changed: Sequence[tuple[CampaignPayout, PayoutTerms]]
    removed: Sequence[CampaignPayout]
    kept: Sequence[CampaignPayout]


def revise(current: Sequence[CampaignPayout], wanted: Sequence[PayoutTerms]) -> Revision:
    """Compare the payouts that there are with those that there should be."""
    by_country = {payout.country: payout for payout in current}
    wanted_countries = {terms.country for terms in wanted}
    matched = [
        (by_country[terms.country], terms) for terms in wanted if terms.country in by_country
    ]
    return Revision(
        added=[terms for terms in wanted if terms.country not in by_country],
        changed=[(payout, terms) for payout, terms in matched if not payout.pays(terms)],
        removed=[payout for payout in current if payout.country not in wanted_countries],
        kept=[payout for payout, _ in matched],
    )


def in_order(payouts: Iterable[CampaignPayout]) -> list[CampaignPayout]:
    """Return payouts as every answer lists them: the worldwide one, then by country."""
    return sorted(payouts, key=lambda payout: payout.country or "")


def terms_key(payouts: Iterable[HasTerms]) -> str:
    """Return where and in which currencies a rate card pays, as filters look for it.

    Every word has a space before and after it, so that whole words can be found by LIKE.
    """
    words = {word for payout in payouts for word in (_place(payout.country), payout.currency)}
    return f" {' '.join(sorted(words))} "


def has_country(country: str | None) -> str:
    """Return what a key has in it if its rate card has a payout for a country, or worldwide."""
    return f" {_place(country)} "


def has_currency(currency: str) -> str:
    """Return what a key has in it if its rate card has a payout in a currency."""
    return f" {currency} "


def _place(country: str | None) -> str:
    return country or _WORLDWIDE
