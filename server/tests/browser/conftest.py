"""One server and one browser for all tests here; each test has an account of its own."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.api import PASSWORD
from tests.fixtures.browser import Sitting, chromium, sitting
from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser

    from tests.fixtures.live import LiveServer


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    with live_server() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def email() -> str:
    return f"{secrets.token_hex(6)}@example.com"


@pytest.fixture
def api(server: LiveServer, email: str) -> Iterator[httpx.Client]:
    """Sign an account up, and yield a client of its API."""
    with server.client() as client:
        answer = client.post("/api/v1/auth/signup/", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
        yield client


@pytest.fixture
def window(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> Iterator[Sitting]:
    """Yield a window in which the account is signed in."""
    with sitting(browser, server) as sitting_:
        sitting_.sign_in(email)
        yield sitting_
