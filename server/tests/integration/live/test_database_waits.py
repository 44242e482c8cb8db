"""A database that is busy costs a request seconds, and the server none of its threads for good."""

from __future__ import annotations

import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tests.fixtures.live import fresh_database, live_server, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.fixtures.live import LiveServer

THREADS = 4
CONNECTIONS = 2
PASSWORD = "correct horse battery 9"
PROFILE = "/api/v1/auth/profile/"


def test_who_waits_for_a_lock_gives_up_and_the_server_goes_on() -> None:
    with (
        live_server("production", threads=THREADS) as server,
        signed_up(server) as client,
        ThreadPoolExecutor(2 * THREADS) as threads,
    ):
        path = _campaign(client)
        with locked_campaigns(server.database_url):
            started = time.monotonic()
            writers = [threads.submit(_rename, client, path) for _ in range(THREADS - 1)]
            wait_until(lambda: _waiting(server.database_url) == THREADS - 1, what="most wait")
            # Who reads, or has nothing to do with it, goes on meanwhile.
            assert {client.get(address).status_code for address in (PROFILE, path)} == {200}
            assert _waiting(server.database_url) == THREADS - 1
            writers.append(threads.submit(_rename, client, path))
            wait_until(lambda: _waiting(server.database_url) == THREADS, what="every thread waits")
            readers = [threads.submit(client.get, PROFILE) for _ in range(THREADS)]
            for writer in writers:
                _assert_unavailable(writer.result())
            assert [reader.result().status_code for reader in readers] == [200] * THREADS
            assert 4 < time.monotonic() - started < 12
        assert _rename(client, path).status_code == 200


def test_who_finds_no_connection_is_told_so_in_two_seconds(scarce: Scarce) -> None:
    with (
        live_server("production", threads=THREADS, DATABASE_URL=scarce.owner_url) as server,
        signed_up(server) as client,
        ThreadPoolExecutor(THREADS) as threads,
    ):
        path = _campaign(client)
        with locked_campaigns(scarce.administrator_url):
            writers = [threads.submit(_rename, client, path) for _ in range(CONNECTIONS)]
            wait_until(
                lambda: _waiting(scarce.administrator_url) == CONNECTIONS, what="both are in use"
            )
            started = time.monotonic()
            _assert_unavailable(client.get(PROFILE))
            assert 1.5 < time.monotonic() - started < 4
        assert [writer.result().status_code for writer in writers] == [200] * CONNECTIONS
        found = list(threads.map(client.get, [PROFILE] * 10 * THREADS))
        assert [answer.status_code for answer in found] == [200] * 10 * THREADS


@dataclass(frozen=True, slots=True, kw_only=True)
class Scarce:
    """An empty database whose owner may have fewer connections than the server has threads."""

    owner_url: str
    administrator_url: str


@pytest.fixture
def scarce(tmp_path: Path) -> Iterator[Scarce]:
    """Make the database, and the role that owns it."""
    role, password = f"owner_{secrets.token_hex(6)}", secrets.token_hex(16)
    with fresh_database(tmp_path) as url:
        address, _, name = url.rpartition("/")
        _execute(
            url,
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(
                sql.Identifier(role), password, CONNECTIONS
            ),
            sql.SQL("ALTER DATABASE {} OWNER TO {}").format(
                sql.Identifier(name), sql.Identifier(role)
            ),
        )
        yield Scarce(
            owner_url=f"postgresql://{role}:{password}@{address.rpartition('@')[2]}/{name}",
            administrator_url=url,
        )
    _execute(os.environ["DATABASE_URL"], sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@contextmanager
def signed_up(server: LiveServer) -> Iterator[httpx.Client]:
    """Yield the client of a new account."""
    account = {"email": "ada@example.com", "password": PASSWORD}
    with server.client() as client:
        token = client.post("/api/v1/auth/signup/", json=account).json()["access"]
    with server.client(token=token) as client:
        yield client


@contextmanager
def locked_campaigns(database_url: str) -> Iterator[None]:
    """Keep every campaign locked, as somebody does who forgets his transaction."""
    with psycopg.connect(database_url) as connection:
        connection.execute("SELECT 1 FROM campaigns_campaign FOR UPDATE")
        yield


def _execute(database_url: str, *statements: sql.Composed) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _waiting(database_url: str) -> int:
    """Count the connections to a database that wait for a lock."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return len(rows.fetchall())


def _campaign(client: httpx.Client) -> str:
    """Create a campaign; return its path."""
    campaign = {
        "title": "Contested",
        "landing_page_url": "https://shop.example.com/",
        "payouts": [{"country": None, "amount": "1.50", "currency": "EUR"}],
    }
    answer = client.post("/api/v1/campaigns/", json=campaign)
    assert answer.status_code == 201, answer.text
    return f"/api/v1/campaigns/{answer.json()['id']}/"


def _rename(client: httpx.Client, path: str) -> httpx.Response:
    return client.patch(path, json={"title": secrets.token_hex(6)})


def _assert_unavailable(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2"), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"
