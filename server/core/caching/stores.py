"""Where answers are kept: in Redis for all processes, and in the memory of this one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol

from cachetools import TLRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.redis import RedisLink

BUILDING = b""
"""What a key holds while somebody builds its answer."""
BUILDING_FOR_SECONDS = 1.0
"""After this long, whoever builds is taken for dead."""
MEMORY_BYTES = 32 * 1024 * 1024
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


class RedisStore:
    """Keep values in Redis, as long as it answers."""

    def __init__(self, link: RedisLink, *, namespace: str) -> None:
        """Take the way to Redis, and what keys begin with."""
        self._link = link
        self._namespace = namespace

    @property
    def is_up(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return self._link.is_up

    def claim(self, key: str) -> bytes | None:
        """Return what a key holds; where that is nothing, mark it as ``BUILDING`` for us.

        ``SET … NX GET`` does both in one step, and takes Redis 7 or any Valkey.

        :raises RedisAway: Redis did not answer.
        """
        milliseconds = int(BUILDING_FOR_SECONDS * 1000)
        held: bytes | None = self._link.ask(
            "SET", self._namespace + key, BUILDING, "NX", "GET", "PX", milliseconds
        )
        return held

    def put(self, key: str, value: bytes, *, seconds: float) -> None:
        """Keep a value.

        :raises RedisAway: Redis did not answer.
        """
        self._link.ask("SET", self._namespace + key, value, "PX", int(seconds * 1000))

    def forget(self, key: str) -> None:
        """Keep nothing under a key.

        :raises RedisAway: Redis did not answer.
        """
        self._link.ask("DEL", self._namespace + key)
