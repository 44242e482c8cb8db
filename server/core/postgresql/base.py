"""The database backend that ``DATABASES`` names for PostgreSQL."""

from __future__ import annotations

import select
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import OperationalError
from psycopg.adapt import AdaptersMap, Loader

from core.postgresql import prepared
from core.postgresql.patience import PatientConnection
from core.postgresql.pool import QuickPool
from core.settled import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.db.backends.utils import CursorWrapper
    from psycopg import Connection
    from psycopg.abc import Buffer


class MomentLoader(Loader):
    """Read a moment as PostgreSQL writes it in a session whose time zone is UTC, as Django's is.

    psycopg's own looks at it with a regular expression, and a page has a hundred.
    """

    timezone = UTC
    """Django asks a loader for it, and replaces one that has another."""

    def load(self, data: Buffer) -> datetime:
        """Return the moment, aware and in UTC."""
        return datetime.fromisoformat(bytes(data).decode("ascii"))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for moments, connections that have ended, and what comes all the time.

    docs/adr/0024-prepared-statements.md has the reasons for the last.

    CONN_HEALTH_CHECKS would ask the server, once for each request: a round trip as long as that of
    the query that authenticates it. Nothing is sent on a connection that nobody uses: if there is
    something to read, it is the server's farewell. So it is looked at for what goes through Django;
    what is read by hand is not even looked at, but sent again where its connection has ended.
    """

    def __init__(self, settings_dict: dict[str, Any], *arguments: Any, **options: Any) -> None:
        """Have the pool, if there is one, make connections that do not wait for ever."""
        super().__init__(settings_dict, *arguments, **options)
        self._waiting: list[prepared.Statement] | None = None
        if pool := settings_dict["OPTIONS"].get("pool"):
            pool.setdefault("connection_class", PatientConnection)
        self._lent: tuple[QuickPool, PatientConnection] | None = None

    @property
    def pool(self) -> QuickPool | None:
        """The pool of the process; as Django makes it, but for its class and its checks."""
        pools: dict[str, QuickPool] = self._connection_pools  # type: ignore[attr-defined]  # not in the stubs
        found = pools.get(self.alias)
        options = self.settings_dict["OPTIONS"].get("pool")
        if found is None and options and self.alias != NO_DB_ALIAS:
            parameters = {**self.get_connection_params(), "autocommit": True}
            configure = self._configure_connection  # type: ignore[attr-defined]  # as above
            made = QuickPool(kwargs=parameters, open=False, configure=configure, **options)
            found = pools.setdefault(self.alias, made)
        return found

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

    def prepared_rows(self, statement: str, values: Sequence[Any]) -> prepared.Rows | None:
        """Return the rows of a statement that comes all the time.

        Where no connection is open, the pool lends one as it is, until this one is closed: Django
        gets one ready for all that a request may want of it.

        :returns: None where it must go the usual way: where statements are not to be prepared, or
            are listed or traced.
        """
        if self._goes_the_usual_way():
            return None
        self._send_waiting()
        with self.wrap_database_errors:
            if self.connection is not None or self.in_atomic_block or not (pool := self.pool):
                self.ensure_connection()
                return self._send(self.connection, [(statement, values)])
            return self._send_lent(pool, (statement, values))

    def _send_lent(self, pool: QuickPool, statement: prepared.Statement) -> prepared.Rows | None:
        """Run a statement on a connection that the pool lends until this one is closed.

        PostgreSQL may have ended the connection, as when it restarts. Nobody looks first, which is
        a call of the system each time: a SELECT that fails so is sent once more, on another. So
        none may change anything.
        """
        if self._lent is None:
            if pool.closed:
                pool.open()
            self._lent = (pool, pool.getconn())
        try:
            return self._send(self._lent[1], [statement])
        except OperationalError:
            is_lost = self._lent[1].closed
            self._give_back()
            if not (is_lost and statement[0].lstrip().startswith("SELECT")):
                raise
        except BaseException:
            self._give_back()
            raise
        self._lent = (pool, _alive(pool, pool.getconn))
        try:
            return self._send(self._lent[1], [statement])
        except BaseException:
            self._give_back()
            raise

    def run_prepared(self, statement: str, values: Sequence[Any]) -> bool:
        """Run a statement that comes all the time, and of which nobody wants rows.

        Within ``together`` it waits for the block's end, or for the next statement of another kind.

        :returns: False where it must go the usual way, as above.
        """
        if self._waiting is None or self.connection is None or self._goes_the_usual_way():
            return self.prepared_rows(statement, values) is not None
        self._waiting.append((statement, values))
        return True

    @contextmanager
    def together(self) -> Iterator[None]:
        """Send the statements of a block, those that can wait, together at its end."""
        self._send_waiting()
        outer, self._waiting = self._waiting, []
        try:
            yield
            self._send_waiting()
        finally:
            self._waiting = outer

    def _send_waiting(self) -> None:
        if not self._waiting:
            return
        statements, self._waiting = self._waiting, []
        with self.wrap_database_errors:
            done = self._send(self.connection, statements) is not None
        if not done:
            with self.cursor() as cursor:
                for statement, values in statements:
                    cursor.execute(statement, values)

    def _cursor(self, name: str | None = None) -> CursorWrapper:
        self._send_waiting()
        return super()._cursor(name)  # type: ignore[misc,no-any-return]  # not in the stubs

    def _commit(self) -> None:
        self._send_waiting()
        super()._commit()  # type: ignore[misc]  # not in the stubs

    def _goes_the_usual_way(self) -> bool:
        self.validate_thread_sharing()
        self.validate_no_broken_transaction()
        return self.queries_logged or _is_traced()

    def _send(
        self, connection: Connection[Any], statements: Sequence[prepared.Statement]
    ) -> prepared.Rows | None:
        """Run statements; return the rows of the last, None where nothing is to be prepared."""
        # With a pipeline of psycopg's nobody would send ours.
        if connection.prepare_threshold is None or connection.pgconn.pipeline_status:
            return None
        *others, last = statements

        def run(_sql: str, _params: Any, _many: bool, _context: Any) -> prepared.Rows:  # noqa: FBT001 -- as Django's wrappers call it
            return prepared.run(connection, statements)[-1]

        for statement in others:  # each is counted; the last waits for all
            self._wrapped(_nothing, statement)
        found: prepared.Rows = self._wrapped(run, last)
        return found

    def _wrapped(self, run: Callable[..., Any], statement: prepared.Statement) -> Any:
        for wrapper in reversed(self.execute_wrappers):
            run = partial(wrapper, run)
        return run(*statement, False, {"connection": self})  # noqa: FBT003 -- as above

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """Return a connection of the pool that has not ended, as far as its socket tells."""
        self._give_back()
        connect = partial(super().get_new_connection, conn_params)
        return _alive(pool, connect) if (pool := self.pool) else connect()

    def close(self) -> None:
        """Give the pool back what it lent."""
        self._give_back()
        super().close()

    def close_if_unusable_or_obsolete(self) -> None:
        """Give the pool back what it lent; each request ends with this."""
        self._give_back()
        super().close_if_unusable_or_obsolete()

    def _give_back(self) -> None:
        if self._lent is not None:
            (pool, connection), self._lent = self._lent, None
            pool.putconn(connection)


@settled
def _is_traced() -> bool:
    """Tell whether Sentry traces requests: it looks at cursors."""
    return bool(settings.SENTRY_TRACES_SAMPLE_RATE)


def _nothing(*_: Any) -> None:
    """Run nothing."""


def _alive(pool: QuickPool, connect: Callable[[], Any]) -> PatientConnection:
    connection: PatientConnection = connect()
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
