"""The database backend that ``DATABASES`` names for PostgreSQL."""

from __future__ import annotations

import select
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db.backends.postgresql import base, operations
from psycopg import Cursor
from psycopg.adapt import AdaptersMap, Loader

from core.postgresql import prepared
from core.postgresql.patience import PatientConnection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.backends.utils import CursorWrapper
    from psycopg import Connection
    from psycopg.abc import Buffer
    from psycopg_pool import ConnectionPool


class MomentLoader(Loader):
    """Read a moment as PostgreSQL writes it in a session whose time zone is UTC, as Django's is.

    psycopg's own looks at it with a regular expression, and a page has a hundred.
    """

    timezone = UTC
    """Django asks a loader for it, and replaces one that has another."""

    def load(self, data: Buffer) -> datetime:
        """Return the moment, aware and in UTC."""
        return datetime.fromisoformat(bytes(data).decode("ascii"))


class PreparedCursor(Cursor[Any]):
    """A cursor whose statements PostgreSQL prepares; Django's own writes the values into the text.

    A connection keeps a hundred: those are meant that are always the same.
    """

    def execute(self, query: Any, params: Any = None, **_options: Any) -> Self:
        """Run a statement, prepared unless ``prepare_threshold`` forbids it."""
        return super().execute(query, params, prepare=True)


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, but it knows what a prepared statement was, for DEBUG's and tests' lists."""

    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str:
        """Return a statement with its values."""
        if isinstance(cursor, PreparedCursor):
            return str(self.compose_sql(sql, params))
        return str(super().last_executed_query(cursor, sql, params))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how it reads moments, and finds out that a connection has ended.

    CONN_HEALTH_CHECKS asks the server, once for each request: a round trip as long as that of the
    query that authenticates it. Nothing is sent on a connection that nobody uses: if there is
    something to read, it is the server's farewell.
    """

    ops_class = DatabaseOperations

    def __init__(self, settings_dict: dict[str, Any], *arguments: Any, **options: Any) -> None:
        """Have the pool, if there is one, make connections that do not wait for ever."""
        super().__init__(settings_dict, *arguments, **options)
        if pool := settings_dict["OPTIONS"].get("pool"):
            pool.setdefault("connection_class", PatientConnection)

    def get_connection_params(self) -> dict[str, Any]:
        """Return what a connection is made with; nothing where a pool makes it, which knows."""
        if self.alias in self._connection_pools:  # type: ignore[attr-defined]  # not in the stubs
            return {}
        parameters: dict[str, Any] = super().get_connection_params()
        parameters["context"] = _with_moments(parameters["context"])
        return parameters

    def _set_autocommit(self, autocommit: bool) -> None:  # noqa: FBT001 -- Django's signature
        """Change it where it is not so already, as it is on a connection of the pool."""
        if self.connection.autocommit != autocommit:
            super()._set_autocommit(autocommit)  # type: ignore[misc]  # not in the stubs

    def _rollback(self) -> None:
        """Roll back; psycopg has PostgreSQL forget all statements then, if it prepared any."""
        forgets = self.connection is not None and bool(self.connection._prepared._names)  # noqa: SLF001 -- nothing else tells
        super()._rollback()  # type: ignore[misc]  # not in the stubs
        if forgets:
            prepared.forget(self.connection)

    def prepared_cursor(self) -> CursorWrapper:
        """Return a cursor for statements that come all the time."""
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PreparedCursor(self.connection)
            return self._prepare_cursor(cursor)  # type: ignore[attr-defined,no-any-return]  # not in the stubs

    def prepared_rows(self, statement: str, values: Sequence[Any]) -> prepared.Rows | None:
        """Return the rows of a statement that comes all the time.

        Where the pool would have to lend a connection for it, it does so for the statement alone:
        Django gets one ready for all that a request may want of it.

        :returns: None where it must go the usual way: in a transaction, or where statements are not
            to be prepared, or are listed or traced.
        """
        self.validate_thread_sharing()
        # Sentry looks at cursors.
        if self.queries_logged or settings.SENTRY_TRACES_SAMPLE_RATE:
            return None
        with self.wrap_database_errors:
            if self.connection is not None or self.in_atomic_block or not (pool := self.pool):
                self.ensure_connection()
                return self._prepared_rows(self.connection, statement, values)
            pool.open()
            connection = _alive(pool, pool.getconn)
            try:
                return self._prepared_rows(connection, statement, values)
            finally:
                pool.putconn(connection)

    def _prepared_rows(
        self, connection: Connection[Any], statement: str, values: Sequence[Any]
    ) -> prepared.Rows | None:
        if (
            connection.prepare_threshold is None
            or not connection.autocommit
            or connection.pgconn.pipeline_status  # whose statements nobody would send
        ):
            return None

        def run(sql: str, params: Sequence[Any], _many: bool, _context: Any) -> prepared.Rows:  # noqa: FBT001 -- as Django's wrappers call it
            return prepared.rows(connection, sql, params)

        for wrapper in reversed(self.execute_wrappers):
            run = partial(wrapper, run)
        return run(statement, values, False, {"connection": self})  # noqa: FBT003 -- as above

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """Return a connection of the pool that has not ended, as far as its socket tells."""
        connect = partial(super().get_new_connection, conn_params)
        return _alive(pool, connect) if (pool := self.pool) else connect()


def _alive(pool: ConnectionPool, connect: Callable[[], Connection[Any]]) -> Connection[Any]:
    connection = connect()
    # As many may have ended as the pool has; one that is new then is taken as it comes.
    for _ in range(pool.max_size):
        if not _has_something_to_say(connection):
            break
        connection.close()
        pool.putconn(connection)
        connection = connect()
    return connection


def _has_something_to_say(connection: Connection[Any]) -> bool:
    sockets = select.poll()
    sockets.register(connection.pgconn.socket, select.POLLIN)
    return bool(sockets.poll(0))


@cache
def _with_moments(template: AdaptersMap) -> AdaptersMap:
    adapters = AdaptersMap(template)
    adapters.register_loader("timestamptz", MomentLoader)
    return adapters
