"""Counters of limits in Valkey, from one window to the next."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Disconnected

import core.redis
from core.limiting.windows import Limit, RedisWindows
from core.redis import RedisAway, RedisLink
from tests.fixtures.services import FragileValkey

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = Limit(name="read", most=12, seconds=2)
LONG = Limit(name="read", most=20, seconds=3600)


@pytest.fixture(scope="module")
def cache() -> Iterator[FragileValkey]:
    with FragileValkey() as cache:
        yield cache


@pytest.fixture
def client(cache: FragileValkey) -> Iterator[Redis]:
    with Redis.from_url(cache.url, decode_responses=True) as client:
        client.flushall()
        yield client


def process(cache: FragileValkey, *, ahead: float = 0) -> RedisWindows:
    """Return what one process counts with, whose clock goes ahead of others."""
    link = RedisLink(Redis.from_url(cache.url))
    return RedisWindows(link, namespace="limit:", clock=lambda: time.monotonic() + ahead)


def counters(client: Redis) -> dict[str, int]:
    """Return what is counted, by key; nothing of it is held for ever."""
    keys = sorted(client.scan_iter("limit:*"))
    assert all(client.ttl(key) != -1 for key in keys), "one is held for ever"
    return {key: int(str(client.get(key))) for key in keys}


def test_what_passed_in_a_window_counts_in_the_next_and_nothing_is_held_for_ever(
    cache: FragileValkey, client: Redis
) -> None:
    one, other = process(cache), process(cache)
    passed: Counter[int] = Counter()
    refused = 0
    while len(passed) < 3:
        verdict = one.hit(LIMIT, "ada")
        window = max(int(key.rpartition(":")[2]) for key in counters(client))
        passed[window] += verdict.passes
        refused += not verdict.passes
        assert counters(client)[f"limit:read:ada:{window}"] == passed[window]
        time.sleep(0.02)
    assert refused
    assert max(passed.values()) <= LIMIT.most
    # What came before weighs, in a process too that has not seen it.
    for _ in range(passed[window - 1]):
        other.hit(LIMIT, "ada")
    assert counters(client)[f"limit:read:ada:{window}"] < passed[window - 1]


def test_of_a_hundred_at_once_in_two_processes_as_many_pass_as_the_limit_says(
    cache: FragileValkey, client: Redis
) -> None:
    processes = [process(cache), process(cache)]
    with ThreadPoolExecutor(50) as pool:
        verdicts = list(pool.map(lambda number: processes[number % 2].hit(LONG, "ada"), range(100)))
    assert sum(verdict.passes for verdict in verdicts) == LONG.most
    assert list(counters(client).values()) == [LONG.most]


def test_nobody_waits_longer_for_others_that_are_refused_in_the_same_moment(
    cache: FragileValkey, client: Redis
) -> None:
    windows = process(cache)
    alone = [windows.hit(LONG, "ada") for _ in range(LONG.most + 1)][-1]
    [counter] = counters(client)
    client.incrby(counter, 30)  # counted, and not yet taken back
    among = windows.hit(LONG, "ada")
    assert not among.passes
    assert 0 < among.retry_seconds <= alone.retry_seconds


def test_processes_count_in_one_window_whose_clocks_are_hours_apart(
    cache: FragileValkey, client: Redis
) -> None:
    for ahead in (0, -36_000, 36_000):
        verdict = process(cache, ahead=ahead).hit(LONG, "ada")
        assert 0 < verdict.reset_seconds <= LONG.seconds
    assert list(counters(client).values()) == [3]


def test_it_counts_anew_when_somebody_has_emptied_redis(
    cache: FragileValkey, client: Redis
) -> None:
    windows = process(cache)
    windows.hit(LONG, "bob")
    [counter] = counters(client)
    name, _, window = counter.rpartition(":")
    client.set(f"{name}:{int(window) - 1}".replace("bob", "ada"), LONG.most, ex=60)
    assert not [windows.hit(LONG, "ada") for _ in range(LONG.most)][-1].passes
    client.flushall()
    assert [windows.hit(LONG, "ada").remaining for _ in range(2)] == [19, 18]
    assert list(counters(client).values()) == [2]


def test_what_was_counted_for_those_who_gave_up_waiting_does_not_weigh_later(
    cache: FragileValkey, client: Redis
) -> None:
    """A Redis that was frozen does, when it thaws, what it was told meanwhile."""
    process(cache).hit(LONG, "bob")
    [counter] = counters(client)
    name, _, window = counter.rpartition(":")
    earlier = f"{name}:{int(window) - 1}".replace("bob", "ada")
    client.set(earlier, LONG.most, ex=60)
    most = process(cache).hit(LONG, "ada")
    client.set(earlier, 3 * LONG.most, ex=60)
    assert process(cache).hit(LONG, "ada").remaining >= most.remaining - 1


def test_what_is_taken_back_from_a_redis_that_was_emptied_is_not_held_for_ever(
    cache: FragileValkey, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = process(cache)
    ask = RedisLink.ask_all

    def emptied_before(link: RedisLink, *commands: tuple[bytes | str | int, ...]) -> list[object]:
        if commands[0][0] == "DECR":
            client.flushall()
        return ask(link, *commands)

    monkeypatch.setattr(RedisLink, "ask_all", emptied_before)
    assert [windows.hit(LONG, "ada").passes for _ in range(LONG.most + 1)][-1] is False
    assert list(counters(client).values()) == [-1]


LARGE = Limit(name="read", most=640, seconds=3600)


def asked(client: Redis, *names: str) -> int:
    """Return how often somebody sent one of some commands, those that count if none is named."""
    commands = client.info("commandstats")
    wanted = names or ("incr", "incrby")
    return sum(commands.get(f"cmdstat_{name}", {}).get("calls", 0) for name in wanted)


def test_of_a_large_limit_a_process_takes_some_at_once_and_says_what_is_left(
    cache: FragileValkey, client: Redis
) -> None:
    windows, before = process(cache), asked(client)
    left = [windows.hit(LARGE, "ada").remaining for _ in range(100)]
    assert left == list(range(639, 539, -1))
    assert 10 <= asked(client) - before <= 20
    [counter] = counters(client).values()
    assert 100 <= counter <= 100 + LARGE.most // 64


def test_of_a_large_limit_too_as_many_pass_as_it_says(cache: FragileValkey, client: Redis) -> None:
    processes = [process(cache) for _ in range(3)]
    with ThreadPoolExecutor(30) as pool:
        verdicts = list(
            pool.map(lambda number: processes[number % 3].hit(LARGE, "ada"), range(1000))
        )
    assert sum(verdict.passes for verdict in verdicts) == LARGE.most
    assert list(counters(client).values()) == [LARGE.most]


def test_what_another_process_took_and_does_not_use_is_a_64th_at_most(
    cache: FragileValkey, client: Redis
) -> None:
    idle, busy = process(cache), process(cache)
    for _ in range(2):
        idle.hit(LARGE, "ada")
    passed = sum(busy.hit(LARGE, "ada").passes for _ in range(LARGE.most))
    assert LARGE.most - 2 - LARGE.most // 64 <= passed < LARGE.most - 2


def test_threads_of_a_process_take_for_one_another(cache: FragileValkey, client: Redis) -> None:
    windows = process(cache)
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(lambda _: windows.hit(LARGE, "ada"), range(150)))
    [counter] = counters(client).values()
    assert 150 <= counter <= 150 + LARGE.most // 64


@pytest.mark.parametrize(("command", "times"), [("INCRBY", 2), ("DECRBY", 1)])
def test_what_is_given_back_is_never_given_twice(
    cache: FragileValkey,
    client: Redis,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    times: int,
) -> None:
    """Where the connection is lost, Redis may have done what it was told."""
    link = RedisLink(Redis.from_url(cache.url))
    link.ask("PING")
    answers = core.redis._asked  # noqa: SLF001 -- what a lost answer leaves behind
    lost: list[object] = []

    def asked_and_lost(*arguments: Any) -> Any:
        found = answers(*arguments)
        if not lost:
            lost.append(found)
            raise Disconnected
        return found

    monkeypatch.setattr("core.redis._asked", asked_and_lost)
    with suppress(RedisAway):
        link.ask(command, "limit:given", 5)
    assert abs(int(str(client.get("limit:given")))) == 5 * times


def test_once_half_of_it_is_used_each_request_is_counted(
    cache: FragileValkey, client: Redis
) -> None:
    windows = process(cache)
    for number in range(1, LARGE.most):
        windows.hit(LARGE, "ada")
        if number > LARGE.most * 0.6:
            assert list(counters(client).values()) == [number]


@pytest.mark.parametrize("left", [4, 40, LARGE.most // 2])
def test_where_others_were_quicker_all_but_one_is_given_back(
    cache: FragileValkey, client: Redis, left: int
) -> None:
    windows = process(cache)
    windows.hit(LARGE, "ada")
    [counter] = counters(client)
    client.set(counter, LARGE.most - left, ex=60)
    assert windows.hit(LARGE, "ada").remaining == left - 1
    assert counters(client) == {counter: LARGE.most - left + 1}
    before = asked(client, "decr", "decrby")
    assert windows.hit(LARGE, "ada").remaining == left - 2  # it knows by now, and takes one
    assert asked(client, "decr", "decrby") == before
    client.set(counter, LARGE.most, ex=60)
    assert not process(cache).hit(LARGE, "ada").passes
    assert counters(client) == {counter: LARGE.most}


def test_what_is_over_makes_room_and_what_was_taken_is_kept(
    cache: FragileValkey, client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.limiting.windows.MOST_REMEMBERED", 2)
    windows = process(cache)
    for _ in range(2):
        windows.hit(LARGE, "ada")
    windows.hit(Limit(name="read", most=9, seconds=1), "bob")
    time.sleep(1.1)
    windows.hit(LARGE, "eve")  # in the place of bob
    before = asked(client)
    windows.hit(LARGE, "ada")
    assert asked(client) == before
