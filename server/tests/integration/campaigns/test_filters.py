"""What each filter of the list keeps, in any script, taken literally."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from campaigns.models import Campaign
from tests.fixtures.api import payout

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("loan", ["Short loans"]),
        ("LOANS", ["Short loans"]),
        ("t l", ["Short loans"]),
        ("%", ["100% bonus"]),
        ("_", ["snake_case"]),
        ("\\", ["back\\slash"]),
        ("'", ["O'Neill"]),
        ('"', ['"Quoted"']),
        ("100%b", []),
        ("s_ort", []),
        ("КРЕД", ["Быстрые кредиты"]),
        ("žIR", ["Žirafa"]),
        ("ŽIR", ["Žirafa"]),
        ("STRASSE", ["Hauptstraße"]),
        ("straße", ["Hauptstraße"]),
        ("e\u0301", ["Café"]),
        ("CAFÉ", ["Café"]),
        ("保険", ["自動車保険"]),
        ("unique-path", ["Žirafa"]),
        ("UNIQUE-PATH", ["Žirafa"]),
        ("{sub}", ["Žirafa"]),
        ("loans\nhttps", []),
        ("nothing has this", []),
        (" loans", ["Short loans"]),
        ("loans ", []),
    ],
)
def test_search_takes_part_of_title_or_url_literally(
    api: ApiClient, search: str, found: list[str]
) -> None:
    for title in (
        *("Short loans", "100% bonus", "snake_case", "back\\slash", "O'Neill", '"Quoted"'),
        *("Быстрые кредиты", "Hauptstraße", "Cafe\u0301", "自動車保険"),
    ):
        api.create(title, landing_page_url="https://example.com/")
    api.create("Žirafa", landing_page_url="https://example.com/Unique-Path?x={sub}")
    assert _titles(api, search=search) == found


def test_an_empty_search_finds_everything(api: ApiClient) -> None:
    api.create()
    assert _titles(api, search="") == ["Loans"]


@pytest.mark.parametrize(
    ("title", "found"),
    [("short LOANS", True), (" Short loans ", True), ("Short", False), ("%", False)],
)
def test_title_is_the_whole_one(api: ApiClient, title: str, found: bool) -> None:  # noqa: FBT001 -- a column of the table above
    api.create("Short loans")
    assert _titles(api, title=title) == (["Short loans"] if found else [])


def test_landing_page_url_is_the_whole_one(api: ApiClient) -> None:
    api.create("One", landing_page_url="https://example.com/a?x={y}&z=1")
    api.create("Two", landing_page_url="https://example.com/a")
    assert _titles(api, landing_page_url="https://example.com/a?x={y}&z=1") == ["One"]
    assert _titles(api, landing_page_url="https://example.com/") == []


def test_is_running(api: ApiClient) -> None:
    api.create("Running", is_running=True)
    api.create("Stopped")
    assert _titles(api, is_running="true") == ["Running"]
    assert _titles(api, is_running="false") == ["Stopped"]
    assert _titles(api) == ["Running", "Stopped"]


def test_country_counts_the_worldwide_fallback(api: ApiClient) -> None:
    api.create("Estonia only", payouts=[payout("EE")])
    api.create("Worldwide", payouts=[payout()])
    api.create("Both", payouts=[payout(), payout("EE")])
    api.create("Finland and Sweden", payouts=[payout("FI"), payout("SE")])
    assert _titles(api, country="EE") == ["Both", "Estonia only", "Worldwide"]
    assert _titles(api, country="FI") == ["Both", "Finland and Sweden", "Worldwide"]
    assert _titles(api, country="JP") == ["Both", "Worldwide"]


def test_currency_is_that_of_any_payout(api: ApiClient) -> None:
    api.create("Euro", payouts=[payout(), payout("EE")])
    api.create("Both", payouts=[payout(), payout("SE", 1, "SEK")])
    assert _titles(api, currency="SEK") == ["Both"]
    assert _titles(api, currency="EUR") == ["Both", "Euro"]
    assert _titles(api, currency="USD") == []


@pytest.mark.parametrize(
    ("after", "before", "found"),
    [
        ("2026-01-31", "", ["New", "Old"]),
        ("2026-02-01", "", ["New"]),
        ("2026-01-31T12:00:00Z", "", ["New", "Old"]),
        ("2026-01-31T12:00:00.000001Z", "", ["New"]),
        ("2026-01-31T14:00:00+02:00", "", ["New", "Old"]),
        ("2026-01-31T07:00:00-05:00", "2026-01-31T12:00:01Z", ["Old"]),
        ("", "2026-01-31T12:00:00Z", []),
        ("", "2026-02-01", ["Old"]),
        ("2026-02-01", "2026-01-01", []),
    ],
)
def test_created_after_counts_the_moment_itself_and_before_does_not(
    api: ApiClient, after: str, before: str, found: list[str]
) -> None:
    for title, moment in [
        ("Old", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("New", datetime(2026, 2, 28, tzinfo=UTC)),
    ]:
        Campaign.objects.filter(pk=api.create(title)["id"]).update(created_at=moment)
    query = {"created_after": after, "created_before": before}
    assert _titles(api, **{name: value for name, value in query.items() if value}) == found


def test_a_plus_that_was_not_escaped_is_understood(api: ApiClient) -> None:
    api.create()
    assert api.get("campaigns/?created_after=2026-01-31T14:00:00+02:00").status == 200


def test_deleted_lists_the_bin_and_filters_it_too(api: ApiClient) -> None:
    api.create("Live")
    for title in ("Deleted one", "Deleted two"):
        assert api.delete(f"campaigns/{api.create(title)['id']}/").status == 204
    assert _titles(api, deleted="true") == ["Deleted one", "Deleted two"]
    assert _titles(api, deleted="true", search="TWO") == ["Deleted two"]
    assert _titles(api, deleted="true", cursor="") == ["Deleted one", "Deleted two"]
    assert _titles(api, deleted="false") == ["Live"]


def test_filters_narrow_each_other(api: ApiClient) -> None:
    api.create("Loans EE", payouts=[payout("EE")], is_running=True)
    api.create("Loans FI", payouts=[payout("FI")], is_running=True)
    api.create("Cards EE", payouts=[payout("EE")], is_running=True)
    api.create("Loans EE, stopped", payouts=[payout("EE")])
    assert _titles(api, search="loans", country="EE", is_running="true") == ["Loans EE"]


def _titles(api: ApiClient, **query: str) -> list[str]:
    answer = api.get("campaigns/", query)
    assert answer.status == 200, answer
    return sorted(row["title"] for row in answer.json["results"])
