"""Campaigns as the rows of a file, for every door that exports them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import orjson

from campaigns import composition
from campaigns.spreadsheet.form import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from campaigns.models import Campaign

FILE_NAME = "campaigns.csv"
_AT_ONCE = 200
"""Campaigns in memory at a time, each with 250 payouts at most."""
_NEEDED = ("title", "landing_page_url", "is_running", "rendered_payouts", "rendered_form")


def exported(campaigns: QuerySet[Campaign], *, order: str) -> Iterator[bytes]:
    """Return a file with the rate cards of campaigns, piece by piece.

    One statement reads all of them, so that a file shows one moment.

    :param order: the column to order by, with ``-`` for descending.
    """
    by_id = "-pk" if order.startswith("-") else "pk"
    ordered = campaigns.only(*_NEEDED).order_by(order, by_id)
    return written(_rows(ordered.iterator(chunk_size=_AT_ONCE)))


def _rows(campaigns: Iterator[Campaign]) -> Iterator[tuple[str, ...]]:
    repository = composition.campaigns()
    while some := list(islice(campaigns, _AT_ONCE)):
        for campaign in repository.rendered(some):
            state = "true" if campaign.is_running else "false"
            for payout in orjson.loads(campaign.rendered_payouts):
                yield (
                    *(campaign.title, campaign.landing_page_url, state),
                    *(payout["country"] or "", payout["amount"], payout["currency"]),
                )
