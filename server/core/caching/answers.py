"""Keep answers, so that one of many who want the same builds it."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Self

from core import zstd
from core.caching.stores import BUILDING, MEMORY_BYTES, MemoryStore, RedisStore
from core.metrics import ANSWERS
from core.redis import RedisAway, redis_link

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.caching.stores import Store
    from core.redis import RedisLink

LARGEST_BYTES = 1024 * 1024
"""A larger answer is not kept: few ask for one, and it would push many others out."""
_TOO_LARGE = b"-"
_PACKED_FROM_BYTES = 4096
"""From here on an answer is kept compressed: a list takes a fifth of the room, or less."""
_PACKED = b"\x28\xb5\x2f\xfd"
"""What a Zstandard frame begins with (RFC 8878, section 3.1.1); an answer begins with its tag."""
_NAMESPACE = "ratecard:answer:"
"""What is written in another form takes another name: servers of two releases may share a Redis."""
_PAUSES = (0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128)
"""How long to wait, in seconds, for an answer that somebody else builds: about a quarter of one."""

FOUND_NEAR, _FOUND_FAR, _BUILT, _BUILT_WHILE_AWAY = (
    ANSWERS.labels(source) for source in ("near", "far", "built", "built_while_away")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """The body of an answer, in JSON, and its entity tag."""

    etag: str
    body: bytes

    @property
    def size(self) -> int:
        """How many bytes it has, written down and not compressed."""
        return len(self.etag) + 1 + len(self.body)

    def to_bytes(self) -> bytes:
        """Write it down: a line with the tag, and the body; compressed if it is long."""
        text = self.etag.encode("ascii") + b"\n" + self.body
        return zstd.compress(text, level=1) if len(text) >= _PACKED_FROM_BYTES else text

    @classmethod
    def from_bytes(cls, text: bytes) -> Self:
        """Read it back."""
        if text.startswith(_PACKED):
            text = zstd.decompress(text)
        etag, _, body = text.partition(b"\n")
        return cls(etag=etag.decode("ascii"), body=body)


class AnswerCache:
    """Answers by keys: in this process's memory and, for all processes, in Redis."""

    def __init__(self, *, near: MemoryStore, far: RedisStore | None) -> None:
        """Take where answers are kept; ``far`` is shared with other processes."""
        self._near = near
        self._far = far

    def get(
        self, key: str, *, seconds: float, build: Callable[[], KeptAnswer], is_shared: bool = True
    ) -> KeptAnswer:
        """Return the answer of a key, from where it is kept or newly built.

        Who finds that another builds it waits for about a quarter of a second, and then builds it
        too. What ``build`` raises is raised, and nothing is kept.

        :param seconds: how long to keep it, about: answers that were built in one moment shall
            not all expire in one.
        :param is_shared: whether other processes may have it too.
        """
        seconds *= random.uniform(0.8, 1.2)  # nosec B311  # noqa: S311 -- no secret
        held = self._near.find(key)
        if held and held != _TOO_LARGE:
            FOUND_NEAR.inc()
            return KeptAnswer.from_bytes(held)
        far = self._far if is_shared else None
        store, held = self._claim(key, far)
        if held and held != _TOO_LARGE:
            (_FOUND_FAR if store is far else FOUND_NEAR).inc()
            # What a key holds never changes: who has read it need not ask Redis again.
            self._near.put(key, held, seconds=seconds)
            return KeptAnswer.from_bytes(held)
        (_BUILT if store is (far or self._near) else _BUILT_WHILE_AWAY).inc()
        try:
            answer = build()
        except BaseException:
            with suppress(RedisAway):
                store.forget(key)
            raise
        if held != _TOO_LARGE:
            value = answer.to_bytes() if answer.size <= LARGEST_BYTES else _TOO_LARGE
            with suppress(RedisAway):
                store.put(key, value, seconds=seconds)
            if store is far and value != _TOO_LARGE:
                # Who asked once asks again, often this process: it need not fetch its own work.
                self._near.put(key, value, seconds=seconds)
        return answer

    def _claim(self, key: str, far: RedisStore | None) -> tuple[Store, bytes | None]:
        if far is not None and far.is_up:
            with suppress(RedisAway):
                return far, _wait_for(far, key)
        return self._near, _wait_for(self._near, key)


def _wait_for(store: Store, key: str) -> bytes | None:
    """Return what a key holds, once nobody builds it any more or we have waited enough."""
    held = store.claim(key)
    for pause in _PAUSES:
        if held != BUILDING:
            break
        time.sleep(pause)
        held = store.claim(key)
    return held


_MEMORY = MemoryStore(most_bytes=MEMORY_BYTES)


def answer_cache() -> AnswerCache:
    """Return this process's cache of answers, as the settings have it."""
    return _answer_cache(redis_link())


@cache
def _answer_cache(link: RedisLink | None) -> AnswerCache:
    far = None if link is None else RedisStore(link, namespace=_NAMESPACE)
    return AnswerCache(near=memory(), far=far)


def memory() -> MemoryStore:
    """Return this process's memory of answers."""
    return _MEMORY
