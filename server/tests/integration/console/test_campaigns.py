"""The list of campaigns: what an address asks for is what is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from tests.fixtures.api import LANDING_PAGE, ApiClient, payout
from tests.fixtures.console import HTMX, ConsoleClient, console_client
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.django_db

LIST = "/campaigns/"


@pytest.fixture
def ada(api: ApiClient) -> ConsoleClient:
    """Return Ada's browser, in which she is signed in."""
    return console_client("ada@example.com")


def stored(api: ApiClient, count: int) -> None:
    """Store campaigns whose rate cards nobody has rendered yet."""
    now = timezone.now()
    Campaign.objects.bulk_create(
        Campaign.create(
            account_id=api.account_id,
            title=f"Campaign {number:03}",
            landing_page_url=LANDING_PAGE,
            is_running=number % 2 == 0,
            at=now,
        )
        for number in range(count)
    )


def titles(page: Any) -> list[str]:
    return re.findall(r'class="title"[^>]*>([^<]+)</a>', page.content.decode())


def text_of(page: Any) -> str:
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def headings(page: Any) -> dict[str, str]:
    """Return the columns that a list is ordered by."""
    found = re.findall(r'<th [^>]*aria-sort="(\w+)"><a id="sort-(\w+)"', page.content.decode())
    return {name: direction for direction, name in found}


def test_the_list_shows_ones_own_campaigns_newest_first(
    api: ApiClient, other: ApiClient, ada: ConsoleClient
) -> None:
    for title in ("First", "Second"):
        api.create(title, is_running=title == "First")
    other.create("Not hers")
    page = ada.get(LIST)
    assert titles(page) == ["Second", "First"]
    assert headings(page) == {"created_at": "descending"}
    assert "2 · 1 running" in text_of(page)
    assert "1–2 of 2" in text_of(page)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_what_the_list_shows_is_what_is_exported(
    api: ApiClient, ada: ConsoleClient, headers: dict[str, str]
) -> None:
    for title in ("Solar", "Wind"):
        api.create(title)
    page = ada.get(f"{LIST}?search=solar&page=1", headers=headers).content.decode()
    [export] = re.findall(r'id="export"[^>]*href="([^"]+)"', page)
    assert export == "/campaigns/export.csv?search=solar"
    exported = ada.get(export).getvalue().decode()
    assert "Solar" in exported
    assert "Wind" not in exported


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=LOANS", ["Loans in Estonia"]),
        ("search=shop.example", ["Everywhere", "Loans in Estonia"]),
        ("is_running=true", ["Everywhere"]),
        ("is_running=false", ["Loans in Estonia"]),
        ("country=EE", ["Everywhere", "Loans in Estonia"]),
        ("country=FI", ["Everywhere"]),
        ("currency=USD", ["Everywhere"]),
        ("ordering=title", ["Everywhere", "Loans in Estonia"]),
        ("ordering=-title&search=e", ["Loans in Estonia", "Everywhere"]),
    ],
)
def test_the_list_is_narrowed_and_ordered(
    api: ApiClient, ada: ConsoleClient, query: str, expected: Sequence[str]
) -> None:
    api.create("Loans in Estonia", payouts=[payout("EE")])
    api.create("Everywhere", payouts=[payout(currency="USD")], is_running=True)
    page = ada.get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert titles(page) == expected
    part = ada.get(f"{LIST}?{query}", headers=HTMX)
    assert titles(part) == expected
    assert "<html" not in part.content.decode()


def test_an_address_keeps_what_was_chosen_and_its_links_keep_the_rest(
    api: ApiClient, ada: ConsoleClient
) -> None:
    stored(api, 60)
    query = "search=camp&country=&is_running=&ordering=title"
    tidy = "/campaigns/?search=camp&ordering=title"
    untidy: Any = ada.get(f"{LIST}?{query}")
    assert untidy.url == tidy
    page = ada.get(tidy)
    assert headings(page) == {"title": "ascending"}
    html = page.content.decode()
    assert 'name="search" maxlength="2048" placeholder="Search title or URL" value="camp"' in html
    assert 'href="?search=camp&amp;ordering=-title"' in html
    assert 'rel="next" href="?search=camp&amp;ordering=title&amp;page=2"' in html
    second = ada.get(f"{tidy}&page=2")
    assert "51–60 of 60" in text_of(second)
    assert titles(second)[0] == "Campaign 050"
    assert 'rel="next"' not in second.content.decode()


@pytest.mark.parametrize(
    ("before", "asked", "header"),
    [
        ("", "search=l", "HX-Push-Url"),
        ("search=l", "search=lo", "HX-Replace-Url"),
        ("search=l&page=2", "search=lo", "HX-Replace-Url"),
        ("search=lo", "search=lo&ordering=title", "HX-Push-Url"),
        ("search=lo", "", "HX-Push-Url"),
        ("search=lo", "search=lo&page=1", "HX-Push-Url"),
    ],
)
def test_the_address_bar_follows_and_typing_on_is_one_step_back(
    api: ApiClient, ada: ConsoleClient, before: str, asked: str, header: str
) -> None:
    here = {**HTMX, "HX-Current-URL": f"http://testserver{LIST}?{before}"}
    answer = ada.get(f"{LIST}?{asked}&country=", headers=here)
    assert answer[header] == (f"{LIST}?{asked}" if asked else LIST)


def test_the_address_bar_stays_where_nothing_else_is_asked_for(
    api: ApiClient, ada: ConsoleClient
) -> None:
    here = {**HTMX, "HX-Current-URL": f"http://testserver{LIST}?search=a"}
    assert ada.get(f"{LIST}?search=a", headers=here)["HX-Push-Url"] == "false"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("country=XX", "country This takes a country code"),
        ("country=ee", "country This takes a country code"),
        ("currency=XAU", "currency This takes a currency code"),
        ("is_running=yes", "is_running This takes true or false"),
        ("ordering=landing_page_url", "ordering This takes one of title"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("page=201", "Pages go 10,000 campaigns deep"),
        ("deleted=true", "deleted The list knows no such filter"),
        ("search=a&search=b", "search Give this parameter once"),
        (f"search={'a' * 2049}", "search Ensure this value has at most 2048 characters"),
        ("<b>=1", "&lt;b&gt; The list knows no such filter"),
    ],
)
def test_an_address_that_asks_for_nonsense_says_so_and_leads_out(
    api: ApiClient, ada: ConsoleClient, query: str, told: str
) -> None:
    api.create("Loans")
    page = ada.get(f"{LIST}?{query}")
    assert page.status_code == 400
    assert "There is no such list" in text_of(page)
    assert told in text_of(page)
    assert f'href="{LIST}">Clear filters' in page.content.decode()
    # htmx shows a part with 422; with another error it would show an alert.
    assert ada.get(f"{LIST}?{query}", headers=HTMX).status_code == 422


def test_a_page_past_the_end_leads_to_the_last(api: ApiClient, ada: ConsoleClient) -> None:
    stored(api, 51)
    answer: Any = ada.get(f"{LIST}?ordering=title&page=9")
    assert answer.url == f"{LIST}?ordering=title&page=2"


def test_a_list_with_nothing_in_it_leads_on(api: ApiClient, ada: ConsoleClient) -> None:
    empty = ada.get(LIST)
    assert "No campaigns yet" in text_of(empty)
    assert 'role="search"' not in empty.content.decode()
    api.create("Loans")
    page = ada.get(f"{LIST}?search=<i>nothing</i>")
    assert "Nothing matches “&lt;i&gt;nothing&lt;/i&gt;”" in text_of(page)
    assert f'href="{LIST}">Clear filters' in page.content.decode()


def test_a_row_shows_the_highest_payouts_and_how_many_countries_are_paid(
    api: ApiClient, ada: ConsoleClient
) -> None:
    card = [payout("EE", "1"), payout("JP", "900", "JPY"), payout("US", "42.5", "USD")]
    card += [payout("FI", "3"), payout("LV", "2")]
    api.create("Many", payouts=[*card, payout(None, "0.0005")])
    api.create("World", payouts=[payout(None, "2")])
    api.create("Few", payouts=card[:1])
    page = text_of(ada.get(LIST, headers={"Accept-Language": "en"}))
    assert "US $42.50 JP ¥900 FI €3.00 +2 more WW €0.0005 5 + rest" in page
    assert "WW €2.00 everywhere" in page
    assert "EE €1.00 1 " in page
    # Whoever looks for a country sees what it is paid.
    estonia = text_of(ada.get(f"{LIST}?country=EE", headers={"Accept-Language": "en"}))
    assert "EE €1.00 US $42.50 JP ¥900 +2 more" in estonia


def test_what_is_typed_stays_text(api: ApiClient, ada: ConsoleClient) -> None:
    api.create('<script>alert("1")</script>')
    page = ada.get(f"{LIST}?search=<script>").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("query", ["", "?search=campaign&country=EE&ordering=title", "?page=2"])
def test_a_list_takes_the_same_queries_however_long_it_is(
    api: ApiClient, ada: ConsoleClient, query: str
) -> None:
    counts = set()
    for number in range(51):
        api.create(f"Campaign {number}", payouts=[payout(), payout("EE")])
        if number in {0, 1, 50} and (number == 50 or "page" not in query):
            with counted_queries() as statements:
                assert ada.get(LIST + query).status_code == 200
            counts.add(len(statements))
    # Two sessions, rows, two totals, and on PostgreSQL whether there are few; a page that is full
    # counts what a filter keeps beyond it.
    assert max(counts) <= 7, "\n".join(statements)
    assert max(counts) - min(counts) <= 1
