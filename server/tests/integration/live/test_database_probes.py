"""What probes see while PostgreSQL is away, or has not been migrated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import psycopg
from psycopg import sql

from tests.fixtures.live import live_server, wait_until

if TYPE_CHECKING:
    from tests.fixtures.live import LiveServer


def probe(server: LiveServer, path: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", timeout=60, trust_env=False)


def database_check(server: LiveServer) -> tuple[int, str, str]:
    answer = probe(server, "/readyz")
    checks = answer.json()["checks"]
    return answer.status_code, checks["database"], checks["migrations"]


def test_a_database_that_stops_takes_it_out_until_it_is_back() -> None:
    with live_server("production", workers=2) as server:
        assert database_check(server) == (200, "ok", "ok")
        name = sql.Identifier(server.database_url.rpartition("/")[2])
        administrator = f"{server.database_url.rpartition('/')[0]}/postgres"
        with psycopg.connect(administrator, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s",
                [name.as_string().strip('"')],
            )
            wait_until(lambda: database_check(server)[:2] == (503, "failed"), what="it is noticed")
            assert probe(server, "/livez").status_code == 200
            assert server.database_url not in server.log_text()
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        wait_until(lambda: database_check(server) == (200, "ok", "ok"), what="it is back")


def test_one_that_lacks_migrations_is_not_ready_until_they_are_applied() -> None:
    with live_server("production") as server:
        with psycopg.connect(server.database_url, autocommit=True) as connection:
            connection.execute(
                "DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'"
            )
            assert database_check(server) == (503, "ok", "failed")
            connection.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('sessions', '0001_initial', now())"
            )
        assert database_check(server) == (200, "ok", "ok")


def test_one_that_hangs_keeps_one_thread_and_no_more() -> None:
    with live_server("production", threads=2) as server:
        assert database_check(server) == (200, "ok", "ok")
        with (
            psycopg.connect(server.database_url) as connection,
            ThreadPoolExecutor(1) as threads,
        ):
            connection.execute("LOCK TABLE django_migrations")
            first = threads.submit(database_check, server)
            wait_until(lambda: _waits(server.database_url), what="the first one waits")
            assert database_check(server) == (503, "failed", "ok")
            assert probe(server, "/livez").status_code == 200
            # Nor is the first one kept for as long as it hangs.
            assert first.result() == (503, "failed", "ok")
            connection.rollback()
            wait_until(lambda: database_check(server) == (200, "ok", "ok"), what="it is back")


def _waits(database_url: str) -> bool:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return found.fetchone() is not None
