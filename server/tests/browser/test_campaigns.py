"""The list of campaigns and the bin: with a mouse, with keys, without scripts, without a line."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.fixtures.api import payload, payout
from tests.fixtures.browser import NARROW, WIDE, sitting

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx
    from playwright.sync_api import Browser, Locator, Page

    from tests.fixtures.browser import Sitting
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

LIST = "/campaigns/"


def create(api: httpx.Client, *titles: str, **fields: Any) -> list[int]:
    """Create campaigns, and return their ids."""
    answers = [api.post("/api/v1/campaigns/", json=payload(title, **fields)) for title in titles]
    assert {answer.status_code for answer in answers} == {201}
    return [answer.json()["id"] for answer in answers]


def runs(api: httpx.Client, campaign_id: int) -> bool:
    return bool(api.get(f"/api/v1/campaigns/{campaign_id}/").json()["is_running"])


def shows(page: Page, titles: Sequence[str]) -> None:
    """Wait until the list shows these, in this order."""
    expect(page.locator("tbody a.title")).to_have_text(list(titles))


def switch(page: Page, title: str) -> Locator:
    return page.get_by_role("switch", name=f"{title} runs")


@contextmanager
def lost(window: Sitting) -> Iterator[None]:
    """Expect requests that fail; that the browser complains of them is no fault of ours."""
    before = list(window.complaints)
    yield
    expected = ("net::ERR_", "htmx:afterRequest", "htmx:sendError", "htmx:sendAbort")
    for text in window.complaints[len(before) :]:
        assert any(part in text for part in expected), text
    window.complaints[:] = before


def go_back(page: Page) -> None:
    """Go back, as the browser's button does; htmx then loads the page that was there."""
    with page.expect_event("load"):
        page.evaluate("history.back()")


def test_search_order_and_pages_stand_in_the_address(
    window: Sitting, api: httpx.Client, server: LiveServer
) -> None:
    create(api, *(f"Loans {number:02}" for number in range(51)), "Cards")
    page = window.open(LIST)
    expect(page.locator("#count")).to_have_text("52 · 0 running")
    search = page.get_by_role("searchbox")
    with lost(window):  # letters that come late abort the search for those before
        search.press_sequentially("LOANS", delay=30)
        page.wait_for_url("**/campaigns/?search=LOANS")
    expect(page.locator("#said")).to_have_text("Campaigns 1 to 50 of 51")
    expect(search).to_be_focused()
    page.get_by_role("link", name="Title").click()
    page.wait_for_url("**/campaigns/?search=LOANS&ordering=title")
    expect(page.get_by_role("columnheader", name="Title")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(page.locator("#sort-title")).to_be_focused()
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/campaigns/?search=LOANS&ordering=title&page=2")
    shows(page, ["Loans 50"])

    shared = page.url.removeprefix(server.url)
    go_back(page)
    page.wait_for_url("**/campaigns/?search=LOANS&ordering=title")
    expect(page.locator("tbody a.title").first).to_have_text("Loans 00")
    go_back(page)
    page.wait_for_url("**/campaigns/?search=LOANS")
    expect(page.get_by_role("searchbox")).to_have_value("LOANS")
    go_back(page)
    page.wait_for_url("**/campaigns/")
    expect(page.get_by_role("searchbox")).to_have_value("")
    expect(page.locator("tbody a.title").first).to_have_text("Cards")

    window.open(shared)
    expect(page.get_by_role("searchbox")).to_have_value("LOANS")
    shows(page, ["Loans 50"])


def test_filters_narrow_and_are_cleared(window: Sitting, api: httpx.Client) -> None:
    create(api, "Estonia", payouts=[payout("EE")])
    create(api, "Dollars", payouts=[payout("US", currency="USD")], is_running=True)
    page = window.open(LIST)
    page.get_by_label("Pays in").select_option(label="Estonia")
    shows(page, ["Estonia"])
    page.get_by_label("State", exact=True).select_option(label="Running")
    expect(page.get_by_role("heading", name="No campaign fits these filters")).to_be_visible()
    assert page.url.endswith("?is_running=true&country=EE")
    page.get_by_role("link", name="Clear filters").click()
    shows(page, ["Dollars", "Estonia"])
    page.get_by_label("Currency").select_option("USD")
    shows(page, ["Dollars"])


def test_an_answer_that_comes_too_late_is_not_shown(window: Sitting, api: httpx.Client) -> None:
    create(api, "Loans", "Cards")
    page = window.open(LIST)
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/campaigns/?search=loa*", hold)
    search = page.get_by_role("searchbox")
    with lost(window):
        with page.expect_request("**/campaigns/?search=loa*"):
            search.fill("loa")
        search.fill("car")
        shows(page, ["Cards"])
    assert len(held) == 1
    expect(page.locator("#alerts")).to_be_empty()
    assert page.url.endswith("?search=car")


def test_a_switch_starts_and_stops_in_its_row(window: Sitting, api: httpx.Client) -> None:
    (campaign,) = create(api, "Loans")
    page = window.open(LIST)
    switch(page, "Loans").click()
    expect(switch(page, "Loans")).to_be_checked()
    expect(page.locator("#count")).to_have_text("1 · 1 running")
    expect(page.locator("#said")).to_have_text("“Loans” is running.")
    expect(switch(page, "Loans")).to_be_focused()
    assert runs(api, campaign)
    page.keyboard.press("Space")
    expect(switch(page, "Loans")).not_to_be_checked()
    expect(page.locator("#count")).to_have_text("1 · 0 running")
    expect(switch(page, "Loans")).to_be_focused()
    assert not runs(api, campaign)


def test_a_switch_shows_the_truth_when_the_line_is_lost(window: Sitting, api: httpx.Client) -> None:
    (campaign,) = create(api, "Loans")
    page = window.open(LIST)
    with lost(window):
        page.context.set_offline(offline=True)
        switch(page, "Loans").click()
        expect(page.get_by_role("alert")).to_contain_text("The server did not answer.")
        expect(switch(page, "Loans")).not_to_be_checked()
        assert not runs(api, campaign)
        # Somebody else starts it meanwhile.
        api.post(f"/api/v1/campaigns/{campaign}/start/")
        page.context.set_offline(offline=False)
        expect(switch(page, "Loans")).to_be_checked()
    expect(page.get_by_role("alert")).to_be_empty()


def test_a_switch_shows_the_truth_when_only_the_answer_is_lost(
    window: Sitting, api: httpx.Client
) -> None:
    (campaign,) = create(api, "Loans")
    page = window.open(LIST)

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/state/", lose_the_answer)
    with lost(window):
        switch(page, "Loans").click()
        expect(page.locator("#count")).to_have_text("1 · 1 running")
    expect(switch(page, "Loans")).to_be_checked()
    assert runs(api, campaign)


def test_two_windows_agree_in_the_end(
    window: Sitting, browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    kept, _ = create(api, "Loans", "Cards")
    page = window.open(LIST)
    with sitting(browser, server) as other:
        other.sign_in(email)
        there = other.open(LIST)
        switch(there, "Loans").click()
        expect(switch(there, "Loans")).to_be_checked()
        there.get_by_role("checkbox", name="Select Cards").check()
        there.get_by_role("button", name="Delete").click()
        shows(there, ["Loans"])
    # This window knows nothing of it, and asks for what runs already.
    switch(page, "Loans").click()
    expect(switch(page, "Loans")).to_be_checked()
    expect(page.locator("#count")).to_have_text("1 · 1 running")
    assert runs(api, kept)
    switch(page, "Cards").click()
    gone = page.get_by_role("row", name="This campaign was deleted meanwhile.")
    expect(gone).to_be_visible()
    expect(gone.get_by_role("link", name="Open the bin")).to_be_focused()


def test_many_are_selected_deleted_and_brought_back(window: Sitting, api: httpx.Client) -> None:
    create(api, *(f"Campaign {number}" for number in range(5)))
    page = window.open(f"{LIST}?ordering=title")
    bar = page.get_by_role("group", name="Selected campaigns")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Select Campaign 1").check()
    page.get_by_role("checkbox", name="Select Campaign 3").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    bar.get_by_role("button", name="Start").click()
    expect(page.locator("#notices")).to_contain_text("3 started.")
    expect(page.locator("#count")).to_have_text("5 · 3 running")
    expect(bar).to_be_hidden()
    expect(page.locator("#results")).to_be_focused()

    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(bar).to_contain_text("5 selected")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Select all on this page").check()
    bar.get_by_role("button", name="Delete").click()
    expect(page.locator("#notices")).to_contain_text("5 deleted.")
    expect(page.get_by_role("heading", name="No campaigns yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    shows(page, [f"Campaign {number}" for number in range(5)])
    assert page.url.endswith("?ordering=title")
    expect(page.locator("#notices")).to_contain_text("5 restored. They are stopped.")


def test_the_list_is_used_with_keys_alone(window: Sitting, api: httpx.Client) -> None:
    create(api, "Loans", "Cards", "Shoes")
    page = window.open(LIST)
    keys = page.keyboard
    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.insert_text("ca")
    shows(page, ["Cards"])
    for _ in range(5):
        keys.press("Tab")  # three filters, what clears them, then all on this page
    expect(page.get_by_role("checkbox", name="Select all on this page")).to_be_focused()
    keys.press("Space")
    keys.press("Shift+Tab")
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("checkbox", name="Select Cards")).to_be_focused()
    keys.press("Tab")
    expect(switch(page, "Cards")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator("#count")).to_have_text("3 · 1 running")
    expect(switch(page, "Cards")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Select Cards")).to_be_checked()
    keys.press("Shift+Tab")
    for _ in range(6):
        keys.press("Shift+Tab")  # four headings, all on this page, and back to the bar
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#notices")).to_contain_text("1 deleted.")
    keys.press("n")
    page.wait_for_url("**/campaigns/new/")


def test_the_core_path_needs_no_scripts(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    loans, cards = create(api, "Loans", "Cards")
    with sitting(browser, server, scripts=False) as plain:
        plain.sign_in(email)
        page = plain.open(LIST)
        page.get_by_role("searchbox").fill("loans")
        page.get_by_role("button", name="Search").click()
        page.wait_for_url("**/campaigns/?search=loans")
        shows(page, ["Loans"])
        switch(page, "Loans").click()
        expect(switch(page, "Loans")).to_be_checked()
        assert page.url.endswith("/campaigns/?search=loans")
        assert runs(api, loans)
        page.get_by_role("link", name="Clear filters").click()
        page.get_by_role("link", name="Title").click()
        shows(page, ["Cards", "Loans"])
        page.get_by_role("checkbox", name="Select Cards").check()
        page.get_by_role("button", name="Delete").click()
        shows(page, ["Loans"])
        page.get_by_role("link", name="Bin").click()
        # Another has taken its title meanwhile.
        create(api, "cards")
        page.get_by_role("button", name="Restore Cards").click()
        page.get_by_label("Title").fill("Cards again")
        page.get_by_role("button", name="Restore").click()
        page.wait_for_url("**/bin/")
        expect(page.get_by_role("status")).to_contain_text("“Cards again” is restored.")
        expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()
    assert api.get(f"/api/v1/campaigns/{cards}/").json()["title"] == "Cards again"


def test_a_narrow_window_has_all_of_it(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    create(api, "Loans " * 20, *(f"Campaign {number}" for number in range(3)))
    with sitting(browser, server, width=NARROW) as small:
        small.sign_in(email)
        page = small.open(LIST)
        page.get_by_role("link", name="Title").click()
        page.wait_for_url("**/campaigns/?ordering=title")
        page.get_by_role("checkbox", name="Select all on this page").check()
        page.get_by_role("button", name="Delete").click()
        expect(page.locator("#notices")).to_contain_text("4 deleted.")
        page = small.open("/bin/")
        page.get_by_role("checkbox", name="Select all on this page").check()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("group").get_by_role("button", name="Restore").click()
        expect(page.get_by_role("heading", name="The bin is empty")).to_be_visible()
        small.open(LIST)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        expect(page.get_by_role("link", name="New campaign")).to_be_in_viewport()


def test_a_title_takes_one_line_where_there_is_room_for_rows(
    window: Sitting, api: httpx.Client
) -> None:
    long = (
        "Solar panels for roofs in the Baltics, spring, second wave, " + "and so on " * 12 + "end"
    )
    create(api, long, "Short")
    page = window.open(LIST)
    titles = {name: page.get_by_role("link", name=name, exact=True) for name in (long, "Short")}
    page.set_viewport_size({"width": WIDE, "height": 900})
    one_line = _height(titles["Short"])
    assert _height(titles[long]) == one_line
    expect(titles[long]).to_have_attribute("title", long)
    switch(page, long).focus()
    page.keyboard.press("Tab")
    expect(titles[long]).to_be_focused()
    assert _height(titles[long]) > one_line
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.locator("h1").click()
    assert _height(titles[long]) > one_line
    shown = "link => getComputedStyle(link).whiteSpace === 'normal'"
    assert titles[long].evaluate(shown)


def _height(link: Locator) -> float:
    box = link.bounding_box()
    assert box
    return box["height"]
