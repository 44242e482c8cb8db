"""What an account's campaigns come to: how many there are, what the running ones pay where.

By hand, in the SQL of both databases: the overview asks for all payouts of an account at once, and
Django has no words for that. Doors get it from ``composition.totals()``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection

from campaigns.imports.entities import SUBJECT as IMPORT
from campaigns.models import SUBJECT
from core.paging import among
from core.repositories import EventRepository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
_RUNNING = f"SELECT id {_LIVE} AND is_running IN (%s)"  # nosec B608  # of our own words only
_AS_TEXTS = "SELECT p.country, p.currency, STRING_AGG(CAST(p.amount AS TEXT), ',') {} GROUP BY 1, 2"
_AS_ARRAYS = """
SELECT JSON_GROUP_ARRAY(p.country), JSON_GROUP_ARRAY(p.currency), JSON_GROUP_ARRAY(p.amount) {}
"""
_HIGHEST = """
SELECT id, title FROM campaigns_campaign
WHERE id = (SELECT p.campaign_id {} AND p.currency = %s AND p.amount = %s AND {} LIMIT 1)
"""
_CHANGED = f"""
SELECT * FROM (
  SELECT id, title, updated_at AS at, 1 AS is_live {_LIVE} {{}}
  ORDER BY updated_at DESC, id DESC LIMIT %s
) live
"""  # nosec B608  # noqa: S608 -- as above
_DELETED = """
SELECT * FROM (
  SELECT id, title, deleted_at AS at, 0 AS is_live FROM campaigns_campaign
  WHERE account_id = %s AND deleted_at IS NOT NULL ORDER BY deleted_at DESC LIMIT %s
) deleted
"""
_LATEST_OF_ONE = (
    "SELECT * FROM (SELECT id FROM core_event WHERE account_id = %s AND subject_type = %s"
    " AND subject_id = %s ORDER BY id DESC LIMIT %s) latest"
)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What happened last."""

    events: Sequence[Event]
    """The newest first; those of one save stand together."""
    campaigns: Mapping[int, tuple[str, bool]]
    """The titles of the campaigns among their subjects, and whether each is live."""


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
                    median=median(amounts),
                    highest=_exact(amounts[-1]),
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
        statement = _HIGHEST.format(_of_running(), where)
        with connection.cursor() as cursor:
            cursor.execute(statement, payout if country is None else [*payout, country])
            return cursor.fetchone()  # type: ignore[no-any-return]  # a row of any table

    def latest_changes(self, *, account_id: int, campaigns: int, of_each: int) -> Changed:
        """Return what happened last: imports, and what else the campaigns saw that changed last.

        The history has no index for an account's latest events. But a campaign that is among
        those with the latest events is also among those that changed last. What an import did to
        each of its campaigns is left out: it has an event of its own.
        """
        events = EventRepository()
        imports = list(events.of_kind(account_id=account_id, subject_type=IMPORT, most=campaigns))
        moments = sorted({event.at for event in imports}, reverse=True)
        found = _last_changed(account_id, moments, most=campaigns)
        if not found:
            return Changed(events=imports, campaigns={})
        with connection.cursor() as cursor:
            cursor.execute(
                " UNION ALL ".join([_LATEST_OF_ONE] * len(found)),
                [value for one in found for value in (account_id, SUBJECT, one, of_each)],
            )
            ids = [event_id for (event_id,) in cursor.fetchall()]
        others = events.among(account_id=account_id, ids=ids)
        told = [*imports, *(event for event in others if event.at not in moments)]
        told.sort(key=lambda event: event.pk, reverse=True)
        return Changed(events=told, campaigns=found)


def _last_changed(
    account_id: int, moments: Sequence[datetime], *, most: int
) -> dict[int, tuple[str, bool]]:
    """Return the campaigns that changed last, but for those that changed last in an import.

    An import may have changed thousands in its one moment: the index is read before, between and
    after such moments, a few rows each.

    :param moments: those of imports, the latest first.
    """
    selects, values = [], list[Any]()
    adapted = [connection.ops.adapt_datetimefield_value(moment) for moment in moments]
    for before, after in zip([None, *adapted], [*adapted, None], strict=True):
        bounds = [(sign, at) for sign, at in (("<", before), (">", after)) if at is not None]
        selects.append(_CHANGED.format(" ".join(f"AND updated_at {sign} %s" for sign, _ in bounds)))
        values += [account_id, *(at for _, at in bounds), most]
    statement = " UNION ALL ".join([*selects, _DELETED])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, title, is_live FROM ({statement}) changed ORDER BY at DESC LIMIT %s",  # nosec B608  # noqa: S608 -- as above
            [*values, account_id, most, most],
        )
        return {campaign_id: (title, bool(live)) for campaign_id, title, live in cursor.fetchall()}


def _of_running() -> str:
    """Return the payouts of running campaigns, as statements ask for them.

    The ids first, then their payouts by the index. Joined, PostgreSQL would read the payouts of
    everybody, or start helpers who cost more than they do.
    """
    return f"FROM campaigns_campaignpayout p WHERE {among('p.campaign_id', _RUNNING)}"


def median(amounts: Sequence[float]) -> Decimal:
    """Return the middle of some amounts in order; of an even number, the middle of the two."""
    low, high = amounts[(len(amounts) - 1) // 2], amounts[len(amounts) // 2]
    return (_exact(low) + _exact(high)) / 2


def _exact(amount: float) -> Decimal:
    """Return an amount as it was before it was a float, whose shortest text it is.

    A float has 15 digits or more, and no amount has more than that (``rules.AMOUNT_DIGITS``).
    """
    return Decimal(repr(amount))


def _amounts(account_id: int) -> dict[tuple[str | None, str], list[float]]:
    """Return all that is paid, by country and currency, as floats: they are read and sorted soon.

    Each database has a quick way to hand it over: PostgreSQL as a text for each country; SQLite,
    which would sort to group, as three columns. Rows would take longer to fetch than to find.
    """
    amounts: dict[tuple[str | None, str], list[float]] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_AS_TEXTS.format(_of_running()), [account_id, True])
            for country, currency, text in cursor.fetchall():
                amounts[country, currency] = orjson.loads(f"[{text}]")
        else:
            cursor.execute(_AS_ARRAYS.format(_of_running()), [account_id, True])
            columns = [orjson.loads(column) for column in cursor.fetchone()]
            for country, currency, amount in zip(*columns, strict=True):
                amounts.setdefault((country, currency), []).append(amount)
    return amounts
