"""What works without scripts, on a telephone; the core path and each page's own are in their tests.

Those are ``test_core_path``, ``test_campaigns``, ``test_campaign``, ``test_edit`` and
``test_account``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, expect

from tests.fixtures.api import LANDING_PAGE, PASSWORD, payload, payout
from tests.fixtures.browser import NARROW, sitting
from tests.fixtures.live import live_server, wait_until
from tests.fixtures.spreadsheets import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser, Page

    from tests.fixtures.browser import Sitting
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

ROWS = f"{HEADER}\nLoans,{LANDING_PAGE},true,EE,38.50,EUR\nCards,{LANDING_PAGE},true,US,42,USD\n"


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """Start a server with a worker, for what is imported."""
    with live_server(WORKER="beside") as server:
        yield server


@pytest.fixture
def plain(browser: Browser, server: LiveServer) -> Iterator[Sitting]:
    """Yield a narrow window without scripts, in which nobody is signed in."""
    with sitting(browser, server, width=NARROW, scripts=False) as sitting_:
        yield sitting_


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("button", name=name, exact=True).click()


def shown_at_last(page: Page, heading: str) -> None:
    """Ask how far the import is, as its page offers, until it is there."""

    def is_there() -> bool:
        if page.get_by_role("heading", name=heading).count():
            return True
        with page.expect_navigation():
            page.get_by_role("link", name="Show how far it is now").click()
        return False

    wait_until(is_there, what=heading)


def test_an_account_is_made_and_its_password_set_anew(
    plain: Sitting, server: LiveServer, email: str
) -> None:
    page = plain.open("/sign-in/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Create the account")
    assert page.url == f"{server.url}/"

    page.context.clear_cookies()
    plain.open("/sign-in/")
    page.get_by_role("link", name="Forgotten password").click()
    page.get_by_label("E-mail").fill(email)
    press(page, "Send the link")
    wait_until(lambda: "/reset/" in server.log_text(), what="the mail with the link")
    (sent,) = re.findall(r"https?://\S+/reset/\S+", server.log_text())
    plain.open(urlsplit(sent).path)
    page.get_by_label("New password").fill("a new horse battery")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("a new horse battery")
    press(page, "Sign in")
    assert page.url == f"{server.url}/"


@pytest.mark.usefixtures("api")
def test_a_file_is_imported_exported_and_shown(plain: Sitting, email: str) -> None:
    page = plain.sign_in(email)
    page.get_by_role("link", name="Import", exact=True).click()
    page.locator("#text").fill(ROWS.replace("EE", "Atlantis"))
    press(page, "Check the file")
    shown_at_last(page, "1 problem")
    page.get_by_role("link", name="Another file").click()
    rows = FilePayload(name="rates.csv", mimeType="text/csv", buffer=ROWS.encode())
    page.get_by_label("File", exact=True).set_input_files(rows)
    press(page, "Check the file")
    shown_at_last(page, "Checked, not applied")
    press(page, "Apply to 2 campaigns")
    shown_at_last(page, "Imported")
    page.get_by_role("link", name="See the campaigns").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    assert download.value.path().read_text(encoding="utf-8-sig").splitlines()[0] == HEADER

    plain.open("/")
    page.get_by_label("Currency").select_option("USD")
    press(page, "Show")
    expect(page.locator("#figures")).to_contain_text("US$42.00")
    page.locator("#figures").get_by_role("link", name="United States").click()
    expect(page.locator("tbody a.title")).to_have_text("Cards")


def test_enter_on_a_box_starts_nothing(plain: Sitting, api: httpx.Client, email: str) -> None:
    body = payload("Loans", payouts=[payout("EE")])
    campaign = api.post("/api/v1/campaigns/", json=body).json()
    plain.sign_in(email)
    page = plain.open("/campaigns/")
    box = page.get_by_role("checkbox", name="Select Loans")
    box.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(box).to_be_checked()
    page.get_by_role("button", name="Stop", exact=True).click()  # what is sent last is answered
    expect(page.locator("#notices")).to_contain_text("1 was stopped already.")
    assert not api.get(f"/api/v1/campaigns/{campaign['id']}/").json()["is_running"]


def test_older_history_and_pages_are_links(plain: Sitting, api: httpx.Client, email: str) -> None:
    campaigns = [
        api.post("/api/v1/campaigns/", json=payload(f"Loans {number:02}")).json()["id"]
        for number in range(51)
    ]
    for number in range(21):
        state = "stop" if number % 2 else "start"
        assert api.post(f"/api/v1/campaigns/{campaigns[0]}/{state}/").status_code == 200
    plain.sign_in(email)
    page = plain.open("/campaigns/?ordering=-title")
    page.get_by_role("link", name="Next").click()
    page.get_by_role("link", name="Loans 00").click()
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("heading", name="History of Loans 00")).to_be_visible()
    expect(page.locator(".log")).to_contain_text("Created with")
    page.get_by_role("link", name="Back to the campaign").click()
    expect(page.get_by_role("heading", name="Rate card")).to_be_visible()
