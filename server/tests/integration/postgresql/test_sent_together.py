"""Statements that are sent at the end of their block: what becomes of them."""

from __future__ import annotations

import select
import socket
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from core import repositories
from core.metrics.queries import QueryCount
from core.postgresql import prepared
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


def test_blocks_within_blocks_keep_the_order(own: DatabaseWrapper) -> None:
    with sent_together():
        run_prepared(WRITE, [1])
        with sent_together():
            assert seen(own) == [1]
            run_prepared(WRITE, [2])
        assert seen(own) == [1, 2]
        run_prepared(WRITE, [3])
        assert seen(own) == [1, 2]
    assert seen(own) == [1, 2, 3]


def test_a_transaction_within_a_block_ends_with_what_it_wrote(own: DatabaseWrapper) -> None:
    with sent_together():
        own.set_autocommit(False)
        run_prepared(WRITE, [1])
        own.commit()
        own.set_autocommit(True)
        assert seen(own) == [1]


def test_what_was_prepared_before_a_refusal_is_not_prepared_again(own: DatabaseWrapper) -> None:
    def write() -> None:
        with sent_together():
            run_prepared("INSERT INTO sent VALUES (%s - 1)", [2])
            run_prepared("INSERT INTO sent VALUES (1 / %s::int)", [0])

    for _ in range(3):
        with pytest.raises(DataError):
            write()
    with own.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%sent%'")
        statements = [statement for (statement,) in cursor.fetchall()]
    assert len(statements) == len(set(statements))


def test_a_connection_that_answers_nonsense_is_given_up() -> None:
    """What reads it then reads no more, and says so as often as it is asked."""
    found = connection.settings_dict
    parameters = {"dbname": found["NAME"], "user": found["USER"], "password": found["PASSWORD"]}
    server = (found["HOST"], int(found["PORT"]))
    is_broken = Event()

    def answer() -> None:
        client, _ = listener.accept()
        with client, socket.create_connection(server) as upstream:
            while True:
                for ready in select.select([client, upstream], [], [])[0]:
                    received = ready.recv(65_536)
                    if not received:
                        return
                    if is_broken.is_set():
                        client.sendall(b"\0" * 40)
                    else:
                        (upstream if ready is client else client).sendall(received)

    raised: list[BaseException] = []

    def ask() -> None:
        try:
            prepared.run(asked, [("SELECT 1", [])])
        except psycopg.OperationalError as error:
            raised.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=answer, daemon=True).start()
        port = listener.getsockname()[1]
        with psycopg.connect(host="127.0.0.1", port=port, **parameters) as asked:
            is_broken.set()
            thread = Thread(target=ask, daemon=True)
            thread.start()
            thread.join(20)
            assert raised
            assert asked.closed


def test_each_is_counted(own: DatabaseWrapper) -> None:
    counted = QueryCount()
    with own.execute_wrapper(counted), sent_together():
        for value in range(3):
            run_prepared(WRITE, [value])
    assert counted.count == 3
    assert counted.seconds > 0
    assert seen(own) == [0, 1, 2]
