"""The page of one campaign, by mouse and by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.fixtures.api import payload, payout
from tests.fixtures.browser import NARROW, WIDE, sitting

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Page

    from tests.fixtures.browser import Sitting
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

CARD = [payout(None, "12.00"), payout("DE", "38.50"), payout("EE", "17.60"), payout("US", "42.00")]
LAYOUT_SHIFTS = """() => new Promise((done) => {
  new PerformanceObserver((list) => done(list.getEntries().reduce((sum, e) => sum + e.value, 0)))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(0)));
})"""


@pytest.fixture
def solar(api: httpx.Client) -> dict[str, Any]:
    answer = api.post("/api/v1/campaigns/", json=payload("Solar panels", payouts=CARD))
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.json()
    return created


def path(campaign: dict[str, Any]) -> str:
    return f"/campaigns/{campaign['id']}/"


def says(page: Page) -> str:
    return page.locator("[data-says]").inner_text()


def test_a_campaign_is_started_and_stopped(window: Sitting, solar: dict[str, Any]) -> None:
    page = window.open(path(solar))
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Running", exact=True)).to_be_visible()
    page.get_by_role("button", name="Stop").press("Enter")
    expect(page.locator(".state.stopped")).to_have_text("Stopped")
    assert page.url.endswith(path(solar))


def test_what_a_country_pays_is_answered_while_typing(
    window: Sitting, solar: dict[str, Any]
) -> None:
    page = window.open(path(solar))
    asked = page.get_by_role("textbox", name="What does a country pay?")
    asked.press_sequentially("Esto")
    answers = page.locator("#answers")
    expect(answers).to_contain_text("€17.60")
    expect(asked).to_be_focused()
    page.wait_for_url("**/?pays=Esto")
    assert says(page) == "Estonia: €17.60"
    page.reload()
    expect(answers).to_contain_text("€17.60")
    asked.fill("Fra")
    expect(answers).to_contain_text("the worldwide payout")


def test_the_map_says_what_is_under_the_pointer(window: Sitting, solar: dict[str, Any]) -> None:
    page = window.open(path(solar))
    # The geometry is in a file of its own: what is drawn has a size once it is there.
    page.wait_for_function(
        "document.querySelector('[data-land=US]').getBoundingClientRect().width > 50"
    )
    page.locator("[data-land=BR]").hover()
    expect(page.locator("[data-says]")).to_have_text("Brazil: €12.00, as everywhere else")
    page.locator("[data-row=US]").hover()
    expect(page.locator("[data-says]")).to_have_text("United States of America: €42.00")
    page.locator("h1").hover()
    expect(page.locator("[data-says]")).to_have_text("")
    page.locator("[data-land=DE]").hover()
    expect(page.locator("[data-row=DE]")).to_have_class("on")


def test_the_map_is_one_stop_of_the_keyboard(window: Sitting, solar: dict[str, Any]) -> None:
    page = window.open(path(solar))
    page.get_by_role("textbox", name="What does a country pay?").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("group", name="Map of payouts")).to_be_focused()
    said = []
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home", "Escape"):
        page.keyboard.press(key)
        said.append(says(page).partition(":")[0])
    states, germany, estonia = "United States of America", "Germany", "Estonia"
    assert said == [states, germany, estonia, states, estonia, states, ""]
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="https://shop")).to_be_focused()


def test_a_campaign_is_duplicated(window: Sitting, solar: dict[str, Any]) -> None:
    page = window.open(path(solar))
    page.get_by_role("button", name="Duplicate").click()
    page.wait_for_url("**/edit/")
    expect(page.get_by_role("status").first).to_contain_text("Solar panels (copy)")


def test_older_history_comes_in_place(
    window: Sitting, api: httpx.Client, solar: dict[str, Any]
) -> None:
    for number in range(25):
        state = "stop" if number % 2 else "start"
        assert api.post(f"/api/v1{path(solar)}{state}/").status_code == 200
    page = window.open(path(solar))
    lines = page.locator(".log li:not(.older)")
    expect(lines).to_have_count(20)
    page.get_by_role("link", name="Older").press("Enter")
    expect(lines).to_have_count(26)
    expect(lines.nth(20)).to_be_focused()
    assert page.url.endswith(path(solar))


def test_all_of_it_works_without_scripts(
    browser: Browser, server: LiveServer, email: str, solar: dict[str, Any]
) -> None:
    with sitting(browser, server, scripts=False) as still:
        still.sign_in(email)
        page = still.open(path(solar))
        page.get_by_role("textbox", name="What does a country pay?").fill("us")
        page.get_by_role("button", name="Look up").click()
        expect(page.locator("#answers")).to_contain_text("€42.00")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("Running", exact=True)).to_be_visible()
        page.get_by_role("button", name="Duplicate").click()
        page.wait_for_url("**/edit/")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_nothing_moves_and_nothing_is_too_wide(
    browser: Browser,
    server: LiveServer,
    email: str,
    solar: dict[str, Any],
    width: int,
) -> None:
    with sitting(browser, server, width=width) as some:
        some.sign_in(email)
        for address in (path(solar), f"{path(solar)}?pays=united", f"{path(solar)}history/", "/"):
            page = some.open(address)
            page.wait_for_load_state("networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert page.evaluate(LAYOUT_SHIFTS) == 0, address
