"""Rows that are read past psycopg's cursor: the same rows, errors and counts as with one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from django.db import (
    DatabaseError,
    DataError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus

from core import repositories
from core.metrics.queries import QueryCount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from core.postgresql.base import DatabaseWrapper
    from core.postgresql.pool import QuickPool

pytestmark = pytest.mark.django_db

NEXT = "SELECT %s::int + 1"
ALL_KINDS = (
    "SELECT %s::bigint, %s::text, %s::uuid, NULL, TRUE, 1.50::numeric, '[1]'::jsonb, "
    "'2026-11-28 22:00:00.123456+02'::timestamptz"
)
VALUES: list[int | str] = [2**62, 'Õ "quoted", \\ %s', "9a1c0f3e5b7d4c2e8f60123456789abc"]


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseWrapper]:
    """Yield a connection that is in no transaction, and which repositories ask."""
    own: Any = connection.copy()
    own.ensure_connection()
    monkeypatch.setattr(repositories, "connections", {"default": own})
    yield own
    own.close()


def names(own: DatabaseWrapper) -> set[str]:
    """Return under which names statements are prepared past the cursor."""
    with own.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'ratecard%'")
        return {name for (name,) in cursor.fetchall()}


def test_they_are_those_of_a_cursor(own: DatabaseWrapper) -> None:
    with own.cursor() as cursor:
        cursor.execute(ALL_KINDS, VALUES)
        expected = cursor.fetchall()
    assert expected[0][7].isoformat() == "2026-11-28T20:00:00.123456+00:00"
    for _ in range(2):
        found = repositories.prepared_rows(ALL_KINDS, VALUES)
        assert found == expected
        assert [*map(type, found[0])] == [*map(type, expected[0])]
    assert repositories.prepared_rows("SELECT 1 WHERE FALSE", []) == []
    assert names(own)


def test_a_transaction_sees_what_it_wrote(own: DatabaseWrapper) -> None:
    own.ensure_connection()
    with own.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE written (value int)")
        own.set_autocommit(False)
        cursor.execute("INSERT INTO written VALUES (%s)", [7])
        assert repositories.prepared_rows("SELECT value FROM written", []) == [(7,)]
        own.rollback()
        own.set_autocommit(True)
    assert repositories.prepared_rows("SELECT value FROM written", []) == []


def test_a_transaction_is_begun_where_a_cursor_would_begin_one(own: DatabaseWrapper) -> None:
    status = own.connection.pgconn
    own.set_autocommit(False)
    own.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    for _ in range(2):
        assert repositories.prepared_rows("SHOW transaction_isolation", []) == [
            ("repeatable read",)
        ]
        assert status.transaction_status == TransactionStatus.INTRANS
        own.commit()
        assert status.transaction_status == TransactionStatus.IDLE
    own.set_autocommit(True)


def test_after_a_refusal_a_transaction_takes_nothing_until_it_is_undone(
    own: DatabaseWrapper,
) -> None:
    own.set_autocommit(False)
    with pytest.raises(DataError):
        repositories.prepared_rows("SELECT 1 / %s::int", [0])
    with pytest.raises(InternalError, match="aborted"):
        repositories.prepared_rows(NEXT, [1])
    own.rollback()
    assert repositories.prepared_rows(NEXT, [1]) == [(2,)]
    own.rollback()
    own.set_autocommit(True)


def test_what_django_takes_for_broken_is_left_alone() -> None:
    with transaction.atomic():
        connection.needs_rollback = True
        try:
            with pytest.raises(transaction.TransactionManagementError):
                repositories.prepared_rows(NEXT, [1])
        finally:
            connection.needs_rollback = False


@pytest.mark.parametrize("autocommit", [True, False], ids=["alone", "transaction"])
def test_what_was_forgotten_is_prepared_anew(
    own: DatabaseWrapper,
    autocommit: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    """As a pooler in between does, when it takes a connection back."""
    assert repositories.prepared_rows(NEXT, [1]) == [(2,)]
    assert names(own)
    with own.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert not names(own)
    own.set_autocommit(autocommit)
    assert repositories.prepared_rows(NEXT, [2]) == [(3,)]
    if not autocommit:
        own.rollback()
        own.set_autocommit(True)
    assert names(own)


def test_in_a_transaction_that_has_begun_it_is_an_error_once(own: DatabaseWrapper) -> None:
    """What the transaction did before is lost: to go on without it would be wrong."""
    own.set_autocommit(False)
    assert repositories.prepared_rows(NEXT, [1]) == [(2,)]
    with own.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(ProgrammingError, match="does not exist"):
        repositories.prepared_rows(NEXT, [1])
    own.rollback()
    assert repositories.prepared_rows(NEXT, [1]) == [(2,)]
    own.rollback()
    own.set_autocommit(True)


def test_a_table_that_changed_is_read_anew(own: DatabaseWrapper) -> None:
    everything = "SELECT * FROM changing WHERE value = %s"
    with own.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE changing AS SELECT 7 AS value")
        assert repositories.prepared_rows(everything, [7]) == [(7,)]
        cursor.execute("ALTER TABLE changing ADD COLUMN other text")
    assert repositories.prepared_rows(everything, [7]) == [(7, None)]


def test_values_are_what_they_are(own: DatabaseWrapper) -> None:
    assert repositories.prepared_rows("SELECT %s::text", [None]) == [(None,)]
    with pytest.raises(DataError, match="NUL"):
        repositories.prepared_rows("SELECT %s::text", ["a\0b"])
    assert repositories.prepared_rows("SELECT %s::text", ["a"]) == [("a",)]


def test_in_a_pipeline_a_cursor_reads(own: DatabaseWrapper) -> None:
    own.ensure_connection()
    with own.connection.pipeline():
        assert repositories.prepared_rows(NEXT, [1]) == [(2,)]


def test_another_thread_may_not_use_the_connection(own: DatabaseWrapper) -> None:
    own.ensure_connection()
    with ThreadPoolExecutor(1) as threads:
        used = threads.submit(own.prepared_rows, NEXT, [1])
    with pytest.raises(DatabaseError, match="same thread"):
        used.result()


def test_what_is_traced_goes_through_a_cursor(own: DatabaseWrapper, settings: Settings) -> None:
    settings.SENTRY_TRACES_SAMPLE_RATE = 0.5
    before = names(own)
    assert repositories.prepared_rows("SELECT %s::int + 3", [1]) == [(4,)]
    assert names(own) == before


def test_errors_are_those_of_django(own: DatabaseWrapper) -> None:
    divide = "SELECT 1 / %s::int"
    with pytest.raises(DataError, match="division by zero"):
        repositories.prepared_rows(divide, [0])
    assert repositories.prepared_rows(divide, [1]) == [(1,)]


def test_a_connection_that_was_ended_is_an_error_and_then_replaced(own: DatabaseWrapper) -> None:
    assert repositories.prepared_rows(NEXT, [1]) == [(2,)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [own.connection.info.backend_pid])
    with pytest.raises(OperationalError):
        repositories.prepared_rows(NEXT, [1])
    own.close()
    assert repositories.prepared_rows(NEXT, [1]) == [(2,)]


@pytest.fixture
def lent(own: DatabaseWrapper) -> DatabaseWrapper:
    """Return a connection that is closed: the pool lends one to read with."""
    own.close()
    return own


@pytest.fixture
def pool(lent: DatabaseWrapper) -> QuickPool:
    """Return the pool that lends it."""
    assert lent.pool
    return lent.pool


BACKEND = "SELECT pg_backend_pid(), now()"


@pytest.fixture
def out(pool: QuickPool, monkeypatch: pytest.MonkeyPatch) -> set[Any]:
    """Return the connections that the pool lends from now on, and does not have back."""
    out: set[Any] = set()
    get, put = pool.getconn, pool.putconn

    def getconn(*arguments: Any, **options: Any) -> Any:
        one = get(*arguments, **options)
        out.add(one)
        return one

    def putconn(one: Any) -> None:
        out.remove(one)
        put(one)

    monkeypatch.setattr(pool, "getconn", getconn)
    monkeypatch.setattr(pool, "putconn", putconn)
    return out


def backend(lent: DatabaseWrapper) -> int:
    """Read with a connection, and give it back; return which it was."""
    [(found, moment)] = repositories.prepared_rows(BACKEND, [])
    assert moment.utcoffset() == timedelta(0)
    lent.close_if_unusable_or_obsolete()
    return int(found)


@pytest.mark.parametrize("end", ["close", "close_if_unusable_or_obsolete", "ensure_connection"])
def test_to_read_the_pool_lends_a_connection_once(
    lent: DatabaseWrapper, out: set[Any], end: str
) -> None:
    for _ in range(2):
        repositories.prepared_rows(BACKEND, [])
        assert lent.connection is None
        assert len(out) == 1
    getattr(lent, end)()
    assert out == ({lent.connection} - {None})


def test_where_all_have_ended_another_reads(lent: DatabaseWrapper, pool: QuickPool) -> None:
    held = [pool.getconn() for _ in range(pool.max_size - 1)]  # a test's own is another
    backends = {one.info.backend_pid for one in held}
    for one in held:
        pool.putconn(one)
    assert backend(lent) in backends
    with connection.cursor() as cursor:
        for ended in backends:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    assert not backends & {backend(lent) for _ in range(2 * len(backends))}


def test_what_writes_is_not_sent_again(lent: DatabaseWrapper) -> None:
    repositories.prepared_rows(BACKEND, [])
    [[ended, _]] = repositories.prepared_rows(BACKEND, [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    with pytest.raises(OperationalError):
        repositories.prepared_rows("WITH one AS (SELECT 1) SELECT %s::int FROM one", [1])
    assert backend(lent) != ended


@pytest.mark.usefixtures("lent")
def test_an_error_gives_it_back(out: set[Any]) -> None:
    with pytest.raises(DataError):
        repositories.prepared_rows("SELECT 1 / %s::int", [0])
    assert not out


def test_an_exhausted_pool_is_an_error_of_django(pool: QuickPool) -> None:
    taken = [pool.getconn() for _ in range(pool.max_size - 1)]  # a test's own has one
    try:
        with pytest.raises(OperationalError, match="couldn't get a connection"):
            repositories.prepared_rows(NEXT, [1])
    finally:
        for one in taken:
            pool.putconn(one)


def test_where_a_transaction_lost_its_connection_none_is_lent(lent: DatabaseWrapper) -> None:
    lent.in_atomic_block = lent.closed_in_transaction = True
    with pytest.raises(ProgrammingError, match="atomic block"):
        repositories.prepared_rows(NEXT, [1])
    lent.in_atomic_block = lent.closed_in_transaction = False


def test_they_are_counted(own: DatabaseWrapper) -> None:
    counted = QueryCount()
    with own.execute_wrapper(counted):
        repositories.prepared_rows(NEXT, [1])
    assert counted.count == 1
    assert counted.seconds > 0


def test_nothing_is_prepared_where_that_is_switched_off(
    own: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.ensure_connection()
    before = names(own)
    monkeypatch.setattr(own.connection, "prepare_threshold", None)
    assert repositories.prepared_rows("SELECT %s::int + 2", [1]) == [(3,)]
    assert names(own) == before


def test_who_lists_statements_finds_them(own: DatabaseWrapper) -> None:
    own.force_debug_cursor = True
    repositories.prepared_rows(NEXT, [1])
    assert [query["sql"] for query in own.queries] == ["SELECT 1::int + 1"]


def test_values_may_be_moments_and_truths(own: DatabaseWrapper) -> None:
    moment = datetime(2026, 11, 29, 12, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    statement = "SELECT %s::timestamptz, %s::boolean, %s::boolean"
    [(found, yes, no)] = repositories.prepared_rows(statement, [moment, True, False])
    assert (found, yes, no) == (moment, True, False)
