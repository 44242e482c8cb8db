"""The page of one campaign: its rate card, what a country is paid, its history, a copy of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from campaigns.models import Campaign
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.console import HTMX, console_client, text_of
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from django.test import Client

CARD = [
    payout(None, "12.00", "USD"),
    payout("DE", "38.50"),
    payout("EE", "17.60"),
    payout("NL", "36.00"),
    payout("US", "42.00", "USD"),
    payout("JP", "900", "JPY"),
]
QUERIES = 5
"""The browser's session, its account's, the campaign, that it is live for its history, that."""


@pytest.fixture
def browser(api: ApiClient) -> Client:
    return console_client()


@pytest.fixture
def solar(api: ApiClient) -> dict[str, Any]:
    return api.create("Solar panels", payouts=CARD)


def page(browser: Client, campaign: dict[str, Any], query: str = "", **options: Any) -> str:
    answer = browser.get(f"/campaigns/{campaign['id']}/{query}", **options)
    assert answer.status_code == 200, answer.content
    return text_of(answer)


def rows(html: str) -> list[str]:
    """Return what the table says, a text for each row."""
    table = html[html.index("<tbody") : html.rindex("</tbody>")]
    return [
        " ".join(re.sub("<[^>]+>", " ", row).split())
        for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    ]


def bars(html: str) -> list[str]:
    return re.findall(r'<rect width="(\d+)" height="1"', html)


def answers(html: str) -> list[str]:
    found = html[html.index('<div id="answers"') if 'id="answers"' in html else 0 :]
    return [
        " ".join(re.sub("<[^>]+>", " ", item).split())
        for item in re.findall(r"<li.*?</li>", found[: found.find("</ul>")], re.DOTALL)
    ]


def test_the_rate_card_has_the_highest_first_and_the_world_last(
    browser: Client, solar: dict[str, Any]
) -> None:
    html = page(browser, solar)
    assert "<h1" in html
    assert "Solar panels</h1>" in html
    assert "5 countries + worldwide" in html
    assert rows(html) == [
        "EUR 3 countries",
        "Germany DE €38.50",
        "Netherlands NL €36.00",
        "Estonia EE €17.60",
        "Other currencies 2 countries",
        "Japan JP ¥900",
        "United States of America US $42.00",
        "Everywhere else worldwide $12.00",
    ]


def test_bars_compare_payouts_of_one_currency_only(browser: Client, solar: dict[str, Any]) -> None:
    # Yen have nothing to be compared with. Dollars have the worldwide payout.
    assert bars(page(browser, solar)) == ["100", "94", "46", "100", "29"]
    assert "never one currency with another" in page(browser, solar)


def test_a_card_in_one_currency_has_no_headings(browser: Client, api: ApiClient) -> None:
    one = api.create("One", payouts=[payout("DE", "2.00"), payout("EE", "1.00")])
    html = page(browser, one)
    assert rows(html) == ["Germany DE €2.00", "Estonia EE €1.00"]
    assert "never one currency with another" not in html
    assert "2 countries</span>" in html


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Esto", ["Estonia EE €17.60 its own payout"]),
        ("ee", ["Estonia EE €17.60 its own payout"]),
        (" GERMANY ", ["Germany DE €38.50 its own payout"]),
        ("aland", ["Åland Islands AX $12.00 the worldwide payout: it has none of its own"]),
    ],
)
def test_a_country_is_found_by_its_code_or_by_part_of_its_name(
    browser: Client, solar: dict[str, Any], asked: str, expected: list[str]
) -> None:
    whole = browser.get(f"/campaigns/{solar['id']}/", {"pays": asked})
    assert answers(text_of(whole))[: len(expected)] == expected
    part = browser.get(f"/campaigns/{solar['id']}/", {"pays": asked}, headers=HTMX)
    assert answers(text_of(part))[: len(expected)] == expected
    assert "<html" not in text_of(part)


def test_a_country_is_not_paid_where_nothing_fits(browser: Client, api: ApiClient) -> None:
    one = api.create("One", payouts=[payout("DE")])
    assert answers(page(browser, one, "?pays=France")) == [
        "France FR not paid it has no payout of its own, and there is no worldwide one"
    ]
    assert "France: not paid" in page(browser, one)


def test_many_countries_are_answered_for_in_part(browser: Client, solar: dict[str, Any]) -> None:
    found = answers(page(browser, solar, "?pays=land"))
    assert len(found) == 6
    assert found[-1].endswith("more: type more of the name.")
    (unknown,) = answers(page(browser, solar, "?pays=Atlantis<b>"))
    assert unknown.startswith("No country is called “Atlantis&lt;b&gt;”. Try part of its")


def test_the_map_says_what_each_country_is_paid(browser: Client, solar: dict[str, Any]) -> None:
    html = page(browser, solar)
    lands = dict(re.findall(r'#(\w\w)" class="(\w+)"', html))
    assert {code: lands[code] for code in ("DE", "NL", "EE", "US", "JP", "FR")} == {
        "DE": "s5",
        "NL": "s5",
        "EE": "s1",
        "US": "s3",
        "JP": "s3",
        "FR": "rest",
    }
    assert "<title>Germany: €38.50</title>" in html
    assert "<title>France: $12.00, as everywhere else</title>" in html


def test_shades_go_from_the_lowest_to_the_highest_country(browser: Client, api: ApiClient) -> None:
    card = [payout(code, f"{n}.00") for n, code in enumerate(("DE", "EE", "FR", "GB"), start=1)]
    one = api.create("One", payouts=[payout(None, "9.00"), *card])
    lands = dict(re.findall(r'#(\w\w)" class="(\w+)"', page(browser, one)))
    assert [lands[code] for code in ("DE", "EE", "FR", "GB")] == ["s1", "s2", "s4", "s5"]


def test_the_history_says_what_was_and_what_is(
    browser: Client, api: ApiClient, solar: dict[str, Any]
) -> None:
    path = f"campaigns/{solar['id']}/"
    german = next(one["id"] for one in solar["payouts"] if one["country"] == "DE")
    assert api.patch(f"{path}payouts/{german}/", {"amount": "40.00"}).status == 200
    assert api.post(f"{path}start/").status == 200
    assert api.patch(path, {"title": "Solar roofs"}).status == 200
    assert api.delete(f"{path}payouts/{german}/").status == 204
    html = page(browser, solar)
    log = html[html.index('<ol class="log') : html.rindex("</ol>")]
    parts = [
        " ".join(re.sub("<[^>]+>", " ", item).split())
        for item in re.findall(r"<li.*?</li>", log, re.DOTALL)
    ]
    assert [part.removesuffix(" just now") for part in parts] == [
        "DE payout removed from €40.00",
        "Title from Solar panels to Solar roofs",
        "Started",
        "DE payout from €38.50 to €40.00",
        "Created with 6 payouts",
    ]
    assert '<del><span class="vh">from </span>€38.50</del>' in log


def test_a_long_history_comes_in_pages(
    browser: Client, api: ApiClient, solar: dict[str, Any]
) -> None:
    path = f"campaigns/{solar['id']}/"
    for number in range(45):
        assert api.post(path + ("stop/" if number % 2 else "start/")).status == 200
    html = page(browser, solar)
    seen: list[int] = []
    while len(seen) < 9:  # more than there are
        seen.append(html.count("<time", html.index('class="log')))
        older = re.search(r'href="(/campaigns/\d+/history/\?before=\d+)"', html)
        if older is None:
            break
        part = text_of(browser.get(older[1], headers=HTMX))
        assert part.startswith("<li tabindex")
        answer = browser.get(older[1])
        html = text_of(answer)
        assert "History of Solar panels" in html
    assert seen == [20, 20, 6]


def test_a_wrong_place_in_a_history_is_its_beginning(
    browser: Client, solar: dict[str, Any]
) -> None:
    for before in ("x", "-1", str(10**30), "²"):
        answer = browser.get(f"/campaigns/{solar['id']}/history/", {"before": before})
        assert "Created with 6 payouts" in text_of(answer)


def test_a_copy_is_made_and_opened(browser: Client, solar: dict[str, Any]) -> None:
    answer = browser.post(f"/campaigns/{solar['id']}/duplicate/")
    copy = Campaign.objects.exclude(pk=solar["id"]).get()
    assert (answer.status_code, answer["Location"]) == (302, f"/campaigns/{copy.pk}/edit/")
    assert (copy.title, copy.is_running, copy.payouts.count()) == ("Solar panels (copy)", False, 6)
    assert "This is the copy, “Solar panels (copy)”. It is stopped." in page(
        browser, {"id": copy.pk}
    )
    assert "Created as a copy, 6 payouts" in page(browser, {"id": copy.pk})


def test_what_can_be_done_is_there_as_forms(browser: Client, solar: dict[str, Any]) -> None:
    html = page(browser, solar)
    path = f"/campaigns/{solar['id']}/"
    for action in ("state/", "duplicate/", "delete/"):
        assert f'<form method="post" action="{path}{action}">' in html
    assert f'href="{path}edit/"' in html
    assert 'name="is_running" value="true"' in html


@pytest.mark.parametrize("page_", ["", "history/", "duplicate/"])
def test_what_is_deleted_or_not_theirs_does_not_exist(
    browser: Client, api: ApiClient, other: ApiClient, solar: dict[str, Any], page_: str
) -> None:
    deleted = api.create("Deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    foreign = other.create("Foreign")
    send = browser.post if page_ == "duplicate/" else browser.get
    for campaign_id in (deleted["id"], foreign["id"], 99_999_999, 10**30):
        answer = send(f"/campaigns/{campaign_id}/{page_}")
        assert answer.status_code == 404
        assert "Foreign" not in text_of(answer)


def test_the_page_asks_little(browser: Client, solar: dict[str, Any]) -> None:
    page(browser, solar)
    with counted_queries() as statements:
        page(browser, solar)
    assert len(statements) == QUERIES, statements
    with counted_queries() as statements:
        page(browser, solar, "?pays=ee", headers=HTMX)
    assert len(statements) == QUERIES - 2, statements
