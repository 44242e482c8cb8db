"""A server program that is killed, whole or one process of it, loses nothing that it answered."""

from __future__ import annotations

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.fragile import FragilePostgres, processes_below
from tests.fixtures.live import prepared, wait_until
from tests.fixtures.load import Writer, assert_nothing_lost, keys, under_load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fixtures.live import LiveServer, Site

WORKERS = 2
WRITERS = 8
ROUNDS = 3
ROUNDS_IN_FULL = int(os.environ.get("KILL_ROUNDS", "20"))
MOST_WRITES = 30
"""Of a round, before the kill: it is to come at any moment, also while all begin."""


@pytest.fixture
def site() -> Iterator[Site]:
    """Yield a production site on the run's kind of database."""
    with prepared("production", workers=WORKERS, threads=4, REDIS_URL="") as site:
        yield site


def test_a_server_that_is_killed_while_it_writes(site: Site) -> None:
    _kill_again_and_again(site, rounds=ROUNDS)


@pytest.mark.system
@pytest.mark.parametrize("database", ["PostgreSQL", "SQLite"])
def test_a_server_that_is_killed_many_times(tmp_path: Path, database: str) -> None:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'ratecard.sqlite3'}"
        if database == "PostgreSQL":
            url = stack.enter_context(FragilePostgres()).url
        site = stack.enter_context(
            prepared("production", workers=WORKERS, threads=4, REDIS_URL="", DATABASE_URL=url)
        )
        _kill_again_and_again(site, rounds=ROUNDS_IN_FULL)


def test_a_process_that_is_killed_is_replaced(site: Site) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(site.serving())
        writers = _writers(stack, server, keys(server, WRITERS))
        with under_load(writers):
            _wait_for_work(writers)
            before = _workers(server)
            killed = min(before)
            os.kill(killed, signal.SIGKILL)
            _wait_for_work(writers)
            # What it was answering, or had yet to: nothing that was sent later.
            broken = [len(writer.broken) for writer in writers]
            wait_until(
                lambda: len(_workers(server) - {killed}) == len(before), what="it is replaced"
            )
            _wait_for_work(writers)
        assert server.process.poll() is None
        assert [writer.wrong for writer in writers] == [[]] * WRITERS
        assert {status for writer in writers for status in writer.statuses} == {200, 201}
        assert [len(writer.broken) for writer in writers] == broken
        assert_nothing_lost(server.database_url, writers)


def _kill_again_and_again(site: Site, *, rounds: int) -> None:
    chance = random.Random(rounds)
    everybody: list[Writer] = []
    with site.serving() as server:
        tokens = keys(server, WRITERS // 2) * 2
    for _ in range(rounds):
        with ExitStack() as stack:
            server = stack.enter_context(site.serving())
            writers = _writers(stack, server, tokens)
            everybody += writers
            _kill_while_it_writes(server, writers, after=chance.randrange(MOST_WRITES))
    with site.serving() as server:
        assert [writer.wrong for writer in everybody] == [[]] * WRITERS * rounds
        assert {status for writer in everybody for status in writer.statuses} <= {200, 201}
        assert sum(len(writer.stored) for writer in everybody) > rounds
        assert_nothing_lost(server.database_url, everybody)


def _kill_while_it_writes(server: LiveServer, writers: list[Writer], *, after: int) -> None:
    """Kill every process of the server once so many writes are acknowledged, among more."""

    def write(writer: Writer) -> None:
        for number in count():
            if writer.broken:
                return
            writer.work(2 * number + 1)  # those are the writes

    with ThreadPoolExecutor(len(writers)) as threads:
        writing = [threads.submit(write, writer) for writer in writers]
        wait_until(
            lambda: sum(_answered(writer) for writer in writers) >= after, what="they have written"
        )
        os.killpg(server.process.pid, signal.SIGKILL)
        for thread in writing:
            thread.result()
    server.process.wait()


def _writers(stack: ExitStack, server: LiveServer, tokens: list[str]) -> list[Writer]:
    return [Writer(client=stack.enter_context(server.client(token=token))) for token in tokens]


def _wait_for_work(writers: list[Writer]) -> None:
    before = [_answered(writer) for writer in writers]
    wait_until(
        lambda: all(
            _answered(writer) > 4 + count for writer, count in zip(writers, before, strict=True)
        ),
        what="everybody is answered",
    )


def _answered(writer: Writer) -> int:
    return sum(writer.statuses.values())


def _workers(server: LiveServer) -> set[int]:
    """Return the processes that answer requests."""
    below = processes_below(server.process.pid)
    return {pid for pid, command in below.items() if "resource_tracker" not in command}
