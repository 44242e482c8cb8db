"""The overview, from an empty account on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.fixtures.api import payload, payout

if TYPE_CHECKING:
    import httpx

    from tests.fixtures.browser import Sitting

pytestmark = pytest.mark.system


def test_an_empty_account_leads_to_the_first_campaign(window: Sitting) -> None:
    page = window.open("/")
    expect(page.get_by_role("heading", name="No campaign yet")).to_be_visible()
    page.keyboard.press("n")
    page.wait_for_url("**/campaigns/new/")


def test_another_currency_is_chosen_in_place(window: Sitting, api: httpx.Client) -> None:
    card = [payout("DE", "38.50"), payout("US", "42.00", "USD")]
    body = payload("Solar panels", payouts=card, is_running=True)
    assert api.post("/api/v1/campaigns/", json=body).status_code == 201
    page = window.open("/")
    chooser = page.get_by_role("combobox", name="Currency")
    chooser.focus()
    chooser.select_option("USD")
    expect(page.locator("#figures")).to_contain_text("$42.00")
    expect(page.locator("#highest")).to_contain_text("$42.00")
    expect(chooser).to_be_focused()
    page.wait_for_url("**/?currency=USD")
    page.go_back()
    expect(page.locator("#highest")).to_contain_text("€38.50")
    page.get_by_role("link", name="Solar panels").last.click()
    page.wait_for_url("**/campaigns/*/")
