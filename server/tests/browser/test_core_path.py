"""From signing in to signing out: without scripts on a telephone, and by the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.keys import enter, tab_to, type_in
from tests.fixtures.api import LANDING_PAGE, PASSWORD, payload, payout
from tests.fixtures.browser import NARROW, sitting

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Locator, Page

    from tests.fixtures.browser import Sitting
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

CAMPAIGN = re.compile(r"/campaigns/[0-9]+/$")


def says(page: Page, text: str) -> None:
    """Expect a notice."""
    expect(page.locator("#notices")).to_contain_text(text)


def link_to(page: Page, title: str) -> Locator:
    return page.locator("main").get_by_role("link", name=title, exact=True)


def press(page: Page, name: str, *, inside: str = "main") -> None:
    """Press a button, and wait for the page that it leads to."""
    with page.expect_navigation():
        page.locator(inside).get_by_role("button", name=name, exact=True).click()


def test_the_core_path_needs_no_scripts(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    assert api.post("/api/v1/campaigns/", json=payload("Kept")).status_code == 201
    with sitting(browser, server, width=NARROW, scripts=False) as window:
        page = window.sign_in(email)
        page.get_by_role("link", name="Campaigns", exact=True).first.click()
        page.get_by_role("link", name="New campaign").click()
        page.get_by_label("Title").fill("Loans")
        page.get_by_label("Landing page").fill(LANDING_PAGE)
        page.get_by_label("Country").fill("Esto")
        page.get_by_label("Amount", exact=True).fill("38.5")
        press(page, "Add country")
        page.get_by_label("Country").nth(1).fill("LV")
        page.get_by_label("Amount", exact=True).nth(1).fill("nonsense")
        press(page, "Save")
        expect(page.get_by_label("Amount", exact=True).nth(1)).to_have_value("nonsense")
        expect(page.get_by_label("Amount", exact=True).nth(1)).to_have_attribute(
            "aria-invalid", "true"
        )
        page.get_by_label("Amount", exact=True).nth(1).fill("12")
        press(page, "Save")
        assert CAMPAIGN.search(page.url)
        says(page, "Created “Loans”.")

        page.locator("main").get_by_role("link", name="Edit", exact=True).click()
        page.get_by_label("Title").fill("Loans, spring")
        press(page, "Save")
        says(page, "Saved “Loans, spring”.")
        press(page, "Start")
        says(page, "is running")

        window.open("/campaigns/?search=spring")
        expect(link_to(page, "Kept")).to_have_count(0)
        link_to(page, "Loans, spring").click()
        press(page, "Delete")
        says(page, "deleted")
        press(page, "Undo", inside="#notices")
        says(page, "restored")

        window.open("/campaigns/")
        link_to(page, "Loans, spring").click()
        press(page, "Delete")
        window.open("/bin/")
        press(page, "Restore Loans, spring")
        says(page, "restored")
        window.open("/campaigns/")
        expect(link_to(page, "Loans, spring")).to_be_visible()

        window.open("/profile/")
        press(page, "Sign out")
        window.open("/campaigns/")
        assert "/sign-in/" in page.url


def test_the_core_path_needs_no_mouse(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    assert api.post("/api/v1/campaigns/", json=payload("Kept")).status_code == 201
    with sitting(browser, server) as window:
        page = window.open("/sign-in/")
        type_in(page, "E-mail", email)
        type_in(page, "Password", PASSWORD)
        with page.expect_navigation():
            page.keyboard.press("Enter")

        with page.expect_navigation():
            page.keyboard.press("n")
        assert page.url.endswith("/campaigns/new/")
        type_in(page, "Title", "nn/ Loans")
        type_in(page, "Landing page", LANDING_PAGE)
        type_in(page, "Country", "EE")
        type_in(page, "Amount", "38.5")
        tab_to(page, page.get_by_role("button", name="Add country"))
        page.keyboard.press("Enter")
        expect(page.get_by_label("Country").nth(1)).to_be_focused()
        page.keyboard.type("LV")
        type_in(page, "Amount", "12", number=1)
        with page.expect_navigation():
            page.keyboard.press("ControlOrMeta+Enter")
        says(page, "Created “nn/ Loans”.")

        enter(page, page.locator("main").get_by_role("link", name="Edit", exact=True))
        type_in(page, "Title", "Loans, spring")
        enter(page, page.locator("#save"))
        says(page, "Saved")

        enter(page, page.get_by_role("link", name="Campaigns", exact=True))
        page.keyboard.press("/")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type("spring")
        expect(link_to(page, "Kept")).to_have_count(0)
        expect(page.locator("#search")).to_be_focused()

        switch = page.get_by_role("switch")
        tab_to(page, switch)
        page.keyboard.press("Space")
        expect(switch).to_have_attribute("aria-checked", "true")
        expect(switch).to_be_focused()

        tab_to(page, link_to(page, "Loans, spring"))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        enter(page, page.get_by_role("button", name="Delete", exact=True))
        says(page, "deleted")
        enter(page, page.get_by_role("button", name="Undo"))
        says(page, "restored")

        enter(page, page.locator(".me").get_by_role("link"))
        enter(page, page.get_by_role("button", name="Sign out", exact=True))
        assert "/sign-in/" in page.url


def test_the_first_tab_skips_to_the_content(window: Sitting) -> None:
    page = window.open("/profile/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_back_and_a_shared_link_show_the_same_list(
    window: Sitting, browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    for number in range(3):
        body = payload(f"Loans {number}", payouts=[payout("EE")])
        assert api.post("/api/v1/campaigns/", json=body).status_code == 201
    page = window.open("/campaigns/")
    page.locator("#search").fill("Loans 2")
    expect(link_to(page, "Loans 1")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?search=Loans(\+|%20)2$"))
    shared = page.url.removeprefix(server.url)
    link_to(page, "Loans 2").click()
    page.wait_for_url(CAMPAIGN)
    page.go_back()
    expect(link_to(page, "Loans 2")).to_be_visible()
    expect(link_to(page, "Loans 1")).to_have_count(0)
    expect(page.locator("#search")).to_have_value("Loans 2")

    with sitting(browser, server) as other:  # who is not signed in signs in first
        theirs = other.open(shared)
        assert "/sign-in/" in theirs.url
        theirs.get_by_label("E-mail").fill(email)
        theirs.get_by_label("Password").fill(PASSWORD)
        with theirs.expect_navigation():
            theirs.get_by_role("button", name="Sign in").click()
        assert theirs.url == f"{server.url}{shared}"
        expect(link_to(theirs, "Loans 2")).to_be_visible()
        expect(link_to(theirs, "Loans 1")).to_have_count(0)
