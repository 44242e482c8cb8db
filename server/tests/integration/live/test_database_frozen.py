"""A PostgreSQL that hangs, as where its host is gone without a word, is a 503 in seconds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.fixtures.fragile import FragilePostgres
from tests.fixtures.live import LiveServer, live_server, wait_until
from tests.fixtures.load import CAMPAIGNS, is_unavailable, keys

THREADS = 4
PROBE_SECONDS = 8
"""Of what watches: it has given up by then, and so the server has not answered."""
CLIENT_SECONDS = 30
STATEMENT_TIMEOUT = "-c statement_timeout=10s"
"""Longer than probes wait: they are not to wait for that."""


def test_one_that_hangs_is_missed_in_seconds_and_found_again() -> None:
    with (
        FragilePostgres() as database,
        live_server(
            "production",
            workers=2,
            threads=THREADS,
            DATABASE_URL=database.url,
            REDIS_URL="",
            PGOPTIONS=STATEMENT_TIMEOUT,
        ) as server,
    ):
        [key] = keys(server, 1)
        assert _statuses(server, key) == {200}
        # The first time a process looks at the migrations, later at the database alone.
        assert {_readiness(server) for _ in range(4 * THREADS)} == {200}
        with database.frozen():
            assert _readiness(server) == 503
            # First those whose connections hang, then those who find none and cannot make one.
            for _ in range(2):
                assert all(is_unavailable(answer) for answer in _answers(server, key))
            assert _readiness(server) == 503
            assert _probe(server, "/livez").status_code == 200
        wait_until(lambda: _readiness(server) == 200, what="it is found again")
        wait_until(lambda: _statuses(server, key) == {200}, what="everybody is answered")
        assert server.process.poll() is None


def _answers(server: LiveServer, key: str) -> list[httpx.Response]:
    """Ask from as many clients as there are threads."""

    def ask(_number: int) -> httpx.Response:
        with server.client(token=key) as client:
            return client.get(CAMPAIGNS, timeout=CLIENT_SECONDS)

    with ThreadPoolExecutor(2 * THREADS) as threads:
        return list(threads.map(ask, range(2 * THREADS)))


def _statuses(server: LiveServer, key: str) -> set[int]:
    return {answer.status_code for answer in _answers(server, key)}


def _readiness(server: LiveServer) -> int:
    return _probe(server, "/readyz").status_code


def _probe(server: LiveServer, path: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", timeout=PROBE_SECONDS, trust_env=False)
