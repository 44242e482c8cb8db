"""Counters of limits in Valkey, from one window to the next."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, cast

from redis import Redis

from core.limiting.windows import Limit, RedisWindows
from core.redis import RedisLink
from tests.fixtures.services import FragileValkey

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = Limit(name="read", most=12, seconds=2)


def test_what_passed_in_a_window_counts_in_the_next_and_nothing_is_held_for_ever() -> None:
    passed: Counter[int] = Counter()
    with FragileValkey() as valkey, Redis.from_url(valkey.url) as client:
        windows = RedisWindows(RedisLink(client), namespace="limit:")
        while len(passed) < 3:
            verdict = windows.hit(LIMIT, "ada")
            held = cast("Mapping[bytes, bytes]", client.hgetall("limit:read:ada"))
            window, count, before = (int(held[name]) for name in (b"window", b"count", b"before"))
            passed[window] += verdict.passes
            assert count == passed[window]
            if len(passed) > 1:
                assert before == passed[window - 1]
            assert client.ttl("limit:read:ada") != -1, "it is held for ever"
            time.sleep(0.02)
    assert max(passed.values()) <= LIMIT.most
