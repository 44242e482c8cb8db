"""New campaign and edit campaign, as people use them: mouse, keyboard, paste, two windows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has none
from playwright.sync_api import expect

from core.reference import countries
from tests.fixtures.api import LANDING_PAGE, PASSWORD, payload, payout
from tests.fixtures.browser import NARROW, sitting

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Dialog, Locator, Page

    from tests.fixtures.browser import Sitting, Theme
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

NEW = "/campaigns/new/"
SAVED = re.compile(r"/campaigns/[0-9]+/$")
LOOKS_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
WATCH_SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({ type: "layout-shift" }); }"""


def row(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Row {number}", exact=True)


def fill_row(page: Page, number: int, country: str, amount: str) -> None:
    row(page, number).get_by_label("Country").fill(country)
    row(page, number).get_by_label("Amount").fill(amount)


def fill_top(page: Page, title: str = "Loans") -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("Landing page").fill(LANDING_PAGE)


def countries_of(page: Page) -> list[str]:
    return [field.input_value() for field in page.get_by_label("Country", exact=True).all()]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def save(page: Page) -> None:
    page.locator("#save").click()


def created(api: httpx.Client, title: str = "Loans", *rows: Any) -> Any:
    body = payload(title, **({"payouts": rows} if rows else {}))
    answer = api.post("/api/v1/campaigns/", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def stored(api: httpx.Client, title: str = "Loans") -> list[tuple[str | None, str]]:
    found = api.get("/api/v1/campaigns/", params={"title": title}).json()["results"]
    assert len(found) == 1, found
    return [(payout["country"], payout["amount"]) for payout in found[0]["payouts"]]


def test_a_campaign_is_made_with_the_mouse(window: Sitting, api: httpx.Client) -> None:
    page = window.open(NEW)
    fill_top(page)
    page.get_by_text("Running", exact=True).click()
    fill_row(page, 1, "Esto", "42,00")
    row(page, 1).get_by_label("Currency").fill("SEK")
    page.get_by_role("button", name="Add country").click()
    expect(row(page, 2).get_by_label("Country")).to_be_focused()
    expect(row(page, 2).get_by_label("Currency")).to_have_value("SEK")
    fill_row(page, 2, "Finland (FI)", "7")
    page.get_by_role("button", name="Add country").click()
    fill_row(page, 3, "Worldwide", "1")
    page.get_by_role("button", name="Remove Finland (FI)").click()
    expect(page.get_by_role("button", name="Remove Worldwide")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Removed Finland (FI).")).to_be_visible()
    expect(row(page, 3)).to_have_count(0)
    save(page)
    page.wait_for_url(SAVED)
    expect(page.get_by_role("status").filter(has_text="Created “Loans”.")).to_be_visible()
    assert stored(api) == [(None, "1.00"), ("EE", "42.00")]


def test_a_campaign_is_made_with_the_keyboard_alone(window: Sitting, api: httpx.Client) -> None:
    page = window.open(NEW)
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("Loans")
    page.keyboard.press("Tab")
    page.keyboard.type(LANDING_PAGE)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for key in ("Tab", "EE", "Tab", "42", "Tab", "Tab", "Tab"):
        page.keyboard.press(key) if key == "Tab" else page.keyboard.type(key)
    expect(page.get_by_role("button", name="Add country")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("FI")
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Remove FI")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove EE")).to_be_focused()
    page.keyboard.press("Escape")
    assert countries_of(page) == ["EE"]
    # The last row makes room for an empty one.
    page.keyboard.press("Enter")
    expect(row(page, 1).get_by_label("Country")).to_be_focused()
    page.keyboard.type("SE")
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.wait_for_url(SAVED)
    assert stored(api) == [("SE", "5.00")]


def test_control_and_enter_save_from_anywhere(window: Sitting, api: httpx.Client) -> None:
    campaign = created(api)
    page = window.open(f"/campaigns/{campaign['id']}/edit/")
    page.get_by_label("Title").fill("Credit")
    page.get_by_text("Paste from a spreadsheet").click()
    page.get_by_label("Countries and amounts").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(SAVED)
    assert stored(api, "Credit")


def test_errors_stand_beside_their_fields_and_are_reached_from_the_summary(
    window: Sitting, api: httpx.Client
) -> None:
    page = window.open(NEW)
    fill_top(page)
    fill_row(page, 1, "korea", "1,234")
    save(page)
    summary = page.get_by_role("alert").filter(has_text="2 fields need attention")
    expect(summary).to_be_focused()
    country = row(page, 1).get_by_label("Country")
    expect(country).to_have_accessible_description(
        "“korea” could be North Korea (KP) or South Korea (KR). Choose one."
    )
    summary.get_by_role("link", name="Row 1, country").click()
    expect(country).to_be_focused()
    page.keyboard.type("south ko")  # what is there is selected, and replaced
    row(page, 1).get_by_label("Amount").fill("1234")
    save(page)
    page.wait_for_url(SAVED)
    assert stored(api) == [("KR", "1234.00")]


def test_a_spreadsheet_is_pasted_into_a_country(window: Sitting, api: httpx.Client) -> None:
    page = window.open(NEW)
    fill_top(page)
    page.get_by_text("Paste from a spreadsheet").click()
    pasted = page.get_by_label("Countries and amounts")
    pasted.fill("Country\tPayout\nEE\t42,00\nfoo bar\nFinland\t7\tSEK\n")
    pasted.press("Control+A")
    pasted.press("Control+X")
    row(page, 1).get_by_label("Country").click()
    with page.expect_navigation():
        page.keyboard.press("Control+V")
    assert countries_of(page) == ["Estonia (EE)", "Finland (FI)"]
    expect(row(page, 1).get_by_label("Country")).to_be_focused()
    expect(pasted).to_have_value("foo bar")
    expect(page.locator("#pasted-error")).to_contain_text("Line 3, “foo bar”")
    pasted.fill("")
    save(page)
    page.wait_for_url(SAVED)
    assert stored(api) == [("EE", "42.00"), ("FI", "7.00")]


def test_two_windows_edit_one_campaign(window: Sitting, api: httpx.Client) -> None:
    path = f"/campaigns/{created(api, 'Loans', payout('DE', '35'))['id']}/edit/"
    page = window.open(path)
    second = page.context.new_page()
    second.goto(f"{window.server.url}{path}")
    row(second, 1).get_by_label("Amount").fill("38.5")
    save(second)
    second.wait_for_url(SAVED)
    second.close()

    page.get_by_label("Title").fill("Mine")
    page.evaluate(WATCH_SHIFTS)
    page.evaluate(LOOKS_AGAIN)
    expect(page.locator("#newer")).to_contain_text("Germany payout €35.00 → €38.50")
    expect(page.get_by_label("Title")).to_be_focused()
    assert page.evaluate("window.shifts") == 0
    page.get_by_role("button", name="Put away").click()
    expect(page.locator("#newer")).to_be_empty()

    save(page)
    note = page.get_by_role("alert").filter(has_text="saved from another window")
    expect(note).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("Mine")
    with page.expect_popup() as popup:
        note.get_by_role("link", name="See that version").click()
    popup.value.wait_for_url(SAVED)
    popup.value.close()
    note.get_by_role("button", name="Keep mine").click()
    page.wait_for_url(SAVED)
    assert stored(api, "Mine") == [("DE", "35.00")]


def test_an_open_form_looks_every_fifteen_seconds(window: Sitting, api: httpx.Client) -> None:
    campaign = created(api)
    window.page.clock.install()
    page = window.open(f"/campaigns/{campaign['id']}/edit/")
    with page.expect_response("**/newer/*") as looked:
        page.clock.run_for(15_000)
    assert looked.value.status == 204
    api.patch(f"/api/v1/campaigns/{campaign['id']}/", json={"title": "Credit"})
    page.clock.run_for(15_000)
    expect(page.locator("#newer")).to_contain_text("Loans → Credit")


def test_an_expired_session_costs_nothing_that_was_typed(
    window: Sitting, api: httpx.Client, email: str
) -> None:
    page = window.open(f"/campaigns/{created(api)['id']}/edit/")
    page.get_by_label("Title").fill("Mine")
    codes = list(countries())[:30]
    for number, code in enumerate(codes, start=2):
        page.get_by_role("button", name="Add country").click()
        fill_row(page, number, code, f"{number}.5")
    assert api.delete("/api/v1/auth/sessions/").status_code == 204
    # Looking for a newer version does not lead away.
    with page.expect_response("**/newer/*"):
        page.evaluate(LOOKS_AGAIN)
    save(page)
    expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
    for password in ("not the password", PASSWORD):
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in and send").click()
        if password != PASSWORD:
            expect(page.get_by_role("alert").filter(has_text="password")).to_be_visible()
    page.wait_for_url(SAVED)
    expected = {(code, f"{number}.50") for number, code in enumerate(codes, start=2)}
    assert set(stored(api, "Mine")) == expected | {(None, "1.50")}


def test_leaving_asks_where_something_would_be_lost(window: Sitting) -> None:
    asked: list[Dialog] = []
    leave = False

    def answer(dialog: Dialog) -> None:
        asked.append(dialog)
        dialog.accept() if leave else dialog.dismiss()

    window.page.on("dialog", answer)
    page = window.open(NEW)
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/campaigns/")
    assert not asked

    page = window.open(NEW)
    page.get_by_label("Title").press_sequentially("Loans")
    save(page)  # is sent back, with errors: what was typed is still not saved
    expect(page.locator("#problems")).to_be_focused()
    assert not asked
    page.get_by_label("Title").click()  # a browser asks only where somebody did something
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("Title")).to_have_value("Loans")
    assert [dialog.type for dialog in asked] == ["beforeunload"]
    leave = True
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/campaigns/")


def test_all_of_it_works_without_scripts(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str
) -> None:
    with sitting(browser, server, scripts=False) as plain:
        plain.sign_in(email)
        page = plain.open(NEW)
        fill_top(page)
        fill_row(page, 1, "EE", "42")
        page.get_by_role("button", name="Add country").click()
        assert focused(page) == "country-1"
        fill_row(page, 2, "FI", "7")
        page.get_by_role("button", name="Remove EE").click()
        page.get_by_text("Paste from a spreadsheet").click()
        page.get_by_label("Countries and amounts").fill("SE\t5\nfoo")
        page.get_by_role("button", name="Fill the rows").click()
        assert countries_of(page) == ["FI", "Sweden (SE)"]
        page.get_by_label("Countries and amounts").fill("")
        page.get_by_label("Title").press("Enter")
        page.wait_for_url(SAVED)
        assert stored(api) == [("FI", "7.00"), ("SE", "5.00")]

        plain.open(f"{page.url.removeprefix(server.url)}edit/")
        page.get_by_label("Title").fill("Credit")
        page.get_by_role("button", name="Remove Finland (FI)").click()
        row(page, 1).get_by_label("Amount").fill("0")
        save(page)
        expect(page.locator("#problems")).to_contain_text("1 field needs attention")
        row(page, 1).get_by_label("Amount").fill("6")
        save(page)
        page.wait_for_url(SAVED)
        assert stored(api, "Credit") == [("SE", "6.00")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [NARROW, 1440])
def test_a_form_with_all_that_can_be_on_it_fits_and_is_accessible(  # noqa: PLR0913 -- fixtures
    browser: Browser,
    server: LiveServer,
    api: httpx.Client,
    email: str,
    *,
    theme: Theme,
    width: int,
) -> None:
    campaign = created(api, "Loans", payout("DE", "35"), payout(None, "0.0005"))
    with sitting(browser, server, width=width, theme=theme) as narrow:
        narrow.sign_in(email)
        page = narrow.open(f"/campaigns/{campaign['id']}/edit/")
        api.patch(f"/api/v1/campaigns/{campaign['id']}/", json={"title": "L" * 200})
        page.evaluate(LOOKS_AGAIN)
        expect(page.locator("#newer .note")).to_be_visible()
        _fits_and_is_accessible(page, width)
        save(page)
        expect(page.locator("#overtaken")).to_be_focused()
        _fits_and_is_accessible(page, width)
        page.get_by_text("Paste from a spreadsheet").click()
        page.get_by_label("Countries and amounts").fill("unreadable" * 50)
        page.get_by_role("button", name="Fill the rows").click()
        expect(page.locator("#pasted")).to_be_focused()
        _fits_and_is_accessible(page, width)
        page.get_by_label("Countries and amounts").fill("")
        page.get_by_label("Title").fill("")
        fill_row(page, 1, "nowhere" * 12, "1,234")
        row(page, 1).get_by_label("Currency").fill("Euros")
        save(page)
        expect(page.locator("#problems")).to_be_focused()
        _fits_and_is_accessible(page, width)


def _fits_and_is_accessible(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
