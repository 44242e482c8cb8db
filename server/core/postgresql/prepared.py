"""Rows of statements that come all the time, without what a cursor does for any statement.

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
    error_from_result,
)
from psycopg.generators import execute
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection
    from psycopg.abc import PQGen
    from psycopg.pq.abc import PGresult

Rows = list[tuple[Any, ...]]


def rows(connection: Connection[Any], statement: str, values: Sequence[Any]) -> Rows:
    """Run a statement outside a transaction, and return its rows.

    PostgreSQL prepares it when it first comes on a connection, and reads each value, a number or a
    text, as what the statement compares it with.

    :param statement: has a ``%s`` for each value, and no other percent sign.
    :raises Error: one of psycopg's.
    """
    with connection.lock:
        held = _held(connection)
        try:
            return connection.wait(held.rows(statement, values))
        except (InvalidSqlStatementName, FeatureNotSupported):
            # Somebody had PostgreSQL forget it, or changed a table that it reads.
            held.names.clear()
            return connection.wait(held.rows(statement, values))


def forget(connection: Connection[Any]) -> None:
    """Note that PostgreSQL has forgotten what is prepared on a connection."""
    _held(connection).names.clear()


class _Held:
    """What one connection has prepared."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.names: dict[str, bytes] = {}
        self._numbers = count()
        self._server = connection.pgconn
        self._reader = Transformer.from_context(connection)

    def rows(self, statement: str, values: Sequence[Any]) -> PQGen[Rows]:
        name = self.names.get(statement)
        if name is None:
            name = b"ratecard_%d" % next(self._numbers)
            self._server.send_prepare(name, _numbered(statement))
            _good((yield from execute(self._server)))
            self.names[statement] = name
        self._server.send_query_prepared(name, [_text(value) for value in values])
        result = _good((yield from execute(self._server)))
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
