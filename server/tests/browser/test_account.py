"""The account in a real browser: signing up and out, the profile, and what axe finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # it has none
    Axe,
)

from tests.fixtures.api import PASSWORD
from tests.fixtures.browser import NARROW, WIDE, Theme, sitting

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Page

    from tests.fixtures.browser import Sitting
    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

OPEN = ("/sign-in/", "/sign-up/", "/forgotten/", "/forgotten/?sent", "/reset/MQ/none/", "/nowhere")


def faults(page: Page) -> list[str]:
    """Return what axe finds, and whether the page scrolls sideways."""
    found = [f"{violation['id']}: {violation['nodes']}" for violation in _axe(page)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{page.url} scrolls sideways")
    return found


def _axe(page: Page) -> list[dict[str, object]]:
    violations: list[dict[str, object]] = Axe().run(page).response["violations"]
    return violations


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize(
    "seen", [(NARROW, "light"), (NARROW, "dark"), (WIDE, "light"), (WIDE, "dark")], ids=str
)
def test_axe_finds_nothing(
    browser: Browser, server: LiveServer, email: str, seen: tuple[int, Theme]
) -> None:
    with sitting(browser, server, width=seen[0], theme=seen[1]) as someone:
        for path in OPEN:
            assert faults(someone.open(path)) == [], path
        page = someone.sign_in(email)
        someone.open("/profile/")
        page.get_by_label("Name", exact=True).last.fill("Report")
        page.get_by_role("button", name="Make a key").click()
        page.get_by_text("Revoke…").click()
        assert faults(page) == []
        page.get_by_label("Current password").fill("wrong")
        page.get_by_label("New password").fill("short")
        page.get_by_role("button", name="Change the password").click()
        assert page.get_by_text("This is not your password.").is_visible()
        assert faults(page) == []


def test_who_signs_up_with_the_keyboard_is_in_and_out_again(
    browser: Browser, server: LiveServer
) -> None:
    with sitting(browser, server, timezone_id="Asia/Tokyo") as someone:
        page = someone.open("/sign-in/")
        page.get_by_role("link", name="Create an account").press("Enter")
        page.wait_for_url("**/sign-up/")
        page.keyboard.type("keyboard@example.com")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{server.url}/")
        someone.open("/profile/")
        # The time zone is the browser's own.
        assert page.get_by_label("Time zone").input_value() == "Asia/Tokyo"
        page.get_by_role("button", name="Sign out").press("Enter")
        page.wait_for_url("**/sign-in/")
        page.go_back()
        page.reload()
        assert "/sign-in/" in page.url


def test_a_refusal_leads_to_the_field_and_says_why(browser: Browser, server: LiveServer) -> None:
    with sitting(browser, server) as someone:
        page = someone.open("/sign-in/")
        page.get_by_label("E-mail").fill("nobody@example.com")
        page.get_by_label("Password").fill("wrong password")
        page.keyboard.press("Enter")
        page.get_by_text("The e-mail address or the password is wrong.").wait_for()
        focused = page.locator(":focus")
        assert focused.get_attribute("aria-describedby") == "signin-password_error"
        assert page.get_by_label("E-mail").input_value() == "nobody@example.com"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_profile_does_all_with_and_without_scripts(
    browser: Browser, server: LiveServer, api: httpx.Client, email: str, *, scripts: bool
) -> None:
    with sitting(browser, server, scripts=scripts) as someone:
        page = someone.sign_in(email)
        someone.open("/profile/")
        page.get_by_label("Name", exact=True).first.fill("Ada")
        page.get_by_label("Time zone").select_option("Europe/Tallinn")
        page.get_by_role("button", name="Save").click()
        assert page.get_by_text("Your profile is saved.").is_visible()
        assert api.get("/api/v1/auth/profile/").json()["display_name"] == "Ada"

        page.get_by_label("Name", exact=True).last.fill("Report")
        page.get_by_label("It may").select_option("write")
        page.get_by_role("button", name="Make a key").click()
        key = page.get_by_label("The new API key").input_value()
        with server.client(token=key) as program:
            assert program.get("/api/v1/campaigns/").status_code == 200
        someone.open("/profile/")
        assert key not in page.content()
        page.get_by_text("Revoke…").click()
        page.get_by_role("button", name="Revoke", exact=True).click()
        assert page.get_by_text("The key is revoked.").is_visible()

        page.get_by_text("Sign out everywhere else…").click()
        page.get_by_role("button", name="Sign out everywhere else").click()
        assert page.get_by_text("You are signed out everywhere else.").is_visible()
        assert api.get("/api/v1/auth/profile/").status_code == 401


def test_a_new_key_is_copied(browser: Browser, server: LiveServer, window: Sitting) -> None:
    page = window.open("/profile/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("Name", exact=True).last.fill("Report")
    page.get_by_role("button", name="Make a key").click()
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("The new API key").input_value()


def test_a_session_that_ended_while_typing_asks_for_the_password_and_goes_on(
    window: Sitting, api: httpx.Client
) -> None:
    page = window.open("/profile/")
    page.get_by_label("Name", exact=True).first.fill("Typed before it ended")
    assert api.delete("/api/v1/auth/sessions/").status_code == 204
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Your session has ended").wait_for()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Your profile is saved.").wait_for()
    assert page.get_by_label("Name", exact=True).first.input_value() == "Typed before it ended"


def test_the_admin_is_in_the_console_s_look(browser: Browser, server: LiveServer) -> None:
    with sitting(browser, server) as someone:
        page = someone.open("/admin/")
        colour = "getComputedStyle(document.querySelector('[type=submit]')).backgroundColor"
        assert page.evaluate(colour) == "rgb(11, 107, 83)"
        assert page.get_by_role("link", name="Ratecard").is_visible()
