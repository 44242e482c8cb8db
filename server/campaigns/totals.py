"""What an account's campaigns come to: how many there are, what the running ones pay where.

By hand, in the SQL of both databases: the overview asks for all payouts of an account at once, and
Django has no words for that. Doors get it from ``composition.totals()``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import connection

from campaigns.models import SUBJECT
from core.repositories import EventRepository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.models import Event

_LIVE = "FROM campaigns_campaign WHERE account_id = %s AND deleted_at IS NULL"
# Each is read from an index alone: the rows themselves, with their rate cards, are large.
_COUNTS = f"""
SELECT
  (SELECT COUNT(*) {_LIVE}),
  (SELECT COUNT(*) {_LIVE} AND is_running IN (%s)),
  (SELECT COUNT(*) {_LIVE} AND updated_at >= %s),
  (SELECT COUNT(*) {_LIVE} AND created_at >= %s)
"""  # nosec B608  # of our own words only
_RUNNING = """
FROM campaigns_campaign c JOIN campaigns_campaignpayout p ON p.campaign_id = c.id
WHERE c.account_id = %s AND c.deleted_at IS NULL AND c.is_running IN (%s)
"""
_AS_TEXTS = f"""
SELECT p.country, p.currency, STRING_AGG(CAST(p.amount AS TEXT), ',') {_RUNNING} GROUP BY 1, 2
"""  # nosec B608  # of our own words only
_AS_ROWS = f"SELECT p.country, p.currency, p.amount {_RUNNING}"  # nosec B608  # of our own words only
_HIGHEST = f"""
SELECT c.id, c.title {_RUNNING} AND p.currency = %s AND p.amount = %s AND {{}} LIMIT 1
"""  # nosec B608  # of our own words only
_TITLES = (
    "SELECT id, title, deleted_at IS NULL FROM campaigns_campaign WHERE account_id = %s AND id"
)
_CHANGED = f"""
SELECT id FROM (
  SELECT * FROM (
    SELECT id, updated_at AS at {_LIVE} ORDER BY updated_at DESC, id DESC LIMIT %s
  ) live
  UNION ALL
  SELECT * FROM (
    SELECT id, deleted_at AS at FROM campaigns_campaign
    WHERE account_id = %s AND deleted_at IS NOT NULL ORDER BY deleted_at DESC LIMIT %s
  ) deleted
) changed ORDER BY at DESC LIMIT %s
"""  # nosec B608  # noqa: S608 -- as above
_LATEST_OF_ONE = (
    "SELECT * FROM (SELECT id FROM core_event WHERE account_id = %s AND subject_type = %s"
    " AND subject_id = %s ORDER BY id DESC LIMIT %s) latest"
)
_SMALLEST = Decimal("0.0001")
"""What amounts are counted in: whole numbers are quicker to read, and exact on SQLite too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many live campaigns there are, run, and were changed or created since a moment."""

    campaigns: int
    running: int
    changed: int
    created: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pay:
    """What running campaigns pay in one country, or worldwide, in one currency."""

    country: str | None
    currency: str
    campaigns: int
    median: Decimal
    highest: Decimal


class Totals:
    """Every read names its account."""

    def counts(self, *, account_id: int, since: datetime) -> Counts:
        """Count the live campaigns of an account."""
        moment = connection.ops.adapt_datetimefield_value(since)
        values = [account_id, account_id, True, account_id, moment, account_id, moment]
        with connection.cursor() as cursor:
            cursor.execute(_COUNTS, values)
            campaigns, running, changed, created = cursor.fetchone()
        return Counts(campaigns=campaigns, running=running, changed=changed, created=created)

    def pay(self, *, account_id: int) -> list[Pay]:
        """Return what the running campaigns of an account pay, by country and currency.

        All payouts are read once, and the medians are found here: both databases would sort them
        all for it, which takes longer, and SQLite has no median.
        """
        found = []
        for (country, currency), amounts in _amounts(account_id).items():
            amounts.sort()
            found.append(
                Pay(
                    country=country,
                    currency=currency,
                    campaigns=len(amounts),
                    median=median(amounts) * _SMALLEST,
                    highest=amounts[-1] * _SMALLEST,
                )
            )
        return found

    def paid_by(
        self, *, account_id: int, country: str | None, currency: str, amount: Decimal
    ) -> tuple[int, str] | None:
        """Return the id and title of a running campaign that has a payout, if there is one."""
        adapt = connection.ops.adapt_decimalfield_value
        where = "p.country IS NULL" if country is None else "p.country = %s"
        payout: list[Any] = [account_id, True, currency, adapt(amount)]
        with connection.cursor() as cursor:
            cursor.execute(
                _HIGHEST.format(where), payout if country is None else [*payout, country]
            )
            return cursor.fetchone()  # type: ignore[no-any-return]  # a row of any table

    def latest_changes(self, *, account_id: int, campaigns: int, of_each: int) -> list[Event]:
        """Return what happened last to the campaigns that changed last, newest first.

        The history has no index for an account's latest events. But a campaign that is among
        those with the latest events is also among those that changed last.
        """
        with connection.cursor() as cursor:
            cursor.execute(_CHANGED, [account_id, campaigns, account_id, campaigns, campaigns])
            ids = [campaign_id for (campaign_id,) in cursor.fetchall()]
            if not ids:
                return []
            cursor.execute(
                " UNION ALL ".join([_LATEST_OF_ONE] * len(ids)),
                [value for one in ids for value in (account_id, SUBJECT, one, of_each)],
            )
            events = [event_id for (event_id,) in cursor.fetchall()]
        return list(EventRepository().among(account_id=account_id, ids=events))

    def titles(
        self, *, account_id: int, campaign_ids: Sequence[int]
    ) -> dict[int, tuple[str, bool]]:
        """Return the titles of some campaigns, and whether each is live; purged ones have none."""
        places = ", ".join(["%s"] * len(campaign_ids))
        statement = f"{_TITLES} IN ({places})"
        with connection.cursor() as cursor:
            cursor.execute(statement, [account_id, *campaign_ids])
            return {campaign_id: (title, live) for campaign_id, title, live in cursor.fetchall()}


def median(amounts: Sequence[int]) -> Decimal:
    """Return the middle of some amounts in order; of an even number, the middle of the two."""
    low, high = amounts[(len(amounts) - 1) // 2], amounts[len(amounts) // 2]
    return Decimal(low + high) / 2


def _amounts(account_id: int) -> dict[tuple[str | None, str], list[int]]:
    """Return all that is paid, by country and currency.

    Each database has a quick way to hand it over: PostgreSQL as a text for each country, SQLite,
    which would sort to group, as rows.
    """
    amounts: dict[tuple[str | None, str], list[int]] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_AS_TEXTS, [account_id, True])
            for country, currency, text in cursor.fetchall():
                # An amount has four decimals there, so that without its point it is whole.
                amounts[country, currency] = [*map(int, text.replace(".", "").split(","))]
        else:
            cursor.execute(_AS_ROWS, [account_id, True])
            for country, currency, amount in cursor.fetchall():
                amounts.setdefault((country, currency), []).append(round(amount * 10_000))
    return amounts
