"""What the overview shows of an account's rate cards, and its latest changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, islice
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import caching, composition, rules
from campaigns.console import changes
from campaigns.imports.entities import SUBJECT as IMPORT
from campaigns.services.imports import KEPT_FOR as IMPORTS_KEPT_FOR
from campaigns.totals import Pay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accounts.models import Account
    from campaigns.console.changes import Line
    from core.models import Event

LATEST = 10
EVENTS_OF_ONE = 25
"""How many events of one campaign are read, to find those that one save caused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A country, or everywhere else: how many running campaigns pay there, and what."""

    country: str | None
    campaigns: int
    median: Decimal
    share: int
    """The median's part of the highest median, in percent, for a bar."""

    @property
    def name(self) -> str:
        """The country's name."""
        return rules.country_name(self.country) if self.country else _("Everywhere else")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What running campaigns pay, in one currency: amounts in two cannot be compared."""

    currency: str
    choices: Sequence[str]
    """The currencies that running campaigns pay in, the most used first, and the one chosen."""
    markets: Sequence[Market]
    hidden: int
    """How many countries are not among the markets."""
    highest: Pay | None
    countries: int
    """How many countries have a payout of their own, in any currency."""
    worldwide: int
    """How many campaigns have a worldwide payout, in any currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Highest:
    """The highest payout, and the campaign that pays it."""

    campaign_id: int
    title: str
    pay: Pay

    @property
    def where(self) -> str:
        """The country's code, or the world."""
        return self.pay.country or _("worldwide")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """What one save changed, or one import."""

    title: str
    """The campaign's; nothing for an import."""
    url: str
    """Where it leads; nothing where there is nothing to see any more."""
    line: Line
    others: int
    """How many changes came with it."""


def of(account: Account, *, currency: str | None, most: int | None) -> Figures:
    """Return what an account's running campaigns pay.

    :param currency: None is the account's own if it is used, else the one that is used most.
    :param most: how many countries to list; None is all.
    """
    pay = _pay(account)
    used = Counter[str]()
    for one in pay:
        used[one.currency] += one.campaigns
    chosen = currency or (
        account.default_currency
        if account.default_currency in used or not used
        else used.most_common(1)[0][0]
    )
    mine = [one for one in pay if one.currency == chosen]
    own = sorted(
        (one for one in mine if one.country), key=lambda one: (-one.campaigns, one.country)
    )
    world = [one for one in mine if one.country is None]
    shown = [*own[:most], *world]
    largest = max((one.median for one in shown), default=Decimal(1))
    choices = [code for code, _uses in used.most_common()]
    return Figures(
        currency=chosen,
        choices=choices if chosen in used else [chosen, *choices],
        markets=[
            Market(
                country=one.country,
                campaigns=one.campaigns,
                median=one.median,
                share=max(1, round(100 * one.median / largest)),
            )
            for one in shown
        ],
        hidden=len(own) - len(own[:most]),
        highest=max(mine, key=lambda one: (one.highest, one.country or ""), default=None),
        countries=len({one.country for one in pay if one.country}),
        worldwide=sum(one.campaigns for one in pay if one.country is None),
    )


def highest(account: Account, figures: Figures) -> Highest | None:
    """Return the highest payout with its campaign; None if nothing is paid in the currency."""
    if (pay := figures.highest) is None:
        return None

    def build() -> list[object]:
        found = composition.totals().paid_by(
            account_id=account.pk, country=pay.country, currency=pay.currency, amount=pay.highest
        )
        return list(found or ())

    found = caching.figures(account, f"highest.{pay.currency}", build)
    return Highest(campaign_id=found[0], title=found[1], pay=pay) if found else None


def latest(account: Account) -> list[Latest]:
    """Return what changed last: one entry for what one save changed, and for an import."""
    changed = composition.totals().latest_changes(
        account_id=account.pk, campaigns=LATEST, of_each=EVENTS_OF_ONE
    )
    saves = groupby(changed.events, lambda event: (event.subject_type, event.subject_id, event.at))
    return [_latest(list(events), changed.campaigns) for _key, events in islice(saves, LATEST)]


def _latest(events: Sequence[Event], campaigns: Mapping[int, tuple[str, bool]]) -> Latest:
    # The first that a save recorded is what it was about: the title before its payouts.
    first = events[-1]
    line, others = changes.line(first), len(events) - 1
    if first.subject_type == IMPORT:
        return Latest(title="", url=_import_url(first), line=line, others=others)
    title, is_live = campaigns[first.subject_id]
    url = reverse("console:campaign", args=[first.subject_id]) if is_live else ""
    return Latest(title=title, url=url, line=line, others=others)


def _import_url(event: Event) -> str:
    """Return the address of an import's page, as long as there is one."""
    is_kept = event.at > timezone.now() - IMPORTS_KEPT_FOR
    return reverse("console:import", args=[event.subject_id]) if is_kept else ""


def _pay(account: Account) -> list[Pay]:
    """Return what is paid, by country and currency."""

    def build() -> list[object]:
        # A few hundred rows: dataclasses.asdict, which copies deeply, would take longer than SQL.
        return [
            [one.country, one.currency, one.campaigns, str(one.median), str(one.highest)]
            for one in composition.totals().pay(account_id=account.pk)
        ]

    return [
        Pay(
            country=country,
            currency=currency,
            campaigns=campaigns,
            median=Decimal(median),
            highest=Decimal(highest),
        )
        for country, currency, campaigns, median, highest in caching.figures(account, "pay", build)
    ]
