"""One server and one browser for all tests here; each test has an account of its own.

The tests of all pages have a second server, ``front``, with accounts that they share.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.front import ACCOUNTS, front_server
from tests.fixtures.api import PASSWORD
from tests.fixtures.browser import Sitting, launched, sitting
from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx
    from playwright.sync_api import Browser, Playwright, StorageState

    from tests.browser.front import Front
    from tests.fixtures.live import LiveServer


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    with live_server() as server:
        yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with launched(playwright) as browser:
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


@pytest.fixture(scope="session")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with front_server(tmp_path_factory.mktemp("front")) as front:
        yield front


@pytest.fixture(scope="session")
def front_browser(playwright: Playwright, front: Front) -> Iterator[Browser]:
    """Yield a browser that finds the front under its name."""
    with launched(playwright, f"--host-resolver-rules={front.resolver_rule}") as browser:
        yield browser


@pytest.fixture(scope="session")
def cookies(front_browser: Browser, front: Front) -> Mapping[str, StorageState | None]:
    """Return what a browser has kept of each account, once it is signed in."""
    kept: dict[str, StorageState | None] = {"": None}
    for account in ACCOUNTS:
        with sitting(front_browser, front.server, ignore_https_errors=True) as sitting_:
            kept[account] = sitting_.sign_in(account).context.storage_state()
    return kept
