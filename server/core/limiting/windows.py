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
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cachetools import TLRUCache

from core.redis import RedisAway

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.redis import RedisLink

MOST_KEYS = 100_000
"""Keys in the memory of one process; of more, those are forgotten that were used longest ago."""
MOST_REMEMBERED = 20_000
"""Counters of which one process remembers anything; of more that still run, it forgets all."""
MOST_AT_ONCE = 16
"""So many of a limit, at most, a process takes at once."""
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


@dataclass(slots=True)
class _Counter:
    """What one process knows of a counter in Redis."""

    before: int
    """What the window before came to."""
    until: float
    """When its window ends, in seconds since 1970."""
    count: int = 0
    """What it was when it was last asked."""
    taken: int = 0
    """Of these, how many are taken and not used yet."""
    is_asked: bool = False
    """Whether a thread is taking some."""


class RedisWindows:
    """Count for all processes: each window of a key has a counter of its own.

    One command counts, ``INCRBY``; what the window before came to is over, and asked for once. What
    is refused is counted too, and taken back: meanwhile it can only keep others from passing.

    As long as more than half of a limit is left, a process takes some at once, so that it need not
    ask for each request. No more pass than may. What one takes and does not use, nobody else gets,
    in this window and by its share in the next: a 64th of what was left, at most, and nothing of
    limits below 128.
    """

    def __init__(
        self, link: RedisLink, *, namespace: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the way to Redis, and what keys begin with."""
        self._link = link
        self._namespace = namespace
        self._clock = clock
        self._lock = threading.Lock()
        self._counters: dict[tuple[str, int], _Counter] = {}
        """What is known of each, by its key and how many may pass: settings may have changed."""
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
        window, passed = divmod(now / limit.seconds, 1)
        name = f"{self._namespace}{limit.name}:{key}:{int(window)}"
        counter = self._counters.get((name, limit.most))
        some = 1
        if counter is not None:
            with self._lock:
                if counter.taken:
                    counter.taken -= 1
                    earlier = counter.count - counter.taken - 1
                    return _verdict(limit, earlier, counter.before, passed)
                if not counter.is_asked:  # by another thread, which takes some for all
                    some = _at_once(limit, counter, passed)
                    counter.is_asked = some > 1
        try:
            return self._ask(limit, name, counter, some, now)
        finally:
            if counter is not None and some > 1:
                counter.is_asked = False

    def _ask(
        self, limit: Limit, name: str, counter: _Counter | None, some: int, now: float
    ) -> Verdict:
        """Take some in Redis, and use one of them."""
        window, passed = divmod(now / limit.seconds, 1)
        count = 0 if counter is None else self._link.ask("INCRBY", name, some)
        if counter is None or count <= some:  # new to this process, or to a Redis that was emptied
            count, held, _ = self._link.ask_all(
                ("INCRBY", name, some - count),
                ("GET", f"{name.rpartition(':')[0]}:{int(window) - 1}"),
                ("EXPIRE", name, 2 * limit.seconds),
            )
            # More than may pass is of requests that were refused, or gave up waiting.
            found = _Counter(min(int(held or 0), limit.most), now + (1 - passed) * limit.seconds)
            counter = self._remember((name, limit.most), found, now, instead_of=counter)
        # Without others that are refused in this moment.
        verdict = _verdict(limit, min(count - some, limit.most), counter.before, passed)
        # Others may have been quicker: what is left is known only now.
        back = 0 if verdict.remaining > limit.most / 2 else some - verdict.passes
        if back:
            command = ("DECR", name) if back == 1 else ("DECRBY", name, back)
            with suppress(RedisAway):
                # Of a Redis that was emptied meanwhile it would be held for ever.
                self._link.ask_all(command, ("EXPIRE", name, 2 * limit.seconds))
        with self._lock:
            counter.count = max(counter.count, count - back)
            counter.taken += some - back - verdict.passes
        return verdict

    def _remember(
        self, key: tuple[str, int], found: _Counter, now: float, *, instead_of: _Counter | None
    ) -> _Counter:
        """Return what is known of a counter from now on, by all threads."""
        with self._lock:
            known = self._counters.get(key)
            if known is not None and known is not instead_of:
                return known  # another thread was quicker, and may have taken some
            if len(self._counters) >= MOST_REMEMBERED:
                running = {one: held for one, held in self._counters.items() if held.until > now}
                # What is taken is lost with what is forgotten.
                self._counters = running if len(running) < MOST_REMEMBERED else {}
            self._counters[key] = found
            return found

    def _now(self) -> float:
        """Return the time that Redis has: those who count may have different clocks."""
        moment = self._clock()
        if moment >= self._compared_until:
            seconds, microseconds = self._link.ask("TIME")
            self._ahead_seconds = int(seconds) + int(microseconds) / 1_000_000 - moment
            self._compared_until = moment + COMPARED_EVERY_SECONDS
        return moment + self._ahead_seconds


def _at_once(limit: Limit, counter: _Counter, passed: float) -> int:
    """Return how many a process may take of a limit at once."""
    left = limit.most - counter.before * (1 - passed) - counter.count
    return max(1, min(MOST_AT_ONCE, int(left) // 64)) if left > limit.most / 2 else 1
