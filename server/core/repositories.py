"""Write and read the history; read what databases say in different ways."""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager, nullcontext
from datetime import UTC
from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections

from core.logging import log_line
from core.models import Event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from django.db import IntegrityError
    from django.db.models import QuerySet

    from core.events import Change, Values

_log = logging.getLogger("ratecard.events")


def prepared_rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that comes all the time, with other values each.

    PostgreSQL parses and plans it once for a connection, unless ``PREPARED_STATEMENTS`` is off. It
    is for few texts: one with as many places as there are values is another for each number.

    :param values: numbers, texts and truths, and moments as the database takes them.
    """
    database = connections[DEFAULT_DB_ALIAS]  # itself: the way through ``connection`` is longer
    quickly = getattr(database, "prepared_rows", None)
    found: list[tuple[Any, ...]] | None = quickly and quickly(statement, values)
    if found is None:
        with database.cursor() as cursor:
            cursor.execute(statement, values)
            found = cursor.fetchall()
    return found


def run_prepared(statement: str, values: Sequence[Any]) -> None:
    """Run a statement that comes all the time, and of which nobody wants rows; see above."""
    database = connections[DEFAULT_DB_ALIAS]
    quickly = getattr(database, "run_prepared", None)
    if not (quickly and quickly(statement, values)):
        with database.cursor() as cursor:
            cursor.execute(statement, values)


def sent_together() -> AbstractContextManager[None]:
    """Send what ``run_prepared`` runs in a block to PostgreSQL at once, at the block's end.

    A trip to the database and back takes longer than such a statement itself (PostgreSQL's
    documentation, "Pipeline Mode" of libpq).

    :raises Error: one of ``django.db``'s, by the block's end: the database refused a statement, and
        has run none after it.
    """
    together = getattr(connections[DEFAULT_DB_ALIAS], "together", nullcontext)
    context: AbstractContextManager[None] = together()
    return context


# Every write writes one or more of these, and Django takes longer over it than the database.
_EVENT = ("account_id", "actor_id", "at", "subject_type", "subject_id", "name", "old", "new")
_PLACES = f"({', '.join(['%s'] * len(_EVENT))})"
_RECORD = f"INSERT INTO core_event ({', '.join(_EVENT)})"


def record_events(changes: Sequence[Change], *, actor_id: int | None, at: datetime) -> None:
    """Write changes into the history, in one statement, and a line each into the log.

    The log names what happened and to what, never the values.
    """
    moment = connection.ops.adapt_datetimefield_value(at)
    rows = [
        (
            change.account_id,
            actor_id,
            moment,
            change.subject_type,
            change.subject_id,
            change.name,
            _json(change.old),
            _json(change.new),
        )
        for change in changes
    ]
    if len(rows) == 1:
        run_prepared(f"{_RECORD} VALUES {_PLACES}", rows[0])
    else:
        _record_many(rows)
    for change in changes:
        log_line(
            _log,
            change.name,
            account_id=change.account_id,
            actor_id=actor_id,
            subject_type=change.subject_type,
            subject_id=change.subject_id,
        )


def _record_many(rows: Sequence[tuple[Any, ...]]) -> None:
    most = (connection.features.max_query_params or len(_EVENT) * len(rows)) // len(_EVENT)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), most):
            some = rows[start : start + most]
            places = ", ".join([_PLACES] * len(some))
            cursor.execute(f"{_RECORD} VALUES {places}", [value for row in some for value in row])


def _json(values: Values | None) -> str | None:
    return None if values is None else json.dumps(values)


class EventRepository:
    """Read the history; every read names its account."""

    def of_subject(self, *, account_id: int, subject_type: str, subject_id: int) -> QuerySet[Event]:
        """Return the events of one subject with who caused them, newest first."""
        return (
            Event.objects.filter(
                account_id=account_id, subject_type=subject_type, subject_id=subject_id
            )
            .select_related("actor")
            .order_by("-pk")
        )

    def of_kind(self, *, account_id: int, subject_type: str, most: int) -> QuerySet[Event]:
        """Return events of the last subjects of a kind, with who caused them, newest first."""
        mine = Event.objects.filter(account_id=account_id, subject_type=subject_type)
        return mine.select_related("actor").order_by("-subject_id", "pk")[:most]

    def among(self, *, account_id: int, ids: Collection[int]) -> QuerySet[Event]:
        """Return an account's events by their ids, with who caused them, newest first."""
        mine = Event.objects.filter(account_id=account_id, pk__in=ids)
        return mine.select_related("actor").order_by("-pk")


@contextmanager
def left_out_when_busy() -> Iterator[None]:
    """Write a note that may be missing, so that who only reads waits for nobody.

    SQLite has one writer. While a large import is applied it writes for a minute, and every reader
    whose use had to be noted would wait as long, to be refused in the end.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    seconds = connection.settings_dict["OPTIONS"].get("timeout", 5)
    try:
        connection.connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        yield
    except OperationalError as error:
        if "locked" not in str(error):
            raise
    finally:
        connection.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


_BUSY_MILLISECONDS = 100
"""What most writes take, so that few notes are left out."""


def violates(error: IntegrityError, *, constraint: str, column: str) -> bool:
    """Tell whether a database error is the violation of one unique constraint.

    PostgreSQL names the constraint. SQLite names the columns of a unique index, as in
    ``UNIQUE constraint failed: campaigns_campaign.title_key``.

    :param column: ``table.column``, one that no other unique constraint of the table has.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == constraint)
    return column in str(error)


def aware(moment: datetime) -> datetime:
    """Return a moment of a query by hand in UTC: SQLite's come without a zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
