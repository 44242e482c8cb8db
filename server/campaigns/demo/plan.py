"""Plan the demo's campaigns and their past. The same plan each time, whatever the day is.

Moments are told by how long ago they were, so that whoever carries the plan out decides what
"now" is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING

from campaigns import rules
from campaigns.commands import CampaignDetails, PayoutTerms
from campaigns.demo.markets import (
    PER_EURO,
    REGIONS,
    TIER_SHARE,
    Country,
    Region,
    believable,
    everywhere,
)
from campaigns.demo.verticals import LOCAL_TITLES, VERTICALS, Brand, Vertical
from core.reference import currencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED = 20_250_317
CAMPAIGNS_PER_VERTICAL = 30
OLDEST = timedelta(days=240)
NEWEST = timedelta(hours=3)

_TRACKING = (
    "?cid={click_id}",
    "?click={click_id}&sub={source_id}",
    "?utm_source=ratecard&utm_campaign={campaign_id}&cid={click_id}",
    "?partner={partner_id}&clickid={click_id}",
    "#ref={click_id}",
    "/{click_id}",
)
_HOSTS = ("{host}", "www.{host}", "go.{host}", "shop.{host}")
_HOUSE_CURRENCIES = ("EUR", "EUR", "USD")
_RIVALS = ("B", "C", "D", "E", "F", "G", "H")


class Action(StrEnum):
    """What happens to a campaign after it was created."""

    START = "start"
    STOP = "stop"
    CHANGE = "change"
    DELETE = "delete"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to a campaign; ``details`` are a change's new values."""

    ago: timedelta
    action: Action
    details: CampaignDetails | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCampaign:
    """A campaign as it was created, and what happened to it since, oldest first."""

    vertical: str
    ago: timedelta
    title: str
    landing_page_url: str
    is_running: bool
    payouts: tuple[PayoutTerms, ...]
    steps: tuple[Step, ...]


def planned_campaigns() -> tuple[PlannedCampaign, ...]:
    """Return the campaigns of the demo account, oldest first."""
    random = Random(SEED)  # noqa: S311 -- the same data each time is the point, not secrecy
    titles = _Titles()
    plans = [
        _plan(random, titles, vertical)
        for vertical in VERTICALS
        for _ in range(CAMPAIGNS_PER_VERTICAL)
    ]
    plans += [_local_plan(random, *local) for local in LOCAL_TITLES]
    plans += _reused_titles(random, plans)
    return tuple(sorted(plans, key=lambda plan: (-plan.ago, plan.title)))


class _Titles:
    """Titles that were given; a second one of the same name gets a letter, as people do."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, title: str) -> str:
        candidates = (title, *(f"{title} ({letter})" for letter in _RIVALS))
        chosen = next(text for text in candidates if rules.title_key(text) not in self._taken)
        self._taken.add(rules.title_key(chosen))
        return chosen


def _plan(random: Random, titles: _Titles, vertical: Vertical) -> PlannedCampaign:
    brand = random.choice(vertical.brands)
    goal, euros = random.choice(vertical.goals)
    angle = random.choice(vertical.angles)
    region = random.choice(brand.regions)
    if vertical.sells_everywhere and _chance(random, 10):
        card, where = _card_for_everywhere(random, euros)
    else:
        card, where = _rate_card(random, euros, REGIONS[region])
    title = random.choice(
        (
            f"{brand.name} - {goal} - {where} - {angle}",
            f"{brand.name} | {angle} | {where}",
            f"{where}: {brand.name} {angle}, {goal}",
            f"{brand.name} {angle} [{where}] {goal}",
        )
    )
    country = next((terms.country for terms in card if terms.country), "INT")
    plan = PlannedCampaign(
        vertical=vertical.name,
        ago=_between(random, NEWEST, OLDEST),
        title=titles.free(title),
        landing_page_url=_landing_page(random, brand, random.choice(vertical.paths), country),
        is_running=_chance(random, 60),
        payouts=card,
        steps=(),
    )
    return replace(plan, steps=_steps(random, plan))


def _local_plan(random: Random, title: str, url: str, region: str) -> PlannedCampaign:
    card, _ = _rate_card(random, Decimal(12), REGIONS[region])
    return PlannedCampaign(
        vertical="local",
        ago=_between(random, NEWEST, OLDEST),
        title=title,
        landing_page_url=url,
        is_running=True,
        payouts=card,
        steps=(),
    )


def _reused_titles(random: Random, plans: Sequence[PlannedCampaign]) -> Iterator[PlannedCampaign]:
    """Plan live campaigns under the titles of deleted ones, which then cannot come back as is."""
    deleted = [plan for plan in plans if plan.steps and plan.steps[-1].action is Action.DELETE]
    for plan in deleted[:3]:
        ago = plan.steps[-1].ago * random.randint(30, 80) / 100
        yield replace(plan, ago=ago, is_running=True, steps=())


# Rate cards.


def _rate_card(
    random: Random, euros: Decimal, region: Region
) -> tuple[tuple[PayoutTerms, ...], str]:
    """Return a rate card, and what a title says about where it pays."""
    shapes = ("region", "some", "one", "fallback", "worldwide")
    shape = random.choices(shapes, (36, 13, 18, 20, 13))[0]
    house_currency = random.choice((*_HOUSE_CURRENCIES, None))
    worldwide = _terms(random, euros * TIER_SHARE[3], house_currency or "USD", None)
    if shape == "worldwide":
        return (worldwide,), "WW"
    countries: Sequence[Country] = region.countries
    if shape == "some":
        countries = random.sample(countries, max(1, len(countries) - 1))
    elif shape == "one":
        countries = [random.choice(countries)]
    card = _country_terms(random, euros, countries, house_currency)
    if shape == "fallback":
        return (worldwide, *card), f"{region.name} + WW"
    if shape == "region":
        return card, region.name
    return card, " ".join(sorted(country.code for country in countries))


def _card_for_everywhere(random: Random, euros: Decimal) -> tuple[tuple[PayoutTerms, ...], str]:
    currency = random.choice(_HOUSE_CURRENCIES)
    worldwide = _terms(random, euros * TIER_SHARE[3], currency, None)
    return (worldwide, *_country_terms(random, euros, everywhere(), currency)), "Global"


def _country_terms(
    random: Random, euros: Decimal, countries: Sequence[Country], house_currency: str | None
) -> tuple[PayoutTerms, ...]:
    """Return what countries are paid, in one currency or else in each country's own."""
    return tuple(
        _terms(
            random,
            euros * TIER_SHARE[country.tier],
            house_currency or country.currency,
            country.code,
        )
        for country in countries
    )


def _terms(random: Random, euros: Decimal, currency: str, country: str | None) -> PayoutTerms:
    worth = euros * random.randint(80, 130) / 100
    return PayoutTerms(country=country, amount=_amount(worth, currency), currency=currency)


def _amount(euros: Decimal, currency: str) -> Decimal:
    return believable(euros, currency, minor_digits=currencies()[currency].minor_digits)


def _landing_page(random: Random, brand: Brand, path: str, country: str) -> str:
    host = random.choice(_HOSTS).format(host=brand.host)
    scheme = "http" if _chance(random, 3) else "https"
    folder = path.replace("{lang}", country.lower())
    return f"{scheme}://{host}{folder}{random.choice(_TRACKING)}"


# What happened since.


def _steps(random: Random, plan: PlannedCampaign) -> tuple[Step, ...]:
    """Return a believable past: prices change, campaigns start and stop, some are deleted."""
    moments = sorted(
        (
            _between(random, NEWEST / 2, plan.ago)
            for _ in range(random.choice((0, 0, 1, 1, 2, 3, 5)))
        ),
        reverse=True,
    )
    is_running, card, steps = plan.is_running, plan.payouts, []
    for ago in moments:
        if _chance(random, 45):
            action = Action.STOP if is_running else Action.START
            is_running = not is_running
            steps.append(Step(ago=ago, action=action))
            continue
        details = _change(random, plan, card)
        card = details.payouts or card
        steps.append(Step(ago=ago, action=Action.CHANGE, details=details))
    if _chance(random, 12):
        last = min([plan.ago, *moments])
        steps += _ending(random, last, restored=_chance(random, 25))
    return tuple(steps)


def _change(
    random: Random, plan: PlannedCampaign, card: tuple[PayoutTerms, ...]
) -> CampaignDetails:
    kind = random.choices(("prices", "one price", "fewer", "page", "fallback"), (4, 5, 2, 2, 2))[0]
    if kind == "prices":
        percent = random.choice((85, 90, 110, 115, 125))
        return CampaignDetails(payouts=tuple(_repriced(terms, percent) for terms in card))
    if kind == "fewer" and len(card) > 1:
        gone = random.randrange(len(card))
        return CampaignDetails(payouts=card[:gone] + card[gone + 1 :])
    if kind == "page":
        page, mark, fragment = plan.landing_page_url.partition("#")
        page += f"{'&' if '?' in page else '?'}v={random.randint(2, 9)}"
        return CampaignDetails(landing_page_url=page + mark + fragment)
    if kind == "fallback" and all(terms.country for terms in card):
        return CampaignDetails(payouts=(_repriced(replace(card[0], country=None), 40), *card))
    chosen = random.randrange(len(card))
    percent = random.choice((80, 120, 130, 150))
    return CampaignDetails(
        payouts=(*card[:chosen], _repriced(card[chosen], percent), *card[chosen + 1 :])
    )


def _repriced(terms: PayoutTerms, percent: int) -> PayoutTerms:
    euros = terms.amount / PER_EURO[terms.currency] * percent / 100
    return replace(terms, amount=_amount(euros, terms.currency))


def _ending(random: Random, last: timedelta, *, restored: bool) -> Iterator[Step]:
    """Delete a campaign lately enough to be restored, and perhaps restore it."""
    deleted = min(_between(random, timedelta(days=1), timedelta(days=26)), last * 9 / 10)
    yield Step(ago=deleted, action=Action.DELETE)
    if restored:
        yield Step(ago=deleted * random.randint(20, 80) / 100, action=Action.RESTORE)


def _between(random: Random, earliest: timedelta, latest: timedelta) -> timedelta:
    return timedelta(
        seconds=random.randint(int(earliest.total_seconds()), int(latest.total_seconds()))
    )


def _chance(random: Random, percent: int) -> bool:
    return random.randrange(100) < percent
