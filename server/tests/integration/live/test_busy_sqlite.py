"""Who reads waits for nobody on SQLite, though somebody writes for long: a large import does."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import jobs
from tests.fixtures.api import PASSWORD
from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.fixtures.live import LiveServer

EMAIL = "ada@example.com"
CAMPAIGNS = "/api/v1/campaigns/"
SOONER = 10
"""Seconds: half of what a writer waits."""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "ratecard.sqlite3"


@pytest.fixture
def server(database: Path) -> Iterator[LiveServer]:
    with live_server(DATABASE_URL=f"sqlite:///{database}") as server:
        yield server


def test_a_key_is_let_in_though_its_use_cannot_be_noted(server: LiveServer, database: Path) -> None:
    with jobs.signed_up(server, EMAIL) as client:
        with written(database):
            assert client.get(CAMPAIGNS, timeout=SOONER).status_code == 200
            assert used(database, "accounts_apikey", "last_used_at") == [None]
        assert client.get(CAMPAIGNS).status_code == 200
        assert used(database, "accounts_apikey", "last_used_at") != [None]


def test_a_page_is_shown_though_its_session_cannot_be_let_last_on(
    server: LiveServer, database: Path
) -> None:
    with jobs.signed_up(server, EMAIL), server.client() as browser:
        sign_in(browser)
        long_ago = "2000-01-01 00:00:00"
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE accounts_session SET last_refreshed_at = ?", [long_ago])
        with written(database):
            assert browser.get("/campaigns/", timeout=SOONER).status_code == 200
        assert {*used(database, "accounts_session", "last_refreshed_at")} == {long_ago}
        assert browser.get("/campaigns/").status_code == 200
        assert {*used(database, "accounts_session", "last_refreshed_at")} != {long_ago}


@contextmanager
def written(database: Path) -> Iterator[None]:
    """Write, as long as the block lasts."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def used(database: Path, table: str, column: str) -> list[str | None]:
    """Return when something was used."""
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute(f"SELECT {column} FROM {table}")]  # noqa: S608 -- names of ours


def sign_in(browser: httpx.Client) -> None:
    """Sign in with a browser."""
    browser.headers["Accept"] = "text/html"
    page = browser.get("/reset/MQ/none/").text
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[-1]
    fields = {"csrfmiddlewaretoken": token, "email": EMAIL, "password": PASSWORD}
    assert browser.post("/sign-in/", data=fields).status_code == 302
