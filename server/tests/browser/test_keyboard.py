"""What a campaign manager does, with the keyboard alone; where the focus is after each step.

Signing in, making, editing and deleting a campaign are in ``test_core_path``; a form's rows are in
``test_edit``, the map in ``test_campaign``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.keys import enter, press, tab_to, type_in
from tests.fixtures.api import LANDING_PAGE, PASSWORD, payload, payout
from tests.fixtures.browser import sitting
from tests.fixtures.live import live_server, wait_until
from tests.fixtures.spreadsheets import HEADER

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from playwright.sync_api import Browser, Page

    from tests.fixtures.browser import Sitting
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

SAVED = re.compile(r"/campaigns/[0-9]+/$")
FILE = f"{HEADER}\nLoans,{LANDING_PAGE},true,EE,38.50,EUR\n"


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """Start a server with a worker, for what is imported."""
    with live_server(WORKER="beside") as server:
        yield server


def created(api: httpx.Client, title: str = "Loans", *card: Any, **fields: Any) -> int:
    body = payload(title, payouts=[*card] or [payout("EE")], **fields)
    answer = api.post("/api/v1/campaigns/", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def says(page: Page, text: str) -> None:
    expect(page.locator("#notices")).to_contain_text(text)


def button(page: Page, name: str) -> Any:
    return page.locator("main").get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Any:
    return page.locator("main").get_by_role("link", name=name, exact=True)


def test_who_has_no_account_makes_one(browser: Browser, server: LiveServer, email: str) -> None:
    with sitting(browser, server) as window:
        page = window.open("/sign-in/")
        enter(page, link(page, "Create an account"))
        page.keyboard.type(email)
        type_in(page, "Password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{server.url}/"


@pytest.mark.usefixtures("api")
def test_who_forgot_the_password_sets_a_new_one(
    browser: Browser, server: LiveServer, email: str
) -> None:
    new = "a new horse battery"
    with sitting(browser, server) as window:
        page = window.open("/sign-in/")
        enter(page, link(page, "Forgotten password"))
        type_in(page, "E-mail", email)
        enter(page, button(page, "Send the link"))
        expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
        wait_until(lambda: "/reset/" in server.log_text(), what="the mail with the link")
        (sent,) = re.findall(r"https?://\S+/reset/\S+", server.log_text())
        window.open(urlsplit(sent).path)
        type_in(page, "New password", new)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        enter(page, page.get_by_role("link", name="Sign in"))
        type_in(page, "E-mail", email)
        type_in(page, "Password", new)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.url == f"{server.url}/"


def test_the_overview(window: Sitting, api: httpx.Client) -> None:
    codes = ("AT", "BE", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "IE", "IT", "LT", "LV", "NL")
    created(api, "Loans", *(payout(code) for code in codes), is_running=True)
    created(api, "Cards", payout("US", "42.00", "USD"), is_running=True)
    page = window.open("/")
    more = page.get_by_role("link", name="more countr")
    press(page, more)
    expect(more).to_have_count(0)
    expect(page.locator("#figures")).to_be_focused()
    chooser = page.get_by_role("combobox", name="Currency")
    tab_to(page, chooser)
    page.keyboard.type("USD")
    expect(page.locator("#figures")).to_contain_text("$42.00")
    expect(chooser).to_be_focused()
    enter(page, link(page, "United States of America"))
    assert page.url.endswith("/campaigns/?country=US&currency=USD&is_running=true")
    enter(page, link(page, "Cards"))
    assert SAVED.search(page.url)


def test_the_list_is_narrowed_ordered_and_paged(window: Sitting, api: httpx.Client) -> None:
    for number in range(51):
        created(api, f"Loans {number:02}", is_running=number == 7)
    page = window.open("/campaigns/")
    state = page.get_by_label("State", exact=True)
    tab_to(page, state)
    page.keyboard.type("Stopped")
    page.wait_for_url("**/campaigns/?is_running=false")
    expect(page.locator("#said")).to_have_text("Campaigns 1 to 50 of 50")
    expect(state).to_be_focused()
    with page.expect_download() as download:
        press(page, page.locator("#export"), back=True)
    assert download.value.suggested_filename.endswith(".csv")
    enter(page, link(page, "Clear"))
    assert page.url.endswith("/campaigns/")
    expect(page.get_by_role("link", name="Clear")).to_have_count(0)

    press(page, page.locator("#sort-title"))
    page.wait_for_url("**/campaigns/?ordering=title")
    expect(page.locator("#sort-title")).to_be_focused()
    window.open("/campaigns/?ordering=title")
    press(page, page.locator("#page-next"), back=True)  # from the top it is the last of all
    page.wait_for_url("**/campaigns/?ordering=title&page=2")
    expect(page.locator("tbody a.title")).to_have_text("Loans 50")
    expect(page.locator("#results")).to_be_focused()
    press(page, page.locator("#page-previous"))
    page.wait_for_url("**/campaigns/?ordering=title&page=1")
    expect(page.locator("#results")).to_be_focused()


def test_many_are_started_and_stopped_from_where_they_were_selected(
    window: Sitting, api: httpx.Client
) -> None:
    for number in range(4):
        created(api, f"Loans {number}")
    page = window.open("/campaigns/?ordering=title")
    boxes = page.locator("#results [name=id]")
    tab_to(page, boxes.nth(1))
    page.keyboard.press("Enter")  # nothing is selected, and nothing is started
    expect(boxes.nth(1)).to_be_focused()
    page.keyboard.press("Space")
    tab_to(page, boxes.nth(3))
    page.keyboard.press("Shift+Space")
    expect(page.locator("[data-count]")).to_have_text("3 selected")
    page.keyboard.press("Enter")
    expect(button(page, "Start")).to_be_focused()
    page.keyboard.press("Escape")
    expect(boxes.nth(3)).to_be_focused()
    expect(page.locator("#results :checked")).to_have_count(0)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    says(page, "1 started.")
    expect(page.locator("#count")).to_have_text("4 · 1 running")
    expect(page.locator("#results")).to_be_focused()

    tab_to(page, boxes.nth(3))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    press(page, button(page, "Stop"))
    says(page, "1 stopped.")
    enter(page, page.get_by_role("button", name="Undo"), back=True)
    says(page, "1 started.")
    page.keyboard.press("Escape")
    expect(page.locator("#notices")).to_be_empty()


def test_a_campaign(window: Sitting, api: httpx.Client) -> None:
    campaign = created(api)
    for number in range(24):
        state = "stop" if number % 2 else "start"
        assert api.post(f"/api/v1/campaigns/{campaign}/{state}/").status_code == 200
    page = window.open(f"/campaigns/{campaign}/")
    enter(page, button(page, "Start"))
    expect(button(page, "Stop")).to_be_focused()
    says(page, "is running")
    page.keyboard.press("Escape")
    expect(page.locator("#notices")).to_be_empty()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(button(page, "Start")).to_be_focused()

    asked = page.get_by_role("textbox", name="What does a country pay?")
    tab_to(page, asked)
    page.keyboard.type("esto")
    expect(page.locator("#answers")).to_contain_text("its own payout")
    expect(asked).to_be_focused()
    press(page, link(page, "Older"))
    lines = page.locator(".log li:not(.older)")
    expect(lines).to_have_count(27)
    expect(lines.nth(20)).to_be_focused()

    enter(page, button(page, "Duplicate"), back=True)
    says(page, "Loans (copy)")
    assert page.url.endswith("/edit/")


def test_what_was_deleted_is_taken_back_at_the_next_stop(
    window: Sitting, api: httpx.Client
) -> None:
    page = window.open(f"/campaigns/{created(api)}/")
    enter(page, button(page, "Delete"))
    says(page, "is deleted.")
    expect(page.locator("#notices")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    says(page, "“Loans” is restored.")
    expect(page.locator("#notices")).to_be_focused()


def test_a_form_that_is_pasted_mended_and_overtaken(window: Sitting, api: httpx.Client) -> None:
    campaign = created(api)
    page = window.open(f"/campaigns/{campaign}/edit/")
    press(page, page.get_by_text("Paste from a spreadsheet"))
    tab_to(page, page.get_by_label("Countries and amounts"))
    page.keyboard.insert_text("Finland\t7\nSE\t1,234")
    enter(page, button(page, "Fill the rows"))
    amounts = page.get_by_label("Amount", exact=True)
    expect(amounts).to_have_count(3)
    assert api.patch(f"/api/v1/campaigns/{campaign}/", json={"title": "Cards"}).status_code == 200
    with page.expect_navigation():
        page.keyboard.press("ControlOrMeta+Enter")
    summary = page.locator("#problems")
    expect(summary).to_be_focused()
    press(page, summary.get_by_role("link", name="Row 3, amount"))
    expect(amounts.nth(2)).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1234")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#overtaken")).to_be_focused()
    enter(page, button(page, "Keep mine"))
    assert SAVED.search(page.url)
    kept = api.get(f"/api/v1/campaigns/{campaign}/").json()
    assert [(one["country"], one["amount"]) for one in kept["payouts"]][1:] == [
        ("FI", "7.00"),
        ("SE", "1234.00"),
    ]


def test_a_file_is_chosen_checked_mended_and_applied(window: Sitting) -> None:
    page = window.open("/")
    # From the start: one that opens before the browser has heard that we listen would be missed.
    page.on("filechooser", lambda _: None)
    enter(page, page.get_by_role("link", name="Import", exact=True))
    tab_to(page, page.get_by_label("File", exact=True))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    wrong = FILE.replace("EE", "Atlantis").encode()
    chooser.value.set_files({"name": "rates.csv", "mimeType": "text/csv", "buffer": wrong})
    enter(page, button(page, "Check the file"))
    expect(page.get_by_role("heading", name="1 problem")).to_be_visible()
    expect(page.locator("#said")).to_have_text("1 problem")

    enter(page, link(page, "Another file"))
    tab_to(page, page.locator("#text"))
    page.keyboard.insert_text(FILE)
    enter(page, button(page, "Check the file"))
    apply = button(page, "Apply to 1 campaign")
    expect(apply).to_be_visible()
    enter(page, apply)
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    enter(page, link(page, "See the campaigns"))
    expect(link(page, "Loans")).to_be_visible()


def test_the_bin(window: Sitting, api: httpx.Client) -> None:
    for title in ("Cards", "Loans", "Shoes", "Taken"):
        assert api.delete(f"/api/v1/campaigns/{created(api, title)}/").status_code == 204
    created(api, "taken")
    page = window.open("/")
    enter(page, page.get_by_role("link", name="Bin", exact=True))
    enter(page, button(page, "Restore Loans"))
    says(page, "“Loans” is restored.")
    expect(page.locator("#results")).to_be_focused()

    page.keyboard.press("/")
    page.keyboard.type("ca")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("tbody .title")).to_have_text(["Cards"])
    tab_to(page, page.get_by_role("checkbox", name="Select Cards"))
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(button(page, "Restore")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    says(page, "1 restored.")

    window.open("/bin/")
    enter(page, button(page, "Restore Taken"))
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type(" again")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    says(page, "“Taken again” is restored.")


def test_the_profile(window: Sitting, api: httpx.Client, server: LiveServer, email: str) -> None:
    page = window.open("/")
    enter(page, page.locator(".me").get_by_role("link"))
    type_in(page, "Name", "Ada")
    enter(page, button(page, "Save"))
    says(page, "Your profile is saved.")
    expect(page.locator("#details")).to_be_focused()
    assert api.get("/api/v1/auth/profile/").json()["display_name"] == "Ada"

    with server.client() as client:
        body = {"email": email, "password": PASSWORD}
        assert client.post("/api/v1/auth/signin/", json=body).status_code == 200
    window.open("/profile/")
    there = page.get_by_role("button", name="Sign out there")
    expect(there).to_have_count(2)
    enter(page, there.first)
    expect(there).to_have_count(1)
    expect(page.locator("#sessions")).to_be_focused()
    question = page.get_by_text("Sign out everywhere else…")
    press(page, question)
    tab_to(page, button(page, "Sign out everywhere else"))
    page.keyboard.press("Escape")
    expect(question).to_be_focused()
    expect(button(page, "Sign out everywhere else")).to_be_hidden()
    page.keyboard.press("Enter")
    enter(page, button(page, "Sign out everywhere else"))
    expect(there).to_have_count(0)

    tab_to(page, page.locator("#key-name"))
    page.keyboard.type("Report")
    enter(page, button(page, "Make a key"))
    expect(page.get_by_label("The new API key")).to_be_focused()
    press(page, page.get_by_text("Revoke…"))
    enter(page, button(page, "Revoke"))
    says(page, "The key is revoked.")
    expect(page.locator("#keys")).to_be_focused()

    new = "a new horse battery"
    window.open("/profile/")
    type_in(page, "Current password", PASSWORD)
    type_in(page, "New password", new)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    says(page, "password")
    with server.client() as client:
        body = {"email": email, "password": new}
        assert client.post("/api/v1/auth/signin/", json=body).status_code == 200


def test_the_keys_work_on_every_page_and_lose_nothing(window: Sitting, api: httpx.Client) -> None:
    created(api)
    page = window.open("/profile/")
    page.keyboard.press("/")
    page.wait_for_url("**/campaigns/#search")
    expect(page.locator("#search")).to_be_focused()
    window.open("/import/")
    page.keyboard.press("n")
    page.wait_for_url("**/campaigns/new/")

    window.open("/import/")
    tab_to(page, page.locator("#text"))
    page.keyboard.insert_text(FILE)
    tab_to(page, button(page, "Check the file"))
    page.keyboard.press("n")
    page.keyboard.press("/")
    expect(button(page, "Check the file")).to_be_focused()
    expect(page.locator("#text")).to_have_value(FILE)


def test_the_theme_keeps_the_focus(window: Sitting) -> None:
    page = window.open("/bin/")
    enter(page, page.locator("#theme"))
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("#theme")).to_be_focused()
