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
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cachetools import TLRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.redis import RedisLink

MOST_KEYS = 100_000
"""Keys in the memory of one process; of more, those are forgotten that were used longest ago."""


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
    used = before * (1 - passed) + count
    passes = used + 1 <= limit.most
    if passes:
        count, used = count + 1, used + 1
    verdict = Verdict(
        limit=limit,
        passes=passes,
        remaining=max(0, math.floor(limit.most - used)),
        reset_seconds=math.ceil((1 - passed) * limit.seconds),
        retry_seconds=0 if passes else _until_one_passes(limit, count, before, passed),
    )
    return State(int(window), count, before), verdict


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


# slide(), where the counters are. Redis tells the time: those who ask may have different clocks.
_SLIDE = """
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local window = math.floor(now / seconds)
local held = redis.call('HMGET', KEYS[1], 'window', 'count', 'before')
local last, count, before = tonumber(held[1] or 0), tonumber(held[2] or 0), tonumber(held[3] or 0)
if last ~= window then
  if last == window - 1 then before = count else before = 0 end
  count = 0
end
if before * (1 - (now / seconds - window)) + count + 1 <= most then
  if last == window then
    redis.call('HINCRBY', KEYS[1], 'count', 1)
  else
    redis.call('HSET', KEYS[1], 'window', window, 'count', 1, 'before', before)
    redis.call('EXPIRE', KEYS[1], 2 * seconds)
  end
end
return {tostring(now), window, count, before}
"""


class RedisWindows:
    """Count for all processes."""

    def __init__(self, link: RedisLink, *, namespace: str) -> None:
        """Take the way to Redis, and what keys begin with."""
        self._link = link
        self._namespace = namespace

    @property
    def is_up(self) -> bool:
        """Whether Redis answered when it was last asked."""
        return self._link.is_up

    def hit(self, limit: Limit, key: str) -> Verdict:
        """Count a request, if it may pass.

        :raises RedisAway: Redis did not answer.
        """
        name = f"{self._namespace}{limit.name}:{key}"
        now, window, count, before = self._link.run(_SLIDE, name, limit.most, limit.seconds)
        # What it counted is what slide() counts of the same numbers.
        state = State(int(window), int(count), int(before))
        return slide(state, limit, now=float(now))[1]
