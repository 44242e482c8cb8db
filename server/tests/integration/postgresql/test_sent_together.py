"""Statements that are sent at the end of their block: what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from core import repositories
from core.metrics.queries import QueryCount
from core.repositories import prepared_rows, run_prepared, sent_together
from tests.fixtures.api import payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.postgresql.base import DatabaseWrapper
    from tests.fixtures.api import ApiClient

START = "UPDATE campaigns_campaign SET is_running = %s WHERE id = %s"
TITLE = "UPDATE campaigns_campaign SET title_key = %s WHERE id = %s"
WRITE = "INSERT INTO sent VALUES (%s)"
READ = "SELECT value FROM sent ORDER BY value"

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseWrapper]:
    """Yield a connection of its own with a table, which repositories ask."""
    own: Any = connection.copy()
    monkeypatch.setattr(repositories, "connections", {"default": own})
    with own.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS sent (value int UNIQUE)")
        cursor.execute("TRUNCATE sent")
    yield own
    own.close()


def seen(own: DatabaseWrapper) -> list[int]:
    """Return what is written, as another statement on the connection sees it meanwhile."""
    with own.connection.cursor() as cursor:
        return [value for (value,) in cursor.execute(READ).fetchall()]


def test_nothing_of_a_block_is_stored_if_one_statement_is_refused(api: ApiClient) -> None:
    first = api.post("campaigns/", payload("First")).json["id"]
    second = api.post("campaigns/", payload("Second")).json["id"]
    statements: list[tuple[str, list[Any]]] = [
        (START, [True, first]),
        (TITLE, ["first", second]),
        (START, [True, second]),
    ]

    def write() -> None:
        with transaction.atomic(), sent_together():
            for statement, values in statements:
                run_prepared(statement, values)

    with pytest.raises(IntegrityError, match="campaign_title_unique"):
        write()
    assert api.get(f"campaigns/{first}/").json["is_running"] is False
    assert api.get(f"campaigns/{second}/").json["is_running"] is False


def test_they_wait_for_the_end_of_the_block(own: DatabaseWrapper) -> None:
    for values in ([1, 2], [3, 4]):  # not prepared yet, and prepared
        before = seen(own)
        with sent_together():
            for value in values:
                run_prepared(WRITE, [value])
            assert seen(own) == before
        assert seen(own) == [*before, *values]


def test_they_begin_a_transaction_too(own: DatabaseWrapper) -> None:
    own.set_autocommit(False)
    with sent_together():
        run_prepared(WRITE, [1])
        run_prepared(WRITE, [2])
    assert seen(own) == [1, 2]
    own.rollback()
    own.set_autocommit(True)
    assert seen(own) == []


@pytest.mark.parametrize("reads", ["rows", "cursor", "prepared_off"])
def test_who_asks_for_rows_finds_what_was_written_before(
    own: DatabaseWrapper, reads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reads == "prepared_off":
        monkeypatch.setattr(own.connection, "prepare_threshold", None)
    with sent_together():
        run_prepared(WRITE, [1])
        if reads == "rows":
            assert prepared_rows(READ, []) == [(1,)]
        else:
            with own.cursor() as cursor:
                cursor.execute(READ)
                assert cursor.fetchall() == [(1,)]
        run_prepared(WRITE, [2])
    assert seen(own) == [1, 2]


def test_after_a_block_they_wait_for_nothing(own: DatabaseWrapper) -> None:
    def fail() -> None:
        with sent_together():
            run_prepared(WRITE, [1])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    run_prepared(WRITE, [2])
    assert seen(own) == [2]


def test_a_refusal_leaves_the_connection_as_it_was(own: DatabaseWrapper) -> None:
    def write(*values: object) -> None:
        with sent_together():
            for value in values:
                run_prepared(WRITE, [value])

    write(1)
    with pytest.raises(IntegrityError):
        write(2, 1, 3)
    with pytest.raises(DataError, match="NUL"):
        write(2, "a\0b")
    write(2, 3)
    assert seen(own) == [1, 2, 3]


def test_each_is_counted(own: DatabaseWrapper) -> None:
    counted = QueryCount()
    with own.execute_wrapper(counted), sent_together():
        for value in range(3):
            run_prepared(WRITE, [value])
    assert counted.count == 3
    assert counted.seconds > 0
    assert seen(own) == [0, 1, 2]
