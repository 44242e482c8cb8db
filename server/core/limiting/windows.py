"""Count requests in windows that slide.

A window slides by weighing the last fixed one by how much of it still counts, as if its requests
had been spread evenly: two counters for a key, where a log of moments would need one for each
request. With ``p`` requests in the last window, ``c`` in this one and a share ``x`` of this one
passed, ``p * (1 - x) + c`` count. What is refused does not.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cachetools import TLRUCache

from core.redis import RedisAway

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.redis import RedisLink

MOST_KEYS = 100_000
"""Keys in the memory of one process; of more, those are forgotten that were used longest ago."""
MOST_REMEMBERED = 20_000
"""Counters of which one process remembers what came before them; of more, it forgets all."""
COMPARED_EVERY_SECONDS = 60.0
"""How often a process compares its clock with that of Redis."""


class Limit(NamedTuple):
    """How many requests within how many seconds."""

    name: str
    most: int
    seconds: int


class Verdict(NamedTuple):
    """Whether a request may pass, and what is left."""

    limit: Limit
    passes: bool
    remaining: int
    reset_seconds: int
    """Until this window ends."""
    retry_seconds: int
    """Until another request can pass, where none can now."""


class Windows(Protocol):
    """Where requests are counted."""

    def hit(self, limit: Limit, key: str) -> Verdict:
        """Count a request, if it may pass; one step, whoever else does the same meanwhile."""


class State(NamedTuple):
    """The counters of a key: a window's number, its requests, and those of the one before."""

    window: int = 0
    requests: int = 0
    before: int = 0


def slide(state: State, limit: Limit, *, now: float) -> tuple[State, Verdict]:
    """Return the counters after a request, and whether it may pass.

    :param now: seconds since 1970.
    """
    window, passed = divmod(now / limit.seconds, 1)
    count = state.requests if state.window == window else 0
    before = {0: state.before, 1: state.requests}.get(int(window) - state.window, 0)
    verdict = _verdict(limit, count, before, passed)
    return State(int(window), count + verdict.passes, before), verdict


def _verdict(limit: Limit, count: int, before: int, passed: float) -> Verdict:
    """Say whether one more may pass.

    :param count: how many this window has had, and ``before`` the one before it.
    :param passed: the share of this window that has passed.
    """
    used = before * (1 - passed) + count + 1
    until_its_end = math.ceil((1 - passed) * limit.seconds)
    if used <= limit.most:
        return Verdict(limit, True, math.floor(limit.most - used), until_its_end, 0)  # noqa: FBT003 -- a tuple
    left = max(0, math.floor(limit.most - used + 1))
    retry_seconds = _until_one_passes(limit, count, before, passed)
    return Verdict(limit, False, left, until_its_end, retry_seconds)  # noqa: FBT003 -- as above


def _until_one_passes(limit: Limit, count: int, before: int, passed: float) -> int:
    if count < limit.most:
        share = 1 - (limit.most - count - 1) / before - passed
    else:  # this window is full: when enough of it has passed in the next one
        share = (1 - passed) + 1 - (limit.most - 1) / count
    return max(1, math.ceil(share * limit.seconds))


class MemoryWindows:
    """Count in this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Start with nothing counted."""
        self._clock = clock
        self._lock = threading.Lock()
        self._states: TLRUCache[str, tuple[State, float]] = TLRUCache(
            maxsize=MOST_KEYS, ttu=lambda _key, value, _now: value[1], timer=clock
        )

    def hit(self, limit: Limit, key: str) -> Verdict:
        """Count a request, if it may pass."""
        name = f"{limit.name}:{key}"
        with self._lock:
            now = self._clock()
            state, _ = self._states.get(name, (State(), 0.0))
            state, verdict = slide(state, limit, now=now)
            self._states[name] = (state, now + 2 * limit.seconds)
        return verdict

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._states.clear()


class RedisWindows:
    """Count for all processes: each window of a key has a counter of its own.

    One command counts, ``INCR``; what the window before came to is over, and asked for once. What
    is refused is counted too, and taken back: meanwhile it can only keep others from passing.
    """

    def __init__(
        self, link: RedisLink, *, namespace: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the way to Redis, and what keys begin with."""
        self._link = link
        self._namespace = namespace
        self._clock = clock
        self._before: dict[str, int] = {}
        """By counter, what the window before came to."""
        self._ahead_seconds = 0.0
        """How far the clock of Redis is ahead of ours."""
        self._compared_until = -math.inf

    @property
    def is_up(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return self._link.is_up

    def hit(self, limit: Limit, key: str) -> Verdict:
        """Count a request, if it may pass.

        :raises RedisAway: Redis did not answer.
        """
        now = self._now()
        at, passed = divmod(now / limit.seconds, 1)
        window = int(at)
        counters = f"{self._namespace}{limit.name}:{key}:"
        counter = f"{counters}{window}"
        before = self._before.get(counter)
        count = 0 if before is None else self._link.ask("INCR", counter)
        if before is None or count <= 1:  # new to this process, or to a Redis that was emptied
            count, held, _ = self._link.ask_all(
                ("INCRBY", counter, 1 - count),
                ("GET", f"{counters}{window - 1}"),
                ("EXPIRE", counter, 2 * limit.seconds),
            )
            # More than may pass is of requests that were refused, or gave up waiting.
            before = self._remember(counter, min(int(held or 0), limit.most))
        requests = min(count - 1, limit.most)  # without others that are refused in this moment
        verdict = _verdict(limit, requests, before, passed)
        if not verdict.passes:
            with suppress(RedisAway):
                # Of a Redis that was emptied meanwhile it would be held for ever.
                self._link.ask_all(("DECR", counter), ("EXPIRE", counter, 2 * limit.seconds))
        return verdict

    def _remember(self, counter: str, before: int) -> int:
        if len(self._before) >= MOST_REMEMBERED:
            self._before.clear()
        self._before[counter] = before
        return before

    def _now(self) -> float:
        """Return the time that Redis has: those who count may have different clocks."""
        moment = self._clock()
        if moment >= self._compared_until:
            seconds, microseconds = self._link.ask("TIME")
            self._ahead_seconds = int(seconds) + int(microseconds) / 1_000_000 - moment
            self._compared_until = moment + COMPARED_EVERY_SECONDS
        return moment + self._ahead_seconds
