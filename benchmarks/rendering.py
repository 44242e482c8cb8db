"""Render lists in four ways, and print the median milliseconds of each.

Run by ``make bench ONLY=rendering`` with Ratecard's settings; the arguments are accounts.
"""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

import django
import orjson
from django.db import connection

from benchmarks.base import BenchError
from benchmarks.ceiling.statements import RESULTS
from benchmarks.plan import PAGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaigns.querysets import CampaignQuerySet

_COLUMNS = ("id", "title", "landing_page_url", "is_running", "created_at", "updated_at", "version")
_PAYOUT_COLUMNS = ("id", "country", "amount", "currency", "created_at", "updated_at")


def main() -> None:
    """Compare."""
    django.setup()
    ways: dict[str, Callable[[int], bytes]] = {
        "stored with the campaign, spliced in": stored,
        "written by the database": by_database,
        "lean rows and orjson": lean_rows,
        "serializers with prefetch": serializers,
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    for account in map(int, sys.argv[1:]):
        seen = []
        for way, render in ways.items():
            started = time.perf_counter()
            text = render(account)
            taken[way].append((time.perf_counter() - started) * 1000)
            seen.append(orjson.loads(text))
        if any(answer != seen[0] for answer in seen):
            raise BenchError(f"The ways to render differ for account {account}.")
    found = {way: median(milliseconds) for way, milliseconds in taken.items()}
    sys.stdout.write(f"{json.dumps(found)}\n")


def stored(account: int) -> bytes:
    """Splice in the rate cards that are stored as JSON."""
    rows = _page(account).values_list(*_COLUMNS, "rendered_payouts")
    return _written([_campaign(row, orjson.Fragment(row[-1])) for row in rows])


def by_database(account: int) -> bytes:
    """Let one statement write everything."""
    with connection.cursor() as cursor:
        cursor.execute(RESULTS, {"account": account})
        text: str = cursor.fetchone()[0]
    return text.encode()


def lean_rows(account: int) -> bytes:
    """Read tuples in two queries, and write dictionaries."""
    from campaigns.models import CampaignPayout  # noqa: PLC0415 -- models need django.setup()

    campaigns = list(_page(account).values_list(*_COLUMNS))
    cards: dict[int, list[Any]] = {row[0]: [] for row in campaigns}
    payouts = CampaignPayout.objects.filter(campaign__in=cards)
    for campaign, *row in payouts.values_list("campaign_id", *_PAYOUT_COLUMNS):
        cards[campaign].append(row)
    return _written([_campaign(row, _payouts(cards[row[0]])) for row in campaigns])


def serializers(account: int) -> bytes:
    """Build objects, and ask the declared serializers."""
    from campaigns.api.serializers import CampaignSerializer  # noqa: PLC0415 -- as above

    rows = list(_page(account).with_rate_card())
    return _written(CampaignSerializer(rows, many=True).data)


def _page(account: int) -> CampaignQuerySet:
    from campaigns.models import Campaign  # noqa: PLC0415 -- as above

    live = Campaign.objects.live().owned_by(account)
    return live.order_by("-created_at", "-pk")[:PAGE]


def _campaign(row: tuple[Any, ...], payouts: Any) -> dict[str, Any]:
    return {
        **dict(zip(_COLUMNS[:4], row, strict=False)),
        "payouts": payouts,
        "created_at": row[4],
        "updated_at": row[5],
        "deleted_at": None,
        "restorable_until": None,
        "version": row[6],
    }


def _payouts(rows: list[Any]) -> list[dict[str, Any]]:
    from campaigns.rules import amount_text, country_name  # noqa: PLC0415 -- as above

    rows.sort(key=lambda row: row[1] or "")
    return [
        {
            "id": key,
            "country": country,
            "country_name": country_name(country),
            "is_worldwide": country is None,
            "amount": amount_text(amount, currency),
            "currency": currency,
            "created_at": created_at,
            "updated_at": updated_at,
        }
        for key, country, amount, currency, created_at, updated_at in rows
    ]


def _written(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


if __name__ == "__main__":
    main()
