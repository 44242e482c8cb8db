"""One of many who want the same builds it, whatever comes between."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, get_ident
from typing import TYPE_CHECKING

import pytest

from core.caching.answers import LARGEST_BYTES, AnswerCache, KeptAnswer
from core.caching.stores import BUILDING, MEMORY_BYTES, MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

MANY = 20
IN_TIME = 60
KEY = "1.2.3"
LIST = b"[" + b",".join(b'{"id":%d,"title":"Loans"}' % number for number in range(500)) + b"]"
ANSWER = KeptAnswer(etag='"1-1"', body=b'{"id": 1}')
OTHER = KeptAnswer(etag='"2-1"', body=b'{"id": 2}')


class WatchedStore(MemoryStore):
    """A memory in which time stands still, and which shows who asks it for what.

    Those who find that another builds meet at a barrier first, and from then on look again only
    when there is something new: so no test depends on how quick a thread is.
    """

    def __init__(self, *, parties: int = 1) -> None:
        super().__init__(most_bytes=MEMORY_BYTES, timer=lambda: 0.0)
        self.everybody_is_here = Barrier(parties)
        self.changed = Event()
        self.claims: Counter[int] = Counter()
        self.kept_for: list[float] = []

    def claim(self, key: str) -> bytes | None:
        is_first = not self.claims[get_ident()]
        self.claims[get_ident()] += 1
        if not is_first:
            assert self.changed.wait(IN_TIME)
        held = super().claim(key)
        if is_first and held == BUILDING:
            self.everybody_is_here.wait(IN_TIME)
        return held

    def put(self, key: str, value: bytes, *, seconds: float) -> None:
        super().put(key, value, seconds=seconds)
        self.kept_for.append(seconds)
        self.changed.set()

    def forget(self, key: str) -> None:
        super().forget(key)
        self.changed.set()


def cache_in(store: MemoryStore) -> AnswerCache:
    return AnswerCache(near=store, far=None)


def get(cache: AnswerCache, build: Callable[[], KeptAnswer], *, key: str = KEY) -> KeptAnswer:
    return cache.get(key, seconds=100, build=build)


def never() -> KeptAnswer:
    raise AssertionError("There was no need to build it.")


@pytest.fixture
def memory() -> MemoryStore:
    """Return a memory in which time stands still."""
    return MemoryStore(most_bytes=MEMORY_BYTES, timer=lambda: 0.0)


def test_what_was_built_once_is_not_built_again(memory: MemoryStore) -> None:
    cache = cache_in(memory)
    assert get(cache, lambda: ANSWER) == ANSWER
    assert get(cache, never) == ANSWER
    assert get(cache, lambda: OTHER, key="1.3.3") == OTHER
    assert get(cache, never) == ANSWER


def test_of_twenty_who_want_the_same_one_builds_it() -> None:
    store = WatchedStore(parties=MANY)
    cache = cache_in(store)
    start = Barrier(MANY)
    built: list[int] = []

    def build() -> KeptAnswer:
        built.append(get_ident())
        store.everybody_is_here.wait(IN_TIME)
        return ANSWER

    def ask(_number: int) -> KeptAnswer:
        start.wait(IN_TIME)
        return get(cache, build)

    with ThreadPoolExecutor(MANY) as threads:
        found = list(threads.map(ask, range(MANY)))
    assert found == [ANSWER] * MANY
    assert len(built) == 1
    assert sorted(store.claims.values()) == [1] + [2] * (MANY - 1)


def test_those_who_want_different_things_do_not_wait_for_each_other(memory: MemoryStore) -> None:
    cache = cache_in(memory)
    everybody_builds = Barrier(MANY)

    def ask(number: int) -> KeptAnswer:
        def build() -> KeptAnswer:
            everybody_builds.wait(IN_TIME)
            return KeptAnswer(etag="", body=str(number).encode())

        return get(cache, build, key=str(number))

    with ThreadPoolExecutor(MANY) as threads:
        found = [answer.body for answer in threads.map(ask, range(MANY))]
    assert found == [str(number).encode() for number in range(MANY)]


def test_where_the_one_fails_another_builds_it() -> None:
    store = WatchedStore(parties=2)
    cache = cache_in(store)

    def fail() -> KeptAnswer:
        store.everybody_is_here.wait(IN_TIME)
        raise LookupError("Not found.")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(get, cache, fail)
        while not store.claims:  # until it builds
            store.changed.wait(0.001)
        second = threads.submit(get, cache, lambda: ANSWER)
        with pytest.raises(LookupError):
            first.result(IN_TIME)
        assert second.result(IN_TIME) == ANSWER
    assert get(cache, never) == ANSWER


def test_who_has_waited_for_long_builds_it_himself(memory: MemoryStore) -> None:
    assert memory.claim(KEY) is None  # for somebody who is never done
    assert get(cache_in(memory), lambda: ANSWER) == ANSWER
    assert get(cache_in(memory), never) == ANSWER


@pytest.mark.parametrize("is_waiting", [False, True])
@pytest.mark.parametrize("error", [LookupError("Not found."), KeyboardInterrupt()])
def test_what_goes_wrong_is_raised_and_nothing_is_kept(
    memory: MemoryStore, error: BaseException, *, is_waiting: bool
) -> None:
    if is_waiting:
        memory.claim(KEY)

    def fail() -> KeptAnswer:
        raise error

    with pytest.raises(type(error)) as raised:
        get(cache_in(memory), fail)
    assert raised.value is error
    assert memory.claim(KEY) is None  # not even the mark


def test_the_largest_answer_that_is_kept(memory: MemoryStore) -> None:
    line = len(ANSWER.etag) + 1
    largest = KeptAnswer(etag=ANSWER.etag, body=b"x" * (LARGEST_BYTES - line))
    larger = KeptAnswer(etag=ANSWER.etag, body=largest.body + b"x")
    cache = cache_in(memory)
    assert get(cache, lambda: largest, key="largest") == largest
    assert get(cache, never, key="largest") == largest
    assert get(cache, lambda: larger, key="larger") == larger
    assert get(cache, lambda: ANSWER, key="larger") == ANSWER
    assert get(cache, lambda: larger, key="larger") == larger


def test_those_who_want_what_is_too_large_do_not_wait_for_each_other() -> None:
    store = WatchedStore()
    cache = cache_in(store)
    larger = KeptAnswer(etag='"1-1"', body=b"x" * LARGEST_BYTES)
    get(cache, lambda: larger)
    store.claims.clear()
    everybody_builds = Barrier(MANY)

    def build() -> KeptAnswer:
        everybody_builds.wait(IN_TIME)
        return larger

    with ThreadPoolExecutor(MANY) as threads:
        found = list(threads.map(lambda _: get(cache, build), range(MANY)))
    assert found == [larger] * MANY
    assert list(store.claims.values()) == [1] * MANY


def test_answers_that_were_built_in_one_moment_do_not_expire_in_one() -> None:
    store = WatchedStore()
    cache = cache_in(store)
    for number in range(500):
        get(cache, lambda: ANSWER, key=str(number))
    assert min(store.kept_for) >= 80
    assert max(store.kept_for) <= 120
    assert max(store.kept_for) - min(store.kept_for) > 30


@pytest.mark.parametrize("etag", ['"1-1"', '"1.2.3.abc"', ""])
@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"\n", b'{"a":\n"\xc3\xa9"}\n', bytes(range(256)), LIST, bytes(range(256)) * 100],
)
def test_an_answer_is_read_back_as_it_was_written(etag: str, body: bytes) -> None:
    answer = KeptAnswer(etag=etag, body=body)
    assert KeptAnswer.from_bytes(answer.to_bytes()) == answer


def test_a_long_answer_is_kept_compressed() -> None:
    assert len(KeptAnswer(etag='"1-1"', body=LIST).to_bytes()) < len(LIST) / 5
