"""The database backend that ``DATABASES`` names for PostgreSQL."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

from django.db.backends.postgresql import base

if TYPE_CHECKING:
    from psycopg import Connection


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how it finds out that the server has ended a pooled connection.

    CONN_HEALTH_CHECKS asks the server, once for each request, which takes a third as long as the
    query that authenticates it. Nothing is sent on a connection that nobody uses: if there is
    something to read, it is the server's farewell.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection[Any]:
        """Return a connection of the pool that has not ended, as far as its socket tells."""
        connection: Connection[Any] = super().get_new_connection(conn_params)
        # As many may have ended as the pool has; one that is new then is taken as it comes.
        for _ in range(self.pool.max_size if self.pool else 0):
            if not _has_something_to_say(connection):
                break
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection


def _has_something_to_say(connection: Connection[Any]) -> bool:
    sockets = select.poll()
    sockets.register(connection.pgconn.socket, select.POLLIN)
    return bool(sockets.poll(0))
