"""The memory of one process: what it holds, for how long, and what goes when it is full."""

from __future__ import annotations

from itertools import count

import pytest

from core.caching.stores import BUILDING, BUILDING_FOR_SECONDS, MemoryStore

VALUE = b"x" * 500
VALUE_BYTES = 1000
"""What a value of this length takes: as much again, for its entry."""


class Timer:
    """A clock that stands still until a test moves it."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def timer() -> Timer:
    return Timer()


@pytest.fixture
def store(timer: Timer) -> MemoryStore:
    """Return a memory with room for three values."""
    return MemoryStore(most_bytes=3 * VALUE_BYTES, timer=timer)


def test_of_those_who_ask_the_first_is_told_to_build(store: MemoryStore) -> None:
    assert [store.claim("a"), store.claim("a"), store.claim("b")] == [None, BUILDING, None]


def test_what_was_put_is_held(store: MemoryStore) -> None:
    store.claim("a")
    store.put("a", b"first", seconds=10)
    assert store.claim("a") == b"first"
    store.put("a", b"second", seconds=10)
    assert store.claim("a") == b"second"
    assert store.claim("b") is None


@pytest.mark.parametrize("key", ["built", "claimed", "unknown"])
def test_what_is_forgotten_can_be_claimed_again(store: MemoryStore, key: str) -> None:
    store.put("built", VALUE, seconds=10)
    store.claim("claimed")
    store.forget(key)
    assert [store.claim(key), store.claim(key)] == [None, BUILDING]


def test_to_find_is_not_to_claim(store: MemoryStore, timer: Timer) -> None:
    assert [store.find("a"), store.find("a")] == [None, None]
    assert store.claim("a") is None
    assert store.find("a") == BUILDING
    store.put("a", b"value", seconds=10)
    assert store.find("a") == b"value"
    timer.now += 10
    assert store.find("a") is None


def test_what_was_found_was_used(store: MemoryStore) -> None:
    for key in "abc":
        store.put(key, VALUE, seconds=10)
    assert store.find("a") == VALUE
    store.put("d", VALUE, seconds=10)
    assert [store.find(key) for key in "abcd"] == [VALUE, None, VALUE, VALUE]


def test_to_clear_is_to_forget_all(store: MemoryStore) -> None:
    store.put("a", VALUE, seconds=10)
    store.claim("b")
    store.clear()
    assert [store.claim(key) for key in "ab"] == [None, None]


def test_a_value_is_held_for_its_time(store: MemoryStore, timer: Timer) -> None:
    store.put("short", b"short", seconds=10)
    store.put("long", b"long", seconds=20)
    timer.now += 9.9
    assert [store.claim("short"), store.claim("long")] == [b"short", b"long"]
    timer.now += 0.1
    assert [store.claim("short"), store.claim("long")] == [None, b"long"]
    timer.now += 10
    assert store.claim("long") is None


def test_whoever_builds_for_too_long_is_taken_for_dead(store: MemoryStore, timer: Timer) -> None:
    store.claim("a")
    timer.now += BUILDING_FOR_SECONDS / 2
    assert store.claim("a") == BUILDING
    timer.now += BUILDING_FOR_SECONDS / 2
    assert store.claim("a") is None


def test_what_was_not_used_for_longest_goes_first(store: MemoryStore) -> None:
    for key in "abc":
        store.put(key, VALUE, seconds=10)
    assert store.claim("a") == VALUE
    store.put("d", VALUE, seconds=10)
    assert [store.claim(key) for key in "acd"] == [VALUE] * 3
    assert store.claim("b") is None


def test_a_large_value_takes_the_room_of_many(store: MemoryStore) -> None:
    for key in "abc":
        store.put(key, VALUE, seconds=10)
    store.put("large", VALUE * 3, seconds=10)
    assert [store.claim(key) for key in ("c", "large")] == [VALUE, VALUE * 3]
    assert [store.claim(key) for key in "ab"] == [None, None]


def test_a_value_that_grows_takes_more_room(store: MemoryStore) -> None:
    for key in "abc":
        store.put(key, VALUE, seconds=10)
    store.put("b", VALUE * 3, seconds=10)
    assert [store.claim(key) for key in "bc"] == [VALUE * 3, VALUE]
    assert store.claim("a") is None


def test_marks_take_room_too(store: MemoryStore) -> None:
    for number in range(1000):
        store.claim(str(number))
    held = [number for number in range(1000) if store.claim(str(number)) == BUILDING]
    assert not held  # each new mark pushed out the one that we would have asked for next


def test_what_has_expired_makes_room_before_what_is_held(store: MemoryStore, timer: Timer) -> None:
    store.put("held", VALUE, seconds=20)
    for key in "ab":
        store.put(key, VALUE, seconds=1)
    timer.now += 1
    for key in "cd":
        store.put(key, VALUE, seconds=10)
    assert [store.claim(key) for key in ("held", "c", "d")] == [VALUE] * 3


def test_a_value_that_is_larger_than_all_is_refused_and_nothing_goes(store: MemoryStore) -> None:
    store.put("a", VALUE, seconds=10)
    with pytest.raises(ValueError, match="too large"):
        store.put("b", VALUE * 6, seconds=10)
    assert store.claim("a") == VALUE
    assert store.claim("b") is None


@pytest.mark.parametrize("seconds", range(1, 12))
def test_a_value_may_expire_in_any_moment_of_a_call(seconds: int) -> None:
    """As time goes on at each look at the clock, one of these ends between two of them."""
    ticks = count()
    store = MemoryStore(most_bytes=3 * VALUE_BYTES, timer=lambda: float(next(ticks)))
    store.put("a", VALUE, seconds=seconds)
    assert store.find("a") in {VALUE, None}
    store.put("a", VALUE, seconds=seconds)
    assert store.claim("a") in {VALUE, None}
    store.put("b", VALUE, seconds=seconds)
    store.forget("b")
    assert store.claim("b") is None
