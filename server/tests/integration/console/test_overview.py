"""The start page: what runs, what it pays where, what changed lately."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Account
from campaigns.commands import CampaignCommand
from campaigns.composition import campaign_service
from core.models import Event
from tests.factories.campaigns import CampaignFactory, terms
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.console import HTMX, console_client, text_of
from tests.fixtures.queries import counted_queries
from tests.fixtures.spreadsheets import file_of, imported, line

if TYPE_CHECKING:
    from django.test import Client

NEW, KEPT = 11, 8
"""Queries: two for who asks, one to count, two to sum up, four for the latest changes."""


@pytest.fixture
def browser(api: ApiClient) -> Client:
    return console_client()


def page(browser: Client, query: str = "", **options: Any) -> str:
    answer = browser.get(f"/{query}", **options)
    assert answer.status_code == 200, answer.content
    return text_of(answer)


def stats(html: str) -> list[str]:
    return [plain(stat) for stat in re.findall(r'<div class="card stat".*?</div>', html, re.DOTALL)]


def markets(html: str) -> list[str]:
    table = html[html.index("<tbody") : html.index("</tbody>")]
    return [plain(row) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)]


def latest(html: str) -> list[str]:
    log = html[html.index('<ol class="log') : html.rindex("</ol>")]
    return [plain(item) for item in re.findall(r"<li.*?</li>", log, re.DOTALL)]


def plain(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split()).replace(" :", ":")


def running(api: ApiClient, title: str, *payouts: Any) -> dict[str, Any]:
    return api.create(title, payouts=list(payouts), is_running=True)


def test_an_account_without_campaigns_is_led_to_the_first(browser: Client) -> None:
    html = page(browser)
    assert "No campaign yet" in html
    assert 'href="/campaigns/new/"' in html
    assert 'href="/import/"' in html
    assert "Where campaigns pay" not in html


def test_it_sums_up_what_runs(browser: Client, api: ApiClient) -> None:
    running(api, "One", payout("DE", "10.00"), payout("EE", "2.00"))
    running(api, "Two", payout("DE", "20.00"), payout(None, "1.00"))
    running(api, "Three", payout("DE", "90.00"), payout("US", "100.00", "USD"))
    api.create("Stopped", payouts=[payout("FR", "500.00")])
    gone = running(api, "Deleted", payout("GB", "600.00"))
    assert api.delete(f"campaigns/{gone['id']}/").status == 204
    html = page(browser)
    assert stats(html) == [
        "Running 3 of 4 campaigns",
        "Countries paid 3 + 1 campaign worldwide",
        "Highest payout in EUR €90.00 DE, Three",
        "Changed this week 4 4 of them new",
    ]
    assert markets(html) == [
        "Germany DE 3 €20.00",
        "Estonia EE 1 €2.00",
        "Everywhere else worldwide 1 €1.00",
    ]
    assert 'href="/campaigns/?country=DE&amp;currency=EUR&amp;is_running=true"' in html


def test_currencies_are_never_compared(browser: Client, api: ApiClient) -> None:
    running(api, "One", payout("DE", "10.00"), payout("US", "100.00", "USD"))
    html = page(browser, "?currency=USD")
    assert markets(html) == ["United States of America US 1 $100.00"]
    assert "Highest payout in USD $100.00 US, One" in stats(html)
    assert "<option selected>USD</option>" in html
    part = page(browser, "?currency=USD", headers=HTMX)
    assert markets(part) == markets(html)
    assert "Highest payout in USD" in part
    assert "Latest changes" not in part


def test_a_currency_that_nobody_pays_in_says_so(browser: Client, api: ApiClient) -> None:
    running(api, "One", payout("DE", "10.00"))
    html = page(browser, "?currency=JPY")
    assert "No running campaign pays in JPY." in html
    assert "Highest payout in JPY – nothing is paid in it" in stats(html)
    assert "Highest payout in EUR" in page(browser, "?currency=nonsense")


def test_the_currency_is_the_accounts_own_or_the_one_that_is_used_most(
    browser: Client, api: ApiClient
) -> None:
    running(api, "One", payout("DE", "10.00", "USD"), payout("EE", "1.00", "USD"))
    running(api, "Two", payout("DE", "10.00", "GBP"))
    assert "that pay in USD" in page(browser)
    assert api.patch("auth/profile/", {"default_currency": "GBP"}).status == 200
    assert "that pay in GBP" in page(browser)


@pytest.mark.parametrize(
    ("amounts", "middle"),
    [
        (["3.00", "1.00", "100.00"], "€3.00"),
        (["1.00", "2.00"], "€1.50"),
        (["0.0005", "0.0006"], "€0.00055"),
        (["99999999999.9999"], "€99,999,999,999.9999"),
        (["9.00", "10.00", "11.00", "100.00"], "€10.50"),
    ],
)
def test_the_median_is_exact(
    browser: Client, api: ApiClient, amounts: list[str], middle: str
) -> None:
    for number, amount in enumerate(amounts):
        running(api, f"Campaign {number}", payout("DE", amount))
    assert markets(page(browser)) == [f"Germany DE {len(amounts)} {middle}"]


def test_many_countries_are_listed_when_asked_for(browser: Client, api: ApiClient) -> None:
    codes = [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
    ]
    running(api, "Europe", *(payout(code) for code in codes))
    html = page(browser)
    assert len(markets(html)) == 12
    assert "3 more countries" in html
    assert len(markets(page(browser, "?countries=all"))) == 15


def test_nothing_runs(browser: Client, api: ApiClient) -> None:
    api.create("Stopped")
    html = page(browser)
    assert "No campaign runs, so nothing is paid." in html
    assert "Countries paid 0 by running campaigns" in stats(html)


def test_what_changed_long_ago_did_not_change_this_week(browser: Client, api: ApiClient) -> None:
    owner = Account.objects.get(pk=api.account_id)
    CampaignFactory.create(
        account=owner, at=timezone.now() - timedelta(days=8), payouts=(terms("DE"),)
    )
    CampaignFactory.create(
        account=owner, at=timezone.now() - timedelta(days=6), payouts=(terms("DE"),)
    )
    assert stats(page(browser))[-1] == "Changed this week 1 1 of them new"


def test_the_latest_changes_are_told_save_by_save(browser: Client, api: ApiClient) -> None:
    solar = running(api, "Solar", payout("DE", "35.00"), payout("EE", "1.00"))
    gone = running(api, "Gone", payout("DE"))
    card = [payout("DE", "38.50"), payout("EE", "2.00"), payout("FR", "3.00")]
    path = f"campaigns/{solar['id']}/"
    assert api.patch(path, {"payouts": card}).status == 200
    assert api.post(f"{path}stop/").status == 200
    assert api.delete(f"campaigns/{gone['id']}/").status == 204
    html = page(browser)
    assert [line.removesuffix(" just now") for line in latest(html)] == [
        "Gone: Deleted",
        "Solar: Stopped",
        "Solar: DE payout from €35.00 to €38.50 and 2 more changes",
        "Gone: Created with 1 payout",
        "Solar: Created with 2 payouts",
    ]
    assert f'<a href="/campaigns/{solar["id"]}/">Solar</a>' in html


def test_an_import_is_one_change(browser: Client, api: ApiClient) -> None:
    before = running(api, "Before", payout("DE", "1.00"))
    imported(api, file_of(line("Older", "DE")))
    running(api, "Between", payout("DE", "1.00"))
    lines = [line("Before", "DE", "2.00"), *(line(f"New {number}") for number in range(27))]
    found = imported(api, file_of(*lines))
    new = api.get("campaigns/?search=New+26").json["results"][0]
    assert api.post(f"campaigns/{new['id']}/stop/").status == 200
    html = page(browser)
    assert [line.removesuffix(" just now") for line in latest(html)] == [
        "New 26: Stopped",
        "28 campaigns imported (27 of them new)",
        "Between: Created with 1 payout",
        "1 campaign imported",
    ]
    assert f'<a href="/import/{found["id"]}/">28 campaigns imported' in html
    history = text_of(browser.get(f"/campaigns/{before['id']}/"))
    assert "DE payout" in history
    assert "imported" not in history


def test_an_import_that_is_forgotten_leads_nowhere(browser: Client, api: ApiClient) -> None:
    running(api, "One", payout("DE"))
    Event.objects.create(
        account_id=api.account_id,
        actor_id=api.account_id,
        at=timezone.now() - timedelta(days=31),
        subject_type="import",
        subject_id=1,
        name="campaigns.imported",
        new={"campaigns": 2, "created": 2, "changed": 0, "unchanged": 0},
    )
    html = page(browser)
    assert any(line.startswith("2 campaigns imported") for line in latest(html))
    assert "/import/1/" not in html


def test_ten_changes_are_enough(browser: Client, api: ApiClient) -> None:
    one = running(api, "One", payout("DE"))
    for number in range(12):
        state = "start" if number % 2 else "stop"
        assert api.post(f"campaigns/{one['id']}/{state}/").status == 200
    assert len(latest(page(browser))) == 10


def test_nobody_sees_what_others_pay(browser: Client, api: ApiClient, other: ApiClient) -> None:
    running(other, "Foreign", payout("DE", "99.00"))
    assert "No campaign yet" in page(browser)
    running(api, "Mine", payout("DE", "1.00"))
    assert "Foreign" not in page(browser)
    assert markets(page(browser)) == ["Germany DE 1 €1.00"]


def test_what_is_kept_follows_every_change(browser: Client, api: ApiClient) -> None:
    one = running(api, "One", payout("DE", "1.00"))
    assert markets(page(browser)) == ["Germany DE 1 €1.00"]
    german = one["payouts"][0]["id"]
    assert api.patch(f"campaigns/{one['id']}/payouts/{german}/", {"amount": "2.00"}).status == 200
    assert markets(page(browser)) == ["Germany DE 1 €2.00"]
    campaign_service().stop(
        CampaignCommand(account_id=api.account_id, actor_id=api.account_id, campaign_id=one["id"])
    )
    assert "No campaign runs" in page(browser)


def test_the_page_asks_little(browser: Client, api: ApiClient) -> None:
    for number in range(15):
        running(api, f"Campaign {number}", payout("DE"), payout("US", "1.00", "USD"))
        imported(api, file_of(line(f"Imported {number}"), line(f"Imported too {number}")))
    with counted_queries() as statements:
        page(browser)
    assert len(statements) <= NEW, statements
    with counted_queries() as statements:
        page(browser)
    assert len(statements) <= KEPT, statements
