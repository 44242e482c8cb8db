"""psycopg's pool of connections, with a short way for those that come and go all the time."""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

if TYPE_CHECKING:
    from core.postgresql.patience import PatientConnection

PUT_BACK_EVERY_SECONDS = 10.0
"""How often what is at hand goes back to the pool, which renews old connections and closes those
that are too many."""


class QuickPool(ConnectionPool["PatientConnection"]):
    """A pool that has at hand what has just come back.

    To lend a connection, the library locks, counts and logs, and once more to take it back; every
    request lends one. Whoever finds none at hand waits in the library's line, and as long as
    somebody stands in it, what comes back goes to the library.
    """

    def __init__(self, **options: Any) -> None:
        """Take the library's options."""
        self._at_hand: deque[PatientConnection] = deque()
        self._counting = threading.Lock()
        self._in_line = 0
        self._put_back_at = 0.0
        super().__init__(**options)

    def getconn(self, timeout: float | None = None) -> PatientConnection:
        """Lend a connection.

        :param timeout: how long to wait for one, in seconds; the pool's own by default.
        :raises PoolTimeout: none came back in time.
        """
        try:
            return self._at_hand.pop()
        except IndexError:
            pass
        self._count(1)
        try:
            self._put_back()  # what has come back before anybody saw that we stand in line
            return super().getconn(timeout)
        finally:
            self._count(-1)

    def putconn(self, conn: PatientConnection) -> None:
        """Take a connection back."""
        if conn.pgconn.transaction_status == TransactionStatus.IDLE:
            self._at_hand.append(conn)
        else:  # it is lost, or has something to undo
            super().putconn(conn)
        if self._in_line or self.closed or time.monotonic() >= self._put_back_at:
            self._put_back()

    def close(self, timeout: float = 5.0) -> None:
        """Close all connections, those that are lent when they come back."""
        super().close(timeout)
        self._put_back()

    def _count(self, one: int) -> None:
        with self._counting:
            self._in_line += one

    def _put_back(self) -> None:
        self._put_back_at = time.monotonic() + PUT_BACK_EVERY_SECONDS
        with suppress(IndexError):  # where others take what is at hand, too
            while True:
                super().putconn(self._at_hand.pop())
