"""The rows of a store, as the text that COPY reads."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from benchmarks.layout import is_running, session_id
from benchmarks.plan import PAYOUTS
from campaigns.models import Campaign, CampaignPayout
from campaigns.rendering import form
from core.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from benchmarks.layout import Layout

NULL = r"\N"
BLOCK = 2_000
"""Rows in one piece: large enough to be quick, small enough to need no memory."""

# One word in capitals at each end: sorting by title then does not depend on how case counts.
PRODUCTS = [
    *("Solar panels", "Heat pumps", "Car loans", "Credit cards", "Travel insurance", "Vpn"),
    *("Meal kits", "Mattresses", "Hearing aids", "Running shoes", "Online courses", "Pet food"),
    *("Web hosting", "Job board", "Dating app", "Puzzle game", "Coffee beans", "Savings account"),
    *("Broadband", "Contact lenses", "Language school", "Razors", "Vitamins", "Garden tools"),
    *("Used cars", "City tours", "Phone plans", "Photo prints", "Ticket exchange"),
]
REGIONS = [
    *("Baltics", "Nordics", "Benelux", "Iberia", "Balkans", "Alps", "Andes", "Caucasus"),
    *("Maghreb", "Levant", "Oceania", "Caribbean", "Highlands", "Lowlands", "Islands"),
    *("Coast", "North", "South", "East", "West", "Centre", "Capital", "Suburbs"),
]
COUNTRIES = [
    *("AT", "AU", "BE", "BR", "CA", "CH", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR"),
    *("HU", "IE", "IT", "JP", "LT", "LV", "MX", "NL", "NO", "PL", "PT", "RO", "SE", "SK", "US"),
]
CURRENCIES = ["EUR", "EUR", "EUR", "USD", "USD", "JPY"]
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=61, microseconds=10_007)
"""Between one campaign and the next: no time has whole seconds, and none comes twice."""
_CARDS = 997
"""Different rate cards; a prime, so that they fall together with nothing else."""

_MARKS = range(10**15, 10**15 + PAYOUTS)
"""Ids that stand for others in a text, since they cannot be anything else there."""

Card = list[tuple[str, str, str]]


def title(campaign: int) -> str:
    """Return the title of a campaign."""
    product = PRODUCTS[campaign % len(PRODUCTS)]
    region = REGIONS[campaign // len(PRODUCTS) % len(REGIONS)]
    return f"{product} for {region} {campaign:07d}"


def landing_page(campaign: int) -> str:
    """Return the landing page of a campaign."""
    return f"https://offer-{campaign % 5_000}.example/{campaign}?click={{click_id}}"


def created_at(campaign: int) -> str:
    """Return when a campaign was created."""
    return str(FIRST_DAY + campaign * APART)


@cache
def cards() -> list[Card]:
    """Return rate cards of five payouts: worldwide and four countries, or five countries."""
    chance = random.Random(2)
    return [_card(chance, worldwide=number % 2 == 0) for number in range(_CARDS)]


def _card(chance: random.Random, *, worldwide: bool) -> Card:
    countries = sorted(chance.sample(COUNTRIES, PAYOUTS - worldwide))
    card = []
    for country in [NULL] * worldwide + countries:
        currency = chance.choice(CURRENCIES)
        decimals = chance.choice([0, 2, 2, 4]) if currency != "JPY" else 0
        amount = f"{chance.uniform(0.5, 900):.{decimals}f}" if decimals else chance.randint(1, 900)
        card.append((country, f"{amount}", currency))
    return card


def card_of(campaign: int, all_cards: Sequence[Card]) -> Card:
    """Return the rate card of a campaign."""
    return all_cards[campaign % _CARDS]


# What a table's columns hold, for each row from its number. A column that the table does not have
# is left out; one that is new and may not be null needs an entry here.
Columns = dict[str, "Callable[[int], str]"]


def account_columns() -> Columns:
    """Return the columns of accounts."""
    moment = str(FIRST_DAY)
    return {
        "id": str,
        "password": lambda _: "!",
        "last_login": lambda _: NULL,
        "is_superuser": lambda _: "f",
        "email": lambda account: f"account-{account}@bench.example",
        "display_name": lambda account: f"Account {account}",
        "time_zone": lambda _: "UTC",
        "default_currency": lambda _: "EUR",
        "is_active": lambda _: "t",
        "is_staff": lambda _: "f",
        "created_at": lambda _: moment,
        "campaigns_version": lambda _: "1",
    }


def session_columns(*, until: datetime) -> Columns:
    """Return the columns of sessions, one for each account."""
    now = str(datetime.now(tz=UTC))
    return {
        "id": lambda account: str(session_id(account)),
        "account_id": str,
        "token_digest": lambda account: f"{account:064x}",
        "device": lambda _: "bench",
        "created_at": lambda _: now,
        "last_refreshed_at": lambda _: now,
        "expires_at": lambda _: str(until),
        "ended_at": lambda _: NULL,
    }


def campaign_columns(layout: Layout) -> Columns:
    """Return the columns of campaigns, with what the application derives from others."""
    terms = [campaign.terms_key for campaign in derived()]

    def search_key(campaign: int) -> str:
        url = comparison_key(landing_page(campaign))
        return rf"{comparison_key(title(campaign))}\n{url}"  # COPY's way to write a line's end

    return {
        "id": str,
        "account_id": lambda campaign: str(layout.owners[campaign - 1]),
        "title": title,
        "title_key": lambda campaign: comparison_key(title(campaign)),
        "landing_page_url": landing_page,
        "search_key": search_key,
        "is_running": lambda campaign: "t" if is_running(campaign) else "f",
        "version": lambda _: "1",
        "created_at": created_at,
        "updated_at": created_at,
        "deleted_at": lambda _: NULL,
        "rendered_payouts": rendered_payouts(),
        "rendered_form": lambda _: form(),
        "terms_key": lambda campaign: terms[campaign % _CARDS],
    }


def rendered_payouts() -> Callable[[int], str]:
    """Return what writes the rate card of a campaign as Ratecard stores it beside the campaign.

    Each card is rendered once, by Ratecard; ids and times are then put into that text.
    """
    templates = [_template(campaign.rendered_payouts) for campaign in derived()]

    def write(campaign: int) -> str:
        at = created_at(campaign).replace(" ", "T").replace("+00:00", "Z")
        first = (campaign - 1) * PAYOUTS + 1
        return templates[campaign % _CARDS].format(*range(first, first + PAYOUTS), at=at)

    return write


@cache
def derived() -> list[Campaign]:
    """Return a campaign for each rate card, with what Ratecard derives from it."""
    found = []
    for card in cards():
        campaign = Campaign()
        campaign.set_rate_card(
            CampaignPayout(
                id=mark,
                country=None if country == NULL else country,
                amount=Decimal(amount),
                currency=currency,
                created_at=FIRST_DAY,
                updated_at=FIRST_DAY,
            )
            for mark, (country, amount, currency) in zip(_MARKS, card, strict=True)
        )
        found.append(campaign)
    return found


def _template(text: str) -> str:
    text = text.replace("\\", r"\\").replace("{", "{{").replace("}", "}}")
    for place, mark in enumerate(_MARKS):
        text = text.replace(str(mark), f"{{{place}}}")
    return text.replace(str(FIRST_DAY).replace(" ", "T").replace("+00:00", "Z"), "{at}")


PAYOUT_COLUMNS = ("id", "campaign_id", "country", "amount", "currency", "created_at", "updated_at")


def lines(columns: Mapping[str, Callable[[int], str]], count: int) -> Iterator[str]:
    """Yield the rows 1 to ``count`` of a table."""
    values = list(columns.values())
    for number in range(1, count + 1):
        yield "\t".join([value(number) for value in values])


def payout_lines(campaigns: int) -> Iterator[str]:
    """Yield the payouts of the campaigns 1 to ``campaigns``."""
    all_cards = cards()
    for campaign in range(1, campaigns + 1):
        first = (campaign - 1) * PAYOUTS + 1
        at = created_at(campaign)
        for number, (country, amount, currency) in enumerate(
            card_of(campaign, all_cards), start=first
        ):
            yield f"{number}\t{campaign}\t{country}\t{amount}\t{currency}\t{at}\t{at}"


def blocks(rows: Iterable[str]) -> Iterator[str]:
    """Yield rows in large pieces."""
    iterator = iter(rows)
    while piece := list(islice(iterator, BLOCK)):
        piece.append("")
        yield "\n".join(piece)
