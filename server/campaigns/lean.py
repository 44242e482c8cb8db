"""What is asked most, by hand: one campaign, a page of the whole list, a change of state.

Django takes longer to put such a statement together and to make entities of its rows than the
database takes to answer it. These are in the SQL of both databases; ``repositories.py`` alone uses
them, and falls back on entities for rows that are not rendered. What filters or bins goes through
the QuerySet.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigIntegerField

from accounts.rules import LONGEST_RECENT_CHANGES
from campaigns.models import Campaign
from campaigns.rate_card import in_order
from campaigns.rendering import form, rate_card_json
from core.repositories import aware, prepared_rows, run_prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from campaigns.models import CampaignPayout


class CampaignRow(NamedTuple):
    """A live campaign, as answers and cursors need it."""

    id: int
    title: str
    title_key: str
    landing_page_url: str
    is_running: bool
    rendered_payouts: str
    rendered_form: str
    created_at: datetime
    updated_at: datetime
    version: int
    deleted_at: None = None
    restorable_until: None = None

    @property
    def is_rendered(self) -> bool:
        """Whether its stored rate card can be shown as it is."""
        return self.rendered_form == form()

    def with_rate_card(self, payouts: Iterable[CampaignPayout]) -> CampaignRow:
        """Return it with its rate card, rendered in today's form."""
        return self._replace(
            rendered_payouts=rate_card_json(in_order(payouts)), rendered_form=form()
        )


_COLUMNS = [name for name in CampaignRow._fields if name not in CampaignRow._field_defaults]
_LIVE = "FROM campaigns_campaign WHERE account_id = %s AND deleted_at IS NULL"
_ONE = f"SELECT {', '.join(_COLUMNS)} {_LIVE} AND id = %s"
_COUNT = f"(SELECT COUNT(*) FROM (SELECT 1 {_LIVE} LIMIT %s) counted)"  # nosec B608  # noqa: S608 -- of our own words only
_UNIQUE = "title_key"  # of live campaigns: its index alone orders them
_RAISE = "UPDATE accounts_account SET campaigns_version = campaigns_version + 1"
_RAISE_FOR_ANY = f"{_RAISE} WHERE id = %s"
_RAISE_FOR_ONE = (
    f"{_RAISE}, recent_changes = substr("
    "(campaigns_version + 1) || ':' || %s || ';' || recent_changes, 1, "
    f"{LONGEST_RECENT_CHANGES}) WHERE id = %s"
)


def is_possible(campaign_id: int) -> bool:
    """Tell whether a campaign can have an id; databases do not compare theirs with larger ones."""
    return campaign_id <= BigIntegerField.MAX_BIGINT


def find(*, account_id: int, campaign_id: int) -> CampaignRow | None:
    """Return one live campaign of an account."""
    if not is_possible(campaign_id):
        return None
    found = prepared_rows(_ONE, [account_id, campaign_id])
    return _row(found[0]) if found else None


def find_for_update(*, account_id: int, campaign_id: int) -> Campaign | None:
    """Return one live campaign of an account, locked."""
    if not is_possible(campaign_id):
        return None
    names, statement = _one_for_update()
    found = prepared_rows(statement, [account_id, campaign_id])
    if not found:
        return None
    values = [aware(value) if isinstance(value, datetime) else value for value in found[0]]
    return Campaign.from_db(DEFAULT_DB_ALIAS, names, values)


@cache
def _one_for_update() -> tuple[list[str], str]:
    names = [field.attname for field in Campaign._meta.concrete_fields]
    lock = connection.ops.for_update_sql() if connection.features.has_select_for_update else ""
    return names, f"SELECT {', '.join(names)} {_LIVE} AND id = %s {lock}"


def raise_version(*, account_id: int, campaign_id: int | None) -> None:
    """Raise the version of an account's campaigns.

    :param campaign_id: the one that is changed; None where that is not one alone.
    """
    if campaign_id is None:
        run_prepared(_RAISE_FOR_ANY, [account_id])
    else:
        run_prepared(_RAISE_FOR_ONE, [str(campaign_id), account_id])


def save_states(campaigns: Sequence[Campaign]) -> None:
    """Store the states of campaigns that were all changed alike."""
    alike = campaigns[0]
    moment = connection.ops.adapt_datetimefield_value
    ids = [campaign.pk for campaign in campaigns]
    statement = f"""
    UPDATE campaigns_campaign
    SET is_running = %s, deleted_at = %s, updated_at = %s, version = version + 1
    WHERE id IN ({", ".join(["%s"] * len(ids))})
    """  # nosec B608  # noqa: S608 -- of placeholders only
    values = [alike.is_running, moment(alike.deleted_at), moment(alike.updated_at), *ids]
    if len(ids) == 1:
        run_prepared(statement, values)
    else:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)


def page(*, account_id: int, order: tuple[str, ...], start: int, size: int) -> list[CampaignRow]:
    """Return some live campaigns of an account.

    :param order: columns that together are unique; all ascending, or all descending with ``-``.
    """
    before = [account_id, start] if start else []
    statement = _page(order, later=start > 0)
    return [_row(values) for values in prepared_rows(statement, [account_id, *before, size])]


def counted_page(
    *, account_id: int, order: tuple[str, ...], start: int, size: int, counted: int
) -> tuple[list[CampaignRow], int]:
    """Return some live campaigns of an account, and how many it has, in one query.

    :param counted: how far to count.
    :returns: nothing and 0 where the page is past the end.
    """
    before = [account_id, start] if start else []
    statement = _page(order, later=start > 0, counting=True)
    found = prepared_rows(statement, [account_id, counted, account_id, *before, size])
    return [_row(values[:-1]) for values in found], found[0][-1] if found else 0


def page_beyond(
    position: Sequence[object], *, account_id: int, order: tuple[str, ...], size: int
) -> list[CampaignRow]:
    """Return the live campaigns of an account that come next after a position in their order.

    :param position: a value of each column of the order.
    """
    moment = connection.ops.adapt_datetimefield_value
    place = [moment(value) if isinstance(value, datetime) else value for value in position]
    place = place[: len(_Order.by(order).columns)]
    found = prepared_rows(_page_beyond(order), [account_id, *place, size])
    return [_row(values) for values in found]


class _Order(NamedTuple):
    """An order of the list, in SQL."""

    columns: tuple[str, ...]
    terms: str
    comes_after: str
    """How the columns of a later row compare with those of an earlier one."""

    @classmethod
    def by(cls, order: tuple[str, ...]) -> _Order:
        """Return it, by no more columns than it needs."""
        is_descending = order[0].startswith("-")
        columns = tuple(column.removeprefix("-") for column in order)
        if columns[0] == _UNIQUE:
            columns = columns[:1]
        terms = ", ".join(f"{column} DESC" if is_descending else column for column in columns)
        return cls(columns, terms, "<" if is_descending else ">")

    def select(self, narrowed: str = "", *, counting: bool = False) -> str:
        """Return the statement for the first rows of those that a condition leaves."""
        columns = ", ".join([*_COLUMNS, *([_COUNT] if counting else [])])
        return f"SELECT {columns} {_LIVE} {narrowed} ORDER BY {self.terms} LIMIT %s"


@cache
def _page(order: tuple[str, ...], *, later: bool, counting: bool = False) -> str:
    """Return the statement of a page.

    Where it begins is found in an index, and it is read from there on: rows are large, and apart
    from each other. To come to it through whole ones would read, even sort, all that lie before it.

    :param later: whether any lie before it.
    """
    by = _Order.by(order)
    if not later:
        return by.select(counting=counting)
    columns = ", ".join(by.columns)
    first = f"SELECT {columns} {_LIVE} ORDER BY {by.terms} LIMIT 1 OFFSET %s"
    return by.select(f"AND ({columns}) {by.comes_after}= ({first})", counting=counting)


@cache
def _page_beyond(order: tuple[str, ...]) -> str:
    """Return the statement of a page that begins after a position."""
    by = _Order.by(order)
    place = ", ".join(["%s"] * len(by.columns))
    return by.select(f"AND ({', '.join(by.columns)}) {by.comes_after} ({place})")


def _row(values: tuple[object, ...]) -> CampaignRow:
    row = CampaignRow._make([*values, None, None])
    if row.created_at.tzinfo:
        return row
    return row._replace(created_at=aware(row.created_at), updated_at=aware(row.updated_at))
