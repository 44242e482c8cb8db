"""Whoever has written reads what was written, whatever happens to the cache meanwhile.

Two servers of two processes each share a database and a Valkey, which is frozen, emptied, killed
and started again while accounts write through one server and read through the other.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.live import fresh_database, live_server, wait_until
from tests.fixtures.services import FragileValkey, postgres

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import httpx

    from tests.fixtures.live import LiveServer

WORKERS = 2
ACCOUNTS = 4
READERS = 2
PAUSE_SECONDS = 0.01
"""Between the requests of a reader, who would otherwise take all the time from the writers."""
LIST = "/api/v1/campaigns/"
PASSWORD = "correct horse battery 9"
WORLDWIDE = {"country": None, "amount": "1.00", "currency": "EUR"}
ROUNDS = 1_000
ROUNDS_IN_FULL = 10_000


@pytest.mark.parametrize(
    ("rounds", "database"),
    [
        pytest.param(ROUNDS, "the run's", id="short"),
        pytest.param(ROUNDS_IN_FULL, "PostgreSQL", id="full", marks=pytest.mark.system),
    ],
)
def test_the_next_read_through_another_process_shows_the_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rounds: int, database: str
) -> None:
    with ExitStack() as stack:
        cache = stack.enter_context(FragileValkey())
        url = stack.enter_context(
            postgres() if database == "PostgreSQL" else fresh_database(tmp_path)
        )
        servers = [stack.enter_context(_server(url, cache)) for _ in range(2)]
        outcome = _Outcome()
        owners = [stack.enter_context(_owner(servers, outcome, n)) for n in range(ACCOUNTS)]
        threads = stack.enter_context(ThreadPoolExecutor(ACCOUNTS + READERS))
        running = [threads.submit(owner.write_on) for owner in owners]
        running += [threads.submit(owner.read_on) for owner in owners[:READERS]]
        try:
            _break(cache, servers, outcome, rounds=rounds)
        finally:
            outcome.is_over.set()
        for thread in running:
            thread.result()
    with capsys.disabled():
        print(f"\n{outcome.summary()}")  # noqa: T201 -- the figures are what this is run for
    assert outcome.wrong == []
    assert set(outcome.statuses) == {200}
    assert outcome.rounds >= rounds


@dataclass(slots=True)
class _Outcome:
    """What came of it, as all threads add to it."""

    is_over: threading.Event = field(default_factory=threading.Event)
    statuses: Counter[int] = field(default_factory=Counter)
    rounds: int = 0
    reads: int = 0
    wrong: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, answer: httpx.Response) -> httpx.Response:
        with self._lock:
            self.statuses[answer.status_code] += 1
        return answer

    def end_round(self) -> None:
        with self._lock:
            self.rounds += 1

    def note(self, event: str) -> None:
        self.events.append(f"{event} after {self.rounds}")

    def summary(self) -> str:
        return (
            f"{self.rounds:,} writes, each read through another process: {len(self.wrong)} stale; "
            f"{self.statuses.total():,} requests: {dict(self.statuses)}; "
            f"Valkey {', '.join(self.events)} writes"
        )


class _Owner:
    """An account with one campaign, and connections of its own to both servers."""

    def __init__(self, clients: list[httpx.Client], outcome: _Outcome, campaign: Any) -> None:
        self._clients = clients
        self._outcome = outcome
        self._path = f"/api/v1/campaigns/{campaign['id']}/"
        self._payout = f"{self._path}payouts/{campaign['payouts'][0]['id']}/"
        self._reads: list[tuple[str, Callable[[Any], Any]]] = [
            (self._path, lambda body: body["payouts"][0]["amount"]),
            (LIST, lambda body: body["results"][0]["payouts"][0]["amount"]),
            (self._payout, lambda body: body["amount"]),
            (f"{self._path}payouts/", lambda body: body["results"][0]["amount"]),
            (f"{self._path}rate/?country=EE", lambda body: body["payout"]["amount"]),
        ]

    def write_on(self) -> None:
        """Write through one server and read through the other, in turns, until it is over."""
        for number in count(1):
            if self._outcome.is_over.is_set():
                return
            writer, reader = self._clients[number % 2], self._clients[1 - number % 2]
            amount = f"{number}.25"
            terms = WORLDWIDE | {"amount": amount}
            # Each of the two is read at each of the five addresses.
            if number // 2 % 2:
                self._outcome.add(writer.patch(self._payout, json={"amount": amount}))
            else:
                self._outcome.add(writer.patch(self._path, json={"payouts": [terms]}))
            address, shown = self._reads[number % len(self._reads)]
            answer = self._outcome.add(reader.get(address))
            if answer.status_code == 200 and shown(answer.json()) != amount:
                self._outcome.wrong.append(f"{address}: {shown(answer.json())} for {amount}")
            self._outcome.end_round()

    def read_on(self) -> None:
        """Keep the cache warm, and see the campaign's version never fall, until it is over."""
        last = 0
        for number in count():
            if self._outcome.is_over.is_set():
                return
            client = self._clients[2 + number % 2]
            address = (self._path, LIST)[number // 2 % 2]
            answer = self._outcome.add(client.get(address))
            if answer.status_code == 200:
                body = answer.json()
                version = body["version"] if "version" in body else body["results"][0]["version"]
                if version < last:
                    self._outcome.wrong.append(f"{address}: version {version} after {last}")
                last = version
            time.sleep(PAUSE_SECONDS)


def _break(
    cache: FragileValkey, servers: list[LiveServer], outcome: _Outcome, *, rounds: int
) -> None:
    """Do everything to the cache that may happen to one, a part of the rounds between each."""

    def wait_for_rounds(part: float) -> None:
        until = rounds * part
        while outcome.rounds < until and not outcome.wrong:
            time.sleep(0.02)

    def said(server: LiveServer, line: str) -> int:
        return server.log_text().count(f'"{line}"')

    def wait_until_away() -> None:
        wait_until(
            lambda: all(
                said(server, "redis_away") > said(server, "redis_back") for server in servers
            ),
            what="both servers have noticed",
        )

    def wait_until_back() -> None:
        wait_until(
            lambda: all(
                said(server, "redis_away") == said(server, "redis_back") for server in servers
            ),
            what="every process has noticed",
        )

    steps: list[tuple[float, Callable[[], object], str, Callable[[], None]]] = [
        (0.1, cache.freeze, "frozen", wait_until_away),
        (0.3, cache.thaw, "continued", wait_until_back),
        (0.5, lambda: _flush(cache), "flushed", wait_until_back),
        (0.6, cache.kill, "killed", wait_until_away),
        (0.8, cache.start, "restarted", wait_until_back),
    ]
    for part, step, event, wait in steps:
        wait_for_rounds(part)
        step()
        outcome.note(event)
        wait()
    wait_for_rounds(1)
    with cache.client() as client:
        assert client.dbsize() > 0  # it is used again


def _flush(cache: FragileValkey) -> None:
    with cache.client() as client:
        assert client.dbsize() > 0
        client.flushall()


@contextmanager
def _server(database_url: str, cache: FragileValkey) -> Iterator[LiveServer]:
    with live_server(
        "production",
        workers=WORKERS,
        DATABASE_URL=database_url,
        REDIS_URL=cache.url,
        SECRET_KEY=_SECRET,
    ) as server:
        yield server


_SECRET = secrets.token_hex(32)


@contextmanager
def _owner(servers: list[LiveServer], outcome: _Outcome, number: int) -> Iterator[_Owner]:
    """Yield an account with a key, which does not expire, and connections for two threads."""
    with servers[0].client() as client:
        account = {"email": f"owner{number}@example.com", "password": PASSWORD}
        client.headers["Authorization"] = (
            f"Bearer {client.post('/api/v1/auth/signup/', json=account).json()['access']}"
        )
        key = client.post("/api/v1/auth/keys/", json={"name": "Owner", "scope": "write"}).json()
        body = {"title": "0", "landing_page_url": "https://a.example/", "payouts": [WORLDWIDE]}
        campaign = client.post("/api/v1/campaigns/", json=body).json()
    with ExitStack() as stack:
        clients = [
            stack.enter_context(server.client(token=key["key"]))
            for _ in range(2)
            for server in servers
        ]
        for connection in clients:
            connection.headers["Host"] = "ratecard.example"  # one address, so that they share
        yield _Owner(clients, outcome, campaign)
