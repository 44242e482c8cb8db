"""The way to Redis: one for each process, that gives up for all when Redis is away."""

from __future__ import annotations

import random
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from django_redis import get_redis_connection
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError

from core.metrics import BREAKER_OPEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from redis import Redis
    from redis.connection import AbstractConnection

log = structlog.get_logger("ratecard.redis")

PROBED_EVERY_SECONDS = 1.0
_MAKING = threading.Lock()
_NEVER_TWICE = frozenset({"DECR", "DECRBY"})
"""What is given back to a limit: twice, and more would pass than may."""


class RedisAway(Exception):
    """Redis did not answer, or not in time."""


class RedisLink:
    """Ask Redis, as long as it answers, each thread on a connection of its own.

    The client's own way to a command lends a connection of its pool, looks at it and measures: that
    takes longer than the command, and every request asks. One that Redis ended is found when it is
    used; what was asked then is asked again.

    A circuit breaker: after the first failure nobody asks Redis any more. A thread does, once a
    second, until it answers. A breaker that lets a request try would make that request pay for it.
    """

    def __init__(self, client: Redis) -> None:
        """Take a client whose timeouts are short."""
        self._client = client
        self._own = threading.local()
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._up.set()

    @property
    def is_up(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return self._up.is_set()

    def ask(self, *command: bytes | str | int) -> Any:
        """Return what Redis answers to a command.

        :raises RedisAway: it did not answer, or refused.
        """
        return self.ask_all(command)[0]

    def ask_all(self, *commands: tuple[bytes | str | int, ...]) -> list[Any]:
        """Return what Redis answers to some commands, which are sent together.

        :raises RedisAway: it did not answer, or refused one.
        """
        try:
            connection: AbstractConnection | None = getattr(self._own, "connection", None)
            if connection is None:
                return _asked(self._connected(), commands)
            try:
                return _asked(connection, commands)
            except Disconnected:  # as Redis may, since it was last asked: on another one, then
                if commands[0][0] in _NEVER_TWICE:
                    raise
                return _asked(self._connected(), commands)
        except RedisError as error:
            raise self._away(error) from error

    def _connected(self) -> AbstractConnection:
        """Return a new connection, which is this thread's from now on."""
        pool = self._client.connection_pool
        connection: AbstractConnection = pool.connection_class(**pool.connection_kwargs)
        connection.connect()  # type: ignore[no-untyped-call]  # redis-py has no types here
        self._own.connection = connection
        return connection

    def _away(self, error: RedisError) -> RedisAway:
        with self._lock:
            if self._up.is_set():
                self._up.clear()
                BREAKER_OPEN.set(1)
                log.warning("redis_away", error=str(error))
                threading.Thread(target=self._await, name="redis-probe", daemon=True).start()
        return RedisAway()

    def _await(self) -> None:
        """Ask Redis until it takes what is written: not full, not a replica, not too old."""
        while True:
            time.sleep(PROBED_EVERY_SECONDS * random.uniform(0.8, 1.2))  # nosec B311  # noqa: S311 -- no secret
            try:
                self._client.set("ratecard:probe", b"", nx=True, get=True, px=1)
            except RedisError:
                continue
            log.info("redis_back")
            BREAKER_OPEN.set(0)
            self._up.set()
            return


def _asked(
    connection: AbstractConnection, commands: Sequence[tuple[bytes | str | int, ...]]
) -> list[Any]:
    try:
        pieces = [piece for command in commands for piece in connection.pack_command(*command)]  # type: ignore[no-untyped-call]  # redis-py has no types here
        connection.send_packed_command([b"".join(pieces)])  # type: ignore[no-untyped-call]  # as above
        return [connection.read_response() for _ in commands]
    except BaseException:
        # What comes yet, or came unasked, must not be taken for the answer to another command.
        connection.disconnect()  # type: ignore[no-untyped-call]  # as above
        raise


def redis_link() -> RedisLink | None:
    """Return this process's way to Redis, where the settings name one."""
    with _MAKING:  # threads whose first requests meet would make one each, with a breaker each
        return _redis_link()


@cache
def _redis_link() -> RedisLink | None:
    try:
        client = get_redis_connection("default")
    except NotImplementedError:  # a cache that is no Redis
        return None
    return RedisLink(client)
