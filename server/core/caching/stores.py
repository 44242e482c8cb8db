"""Where answers are kept: in Redis for all processes, and in the memory of this one."""

from __future__ import annotations

import random
import threading
import time
from typing import TYPE_CHECKING, Protocol, cast

import structlog
from cachetools import TLRUCache
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

log = structlog.get_logger("ratecard.cache")

BUILDING = b""
"""What a key holds while somebody builds its answer."""
BUILDING_FOR_SECONDS = 1.0
"""After this long, whoever builds is taken for dead."""
MEMORY_BYTES = 32 * 1024 * 1024
PROBED_EVERY_SECONDS = 1.0
_ENTRY_BYTES = 500
"""What an entry of the memory takes beyond its value, about."""


class Store(Protocol):
    """Keep values under keys, for a while."""

    def claim(self, key: str) -> bytes | None:
        """Return what a key holds; where that is nothing, mark it as ``BUILDING`` for us.

        One step: of any number who ask at once, one gets None.
        """

    def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """Keep a value."""

    def forget(self, key: str) -> None:
        """Keep nothing under a key."""


class MemoryStore:
    """Keep values in this process, those used last, up to a size."""

    def __init__(self, *, most_bytes: int, timer: Callable[[], float] = time.monotonic) -> None:
        """Start empty."""
        self._lock = threading.Lock()
        self._values: TLRUCache[str, tuple[bytes, float]] = TLRUCache(
            maxsize=most_bytes,
            ttu=lambda _key, value, now: now + value[1],
            timer=timer,
            getsizeof=lambda value: len(value[0]) + _ENTRY_BYTES,
        )

    def find(self, key: str) -> bytes | None:
        """Return what a key holds that is kept."""
        with self._lock:
            held = self._values.get(key)
        return held and held[0]

    def claim(self, key: str) -> bytes | None:
        """Return what a key holds; where that is nothing, mark it as ``BUILDING`` for us."""
        with self._lock:
            held = self._values.get(key)
            if held is not None:
                return held[0]
            self._values[key] = (BUILDING, BUILDING_FOR_SECONDS)
            return None

    def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """Keep a value that is not larger than all of the memory."""
        with self._lock:
            self._values[key] = (value, seconds)

    def forget(self, key: str) -> None:
        """Keep nothing under a key."""
        with self._lock:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Keep nothing at all."""
        with self._lock:
            self._values.clear()


class StoreAway(Exception):
    """Redis did not answer, or not in time."""


class RedisStore:
    """Keep values in Redis, as long as it answers.

    A circuit breaker: after the first failure nobody asks Redis any more. A thread does, once a
    second, until it answers. A breaker that lets a request try would make that request pay for it.
    """

    def __init__(self, client: Redis, *, namespace: str) -> None:
        """Take a client whose timeouts are short, and what keys begin with."""
        self._client = client
        self._namespace = namespace
        self._lock = threading.Lock()
        self._up = threading.Event()
        self._up.set()

    @property
    def is_up(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return self._up.is_set()

    def claim(self, key: str) -> bytes | None:
        """Return what a key holds; where that is nothing, mark it as ``BUILDING`` for us.

        ``SET … NX GET`` does both in one step, and takes Redis 7 or any Valkey.

        :raises StoreAway: Redis did not answer.
        """
        try:
            held = self._client.set(
                self._namespace + key,
                BUILDING,
                nx=True,
                get=True,
                px=int(BUILDING_FOR_SECONDS * 1000),
            )
        except RedisError as error:
            raise self._away(error) from error
        return cast("bytes | None", held)  # GET answers what the key held, not whether it is set

    def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """Keep a value.

        :raises StoreAway: Redis did not answer.
        """
        try:
            self._client.set(self._namespace + key, value, px=int(seconds * 1000))
        except RedisError as error:
            raise self._away(error) from error

    def forget(self, key: str) -> None:
        """Keep nothing under a key.

        :raises StoreAway: Redis did not answer.
        """
        try:
            self._client.delete(self._namespace + key)
        except RedisError as error:
            raise self._away(error) from error

    def _away(self, error: RedisError) -> StoreAway:
        with self._lock:
            if self._up.is_set():
                self._up.clear()
                log.warning("redis_away", error=str(error))
                threading.Thread(target=self._await, name="redis-probe", daemon=True).start()
        return StoreAway()

    def _await(self) -> None:
        """Ask Redis until it answers what ``claim`` asks: not full, not a replica, not too old."""
        while True:
            time.sleep(PROBED_EVERY_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311 -- no secret
            try:
                self._client.set(self._namespace + "probe", BUILDING, nx=True, get=True, px=1)
            except RedisError:
                continue
            log.info("redis_back")
            self._up.set()
            return
