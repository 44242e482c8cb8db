"""Connections that PostgreSQL closes under the server cost nobody an error."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg

from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from tests.fixtures.live import LiveServer

THREADS = 4
PASSWORD = "correct horse battery 9"


def test_after_every_connection_was_killed_the_next_requests_work() -> None:
    with live_server("production", threads=THREADS) as server:
        token = _signed_up(server)
        for _ in range(3):
            assert _statuses(server, token) == [200] * 4 * THREADS
            with psycopg.connect(server.database_url, autocommit=True) as connection:
                killed = connection.execute(
                    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ).fetchall()
            assert killed
            assert _statuses(server, token) == [200] * 4 * THREADS, server.log_text()


def _signed_up(server: LiveServer) -> str:
    account = {"email": "ada@example.com", "password": PASSWORD}
    with server.client() as client:
        token: str = client.post("/api/v1/auth/signup/", json=account).json()["access"]
    return token


def _statuses(server: LiveServer, token: str) -> list[int]:
    """Send requests in parallel, so that more than one connection is used."""

    def status(_: int) -> int:
        with server.client(token=token) as client:
            return client.get("/api/v1/auth/profile/").status_code

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(status, range(4 * THREADS)))
