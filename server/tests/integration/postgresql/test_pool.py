"""What has just come back to the pool is at hand; nobody who stands in line waits for it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from psycopg_pool import PoolClosed, PoolTimeout

from core.postgresql import pool as module
from core.postgresql.pool import QuickPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.postgresql.patience import PatientConnection

pytestmark = pytest.mark.django_db

SIZE = 2


@pytest.fixture
def pool() -> Iterator[QuickPool]:
    """Yield a pool of two connections to the tests' database."""
    alone: Any = connection.copy()
    parameters = {**alone.settings_dict["OPTIONS"]}
    parameters.pop("pool", None)
    alone.settings_dict = {**alone.settings_dict, "OPTIONS": parameters}
    alone.alias = "alone"  # of which Django knows no pool
    kwargs = {**alone.get_connection_params(), "autocommit": True}
    with QuickPool(kwargs=kwargs, min_size=1, max_size=SIZE, timeout=5, open=True) as pool:
        pool.wait()
        yield pool


def ask(one: PatientConnection) -> int:
    [found] = one.execute("SELECT pg_backend_pid()").fetchall()
    return int(found[0])


def lent_by_the_library(pool: QuickPool) -> int:
    return pool.get_stats()["requests_num"]


def test_what_came_back_is_lent_again_at_once(pool: QuickPool) -> None:
    first = pool.getconn()
    pool.putconn(first)  # to the library: for a while nothing was put back
    pool.putconn(pool.getconn())
    asked = lent_by_the_library(pool)
    for _ in range(3):
        one = pool.getconn()
        assert one is first
        pool.putconn(one)
    assert lent_by_the_library(pool) == asked


def test_who_stands_in_line_gets_what_comes_back(pool: QuickPool) -> None:
    taken = [pool.getconn() for _ in range(SIZE)]
    with ThreadPoolExecutor(1) as threads:
        waits = threads.submit(pool.getconn)
        while not pool.get_stats().get("requests_waiting"):
            time.sleep(0.01)
        pool.putconn(taken[0])
        assert waits.result(2) is taken[0]
    for one in taken:
        pool.putconn(one)


def test_nobody_waits_in_vain_however_many_ask(pool: QuickPool) -> None:
    begin = threading.Barrier(8)

    def work() -> None:
        begin.wait()
        for _ in range(300):
            one = pool.getconn()
            ask(one)
            pool.putconn(one)

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(work) for _ in range(8)]:
            done.result(60)
    lent = [pool.getconn() for _ in range(SIZE)]
    assert len({ask(one) for one in lent}) == SIZE
    with pytest.raises(PoolTimeout):
        pool.getconn(0.1)
    for one in lent:
        pool.putconn(one)


def test_one_that_was_ended_is_not_kept_at_hand(pool: QuickPool) -> None:
    pool.putconn(pool.getconn())
    one = pool.getconn()
    ended = ask(one)
    one.close()
    pool.putconn(one)
    assert ask(pool.getconn(5)) != ended


def test_what_it_left_open_is_undone(pool: QuickPool) -> None:
    pool.putconn(pool.getconn())
    one = pool.getconn()
    one.autocommit = False
    ask(one)
    pool.putconn(one)
    again = pool.getconn()
    assert again is one
    assert again.info.transaction_status.name == "IDLE"
    again.autocommit = True
    pool.putconn(again)


def test_now_and_then_all_goes_back_to_the_library(
    pool: QuickPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.putconn(pool.getconn())
    monkeypatch.setattr(module, "PUT_BACK_EVERY_SECONDS", 0.0)
    taken = [pool.getconn() for _ in range(SIZE)]
    for one in taken:
        pool.putconn(one)  # the first of them is at hand at most until the second
    for one in [pool.getconn() for _ in range(SIZE)]:
        pool.putconn(one)
    assert pool.get_stats()["pool_available"] == SIZE


def test_none_is_left_open_when_it_closes(pool: QuickPool) -> None:
    pool.putconn(pool.getconn())
    at_hand, lent = pool.getconn(), pool.getconn()
    pool.putconn(at_hand)
    pool.close()
    assert at_hand.closed
    pool.putconn(lent)
    assert lent.closed
    with pytest.raises(PoolClosed):
        pool.getconn()
