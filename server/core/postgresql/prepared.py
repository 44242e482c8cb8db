"""Statements that come all the time, without what a cursor does for any statement.

A cursor converts each text and its values, looks up under both what is prepared, and gets ready for
all that it may be asked later. For what every request asks, that takes longer than the answer.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

from psycopg.adapt import Transformer
from psycopg.errors import (
    DataError,
    FeatureNotSupported,
    InvalidSqlStatementName,
    OperationalError,
    error_from_result,
)
from psycopg.generators import execute, fetch_many, send
from psycopg.pq import ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]
Statement = tuple[str, "Sequence[Any]"]
"""A text that has a ``%s`` for each value, and no other percent sign; and the values."""


def run(connection: Connection[Any], statements: Sequence[Statement]) -> list[Rows]:
    """Run statements, sent together, and return the rows of each.

    PostgreSQL prepares one when it first comes on a connection, and reads each value (a number, a
    text, a moment or a truth) as what the statement compares it with. A transaction is begun where
    a cursor would begin one.

    :raises Error: one of psycopg's; PostgreSQL has run none after the statement that it refused.
    """
    begins = not connection.autocommit and (
        connection.pgconn.transaction_status == TransactionStatus.IDLE
    )
    try:
        return _run(connection, statements, begins=begins)
    except (InvalidSqlStatementName, FeatureNotSupported):
        # Somebody had PostgreSQL forget one, or changed a table that it reads.
        _held(connection).names.clear()
        if begins:
            connection.rollback()
        elif not connection.autocommit:  # what the transaction did before is lost
            raise
        return _run(connection, statements, begins=begins)


def _run(
    connection: Connection[Any], statements: Sequence[Statement], *, begins: bool
) -> list[Rows]:
    with connection.lock:
        return connection.wait(_held(connection).run(statements, begins=begins))


class _Held:
    """What one connection has prepared."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.names: dict[str, bytes] = {}
        self._numbers = count()
        self._connection = connection
        self._server = connection.pgconn
        self._reader = Transformer.from_context(connection)

    def run(self, statements: Sequence[Statement], *, begins: bool) -> PQGen[list[Rows]]:
        asked = [(text, [_text(value) for value in values]) for text, values in statements]
        if len(asked) == 1 and not begins and asked[0][0] in self.names:
            text, values = asked[0]
            self._server.send_query_prepared(self.names[text], values)
            return [self._rows(_good((yield from execute(self._server))))]
        return (yield from self._together(asked, begins=begins))

    def _together(
        self, asked: Sequence[tuple[str, list[bytes | None]]], *, begins: bool
    ) -> PQGen[list[Rows]]:
        """Run statements as libpq's "Pipeline Mode" has it."""
        new: dict[str, bytes] = {}
        prepares: list[str] = []  # for each command the text that it prepares, or nothing
        self._server.enter_pipeline_mode()
        if begins:
            self._server.send_query_params(self._connection._get_tx_start_command(), None)  # noqa: SLF001 -- what a cursor would send
        for text, values in asked:
            name = self.names.get(text) or new.get(text)
            if name is None:
                name = new[text] = b"ratecard_%d" % next(self._numbers)
                self._server.send_prepare(name, _numbered(text))
                prepares.append(text)
            self._server.send_query_prepared(name, values)
            prepares.append("")
        self._server.pipeline_sync()
        yield from send(self._server)
        answers = []
        while True:
            results = yield from fetch_many(self._server)
            if not results:  # the connection is lost
                raise OperationalError(self._server.get_error_message())
            if results[-1].status == ExecStatus.PIPELINE_SYNC:
                break
            answers.append(results)
        self._server.exit_pipeline_mode()
        if begins:
            _good(answers.pop(0))
        rows = []
        for results, text in zip(answers, prepares, strict=True):
            good = _good(results)
            if text:  # it stays prepared, even where a later command is refused
                self.names[text] = new[text]
            else:
                rows.append(self._rows(good))
        return rows

    def _rows(self, result: PGresult) -> Rows:
        self._reader.set_pgresult(result)
        return self._reader.load_rows(0, result.ntuples, tuple)


def _held(connection: Connection[Any]) -> _Held:
    held: _Held | None = connection.__dict__.get("held")
    if held is None:
        held = connection.__dict__["held"] = _Held(connection)
    return held


def _good(results: list[PGresult]) -> PGresult:
    result = results[-1]
    if result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK}:
        raise error_from_result(result)
    return result


def _text(value: Any) -> bytes | None:
    if value is None:
        return None
    text = str(value)
    if "\0" in text:  # which would end there
        raise DataError("PostgreSQL has no text with a NUL character.")
    return text.encode()


@cache
def _numbered(statement: str) -> bytes:
    """Return a statement with ``$1``, ``$2``… for its places, as the protocol has them."""
    first, *others = statement.split("%s")
    return "".join([first, *(f"${number}{text}" for number, text in enumerate(others, 1))]).encode()
