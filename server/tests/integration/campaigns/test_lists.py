"""Lists of campaigns: pages and their limits, cursors, and how parameters are refused."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.repositories import CampaignRepository
from tests.fixtures.api import ApiClient, payload
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from datetime import datetime

pytestmark = pytest.mark.django_db

ORDERINGS = [
    sign + name
    for name in ("title", "created_at", "updated_at", "is_running")
    for sign in ("", "-")
]
COLUMNS = {"title": "title_key"}


def test_a_page_names_its_neighbours(api: ApiClient) -> None:
    ids = [api.create(f"Campaign {number}")["id"] for number in range(5)]
    pages = list(api.walk("campaigns/", {"page_size": 2}))
    assert [[row["id"] for row in page.json["results"]] for page in pages] == [
        [ids[4], ids[3]],
        [ids[2], ids[1]],
        [ids[0]],
    ]
    for number, page in enumerate(pages, start=1):
        assert list(page.json) == ["count", "count_exact", "next", "previous", "results"]
        assert (page.json["count"], page.json["count_exact"]) == (5, True)
        assert _page(page.json["next"]) == (number + 1 if number < 3 else None)
        assert _page(page.json["previous"]) == (number - 1 if number > 1 else None)
    back = list(api.walk("campaigns/", {"page_size": 2, "page": 3}, link="previous"))
    assert [page.json["results"] for page in back] == [page.json["results"] for page in pages[::-1]]


def test_links_keep_the_filters(api: ApiClient) -> None:
    for number in range(3):
        api.create(f"100% & {number}")
    query = {"search": "100% &", "ordering": "title", "page_size": "1"}
    for pages in (query, query | {"cursor": ""}):
        walked = list(api.walk("campaigns/", pages))
        assert len(walked) == 3
        link = parse_qs(urlsplit(walked[0].json["next"]).query)
        assert {name: link[name] for name in query} == {
            name: [value] for name, value in query.items()
        }


def test_an_empty_list_has_a_first_page(api: ApiClient) -> None:
    empty: dict[str, Any] = {"next": None, "previous": None, "results": []}
    assert api.get("campaigns/").json == {"count": 0, "count_exact": True, **empty}
    assert api.get("campaigns/", {"page": 1}).status == 200
    assert api.get("campaigns/", {"cursor": ""}).json == empty


def test_there_are_50_on_a_page_and_200_at_most(api: ApiClient) -> None:
    _store(api, 201)
    assert len(api.get("campaigns/").json["results"]) == 50
    assert len(api.get("campaigns/", {"page_size": 200}).json["results"]) == 200
    assert len(api.get("campaigns/", {"cursor": ""}).json["results"]) == 50
    refused = api.get("campaigns/", {"page_size": 201})
    assert (refused.status, refused.places) == (400, [("page_size", "max_value")])


def test_a_page_past_the_end_is_not_there(api: ApiClient) -> None:
    api.create()
    answer = api.get("campaigns/", {"page": 2})
    assert (answer.status, answer.code) == (404, "not_found")
    assert "last page is 1" in answer.json["detail"]


def test_counting_stops_at_10_000(api: ApiClient) -> None:
    _store(api, 10_000)
    exact = api.get("campaigns/", {"page_size": 200}).json
    assert (exact["count"], exact["count_exact"]) == (10_000, True)
    last = api.get("campaigns/", {"page_size": 200, "page": 50})
    assert (len(last.json["results"]), last.json["next"]) == (200, None)

    _store(api, 1, start=10_000)
    inexact = api.get("campaigns/", {"page_size": 200}).json
    assert (inexact["count"], inexact["count_exact"]) == (10_000, False)
    last = api.get("campaigns/", {"page_size": 200, "page": 50})
    assert (last.status, len(last.json["results"])) == (200, 200)
    # A walk by pages goes on by cursor where pages end.
    beyond = api.get(last.json["next"].removeprefix("http://testserver"))
    assert (beyond.status, len(beyond.json["results"]), beyond.json["next"]) == (200, 1, None)
    for page in (51, 10**9):
        deep = api.get("campaigns/", {"page_size": 200, "page": page})
        assert (deep.status, deep.places) == (400, [("page", "too_deep")])
        assert "cursor" in deep.json["errors"][0]["detail"]
    narrowed = api.get("campaigns/", {"title": "Campaign 10000"}).json
    assert (narrowed["count"], narrowed["count_exact"]) == (1, True)
    walked = [len(page.json["results"]) for page in api.walk("campaigns/", _cursor(200))]
    assert sum(walked) == 10_001


def test_campaigns_are_counted_once_for_all_pages_and_orders(api: ApiClient) -> None:
    _store(api, 5)
    with counted_queries() as first:
        assert api.get("campaigns/", {"page_size": 2}).json["count"] == 5
    with counted_queries() as others:
        assert api.get("campaigns/", {"page_size": 2, "page": 2}).json["count"] == 5
        assert api.get("campaigns/", {"page_size": 2, "ordering": "title"}).json["count"] == 5
        past = api.get("campaigns/", {"page_size": 2, "page": 4})
        assert (past.status, "The last page is 3." in past.json["detail"]) == (404, True)
    assert sum("COUNT(" in statement for statement in first) == 1
    # The last one asked which page is the last.
    assert not any("COUNT(" in statement for statement in others[:-1])
    api.post("campaigns/", payload("The sixth"))
    assert api.get("campaigns/", {"page_size": 2}).json["count"] == 6


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_cursor_walks_everything_both_ways(api: ApiClient, ordering: str) -> None:
    _store(api, 23)
    expected = _ids(ordering)
    query = _cursor(4, ordering=ordering)
    pages = list(api.walk("campaigns/", query))
    assert [row["id"] for page in pages for row in page.json["results"]] == expected
    assert set(pages[0].json) == {"next", "previous", "results"}
    assert pages[0].json["previous"] is None
    back = list(api.walk(pages[-1].json["previous"].removeprefix(HOST), {}, link="previous"))
    seen = [[row["id"] for row in page.json["results"]] for page in back]
    assert [row for page in reversed(seen) for row in page] == expected[: sum(map(len, seen))]
    assert sum(map(len, seen)) == 20
    forth = api.get(back[-1].json["next"].removeprefix(HOST)).json["results"]
    assert [row["id"] for row in forth] == expected[4:8]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_pages_by_number_go_in_the_same_order(api: ApiClient, ordering: str) -> None:
    _store(api, 9)
    pages = api.walk("campaigns/", {"page_size": 4, "ordering": ordering})
    assert [row["id"] for page in pages for row in page.json["results"]] == _ids(ordering)


@pytest.mark.parametrize("ordering", ["title", "-created_at"])
def test_a_cursor_repeats_and_hides_nothing_while_rows_come_and_go(
    api: ApiClient, ordering: str
) -> None:
    _store(api, 12)
    before = _ids(ordering)
    seen: list[int] = []
    added = set()
    for number, page in enumerate(api.walk("campaigns/", _cursor(3, ordering=ordering))):
        seen += [row["id"] for row in page.json["results"]]
        if number < 3:
            added |= {api.create(f"AAA {number}")["id"], api.create(f"ZZZ {number}")["id"]}
            assert api.delete(f"campaigns/{seen[0] if number == 0 else seen[-1]}/").status == 204
    assert len(seen) == len(set(seen))
    assert [campaign_id for campaign_id in seen if campaign_id not in added] == before


def test_a_cursor_belongs_to_its_list(api: ApiClient) -> None:
    """Sessions and campaigns are both ordered by created_at; their ids are of different kinds."""
    _store(api, 2)
    api.signed_in()
    for name in ("first", "second"):
        api.post("auth/keys/", {"name": name, "scope": "read"})
    [row] = api.get("campaigns/", {"page_size": 1}).json["results"]
    for title in ("Once", "Twice"):
        api.patch(f"campaigns/{row['id']}/", {"title": title})
    lists = ["campaigns/", "auth/sessions/", "auth/keys/", f"campaigns/{row['id']}/history/"]
    firsts = {path: api.get(path, _cursor(1)).json for path in lists}
    cursors = {
        path: parse_qs(urlsplit(first["next"]).query)["cursor"][0] for path, first in firsts.items()
    }
    for of, cursor in cursors.items():
        for path in lists:
            answer = api.get(path, {"cursor": cursor})
            assert answer.status == (200 if path == of else 400), (of, path)


def test_a_cursor_belongs_to_its_ordering_and_its_server(api: ApiClient) -> None:
    _store(api, 3)
    first = api.get("campaigns/", _cursor(1, ordering="title"))
    cursor = parse_qs(urlsplit(first.json["next"]).query)["cursor"][0]
    for wrong, ordering in [
        (cursor, "-title"),
        (cursor, "created_at"),
        (cursor, "-created_at"),
        (cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "title"),
        ("x" + cursor, "title"),
        ("nonsense", "title"),
        ("a:b:c", "title"),
        ("é", "title"),
        ("x" * 4097, "title"),
    ]:
        answer = api.get("campaigns/", {"cursor": wrong, "ordering": ordering})
        assert answer.status == 400
        assert [name for name, _ in answer.places] == ["cursor"]
    assert api.get("campaigns/", {"cursor": cursor, "ordering": "title"}).status == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=", "page"),
        ("page=one", "page"),
        ("page=1.0", "page"),
        ("page=1_0", "page"),
        ("is_running=", "is_running"),
        ("country=", "country"),
        ("created_after=", "created_after"),
        ("created_after=2026-W05-6", "created_after"),
        ("created_after=20260131", "created_after"),
        ("created_after=2026-1-3", "created_after"),
        ("created_after=2026-01-31T12Z", "created_after"),
        ("created_after=%D9%A2%D9%A0%D9%A2%D9%A6-01-31", "created_after"),
        ("page=%D9%A1", "page"),
        ("page=" + "9" * 30, "page"),
        ("page_size=0", "page_size"),
        ("page_size=ten", "page_size"),
        ("page=1&cursor=", "page"),
        ("page=1&page=2", "page"),
        ("search=a&search=b", "search"),
        ("is_running=1", "is_running"),
        ("is_running=True", "is_running"),
        ("deleted=yes", "deleted"),
        ("country=ee", "country"),
        ("country=XX", "country"),
        ("currency=XAU", "currency"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2026-02-30", "created_after"),
        ("created_before=2026-01-31T12:00:00", "created_before"),
        ("created_before=0001-01-01T00:00:00%2B14:00", "created_before"),
        ("ordering=id", "ordering"),
        ("ordering=--title", "ordering"),
        ("ordering=title,created_at", "ordering"),
        ("ordering=account__password", "ordering"),
        ("search=" + "x" * 2049, "search"),
        ("account=1", "account"),
        ("titel=x", "titel"),
        ("country__in=EE", "country__in"),
        ("%3Cb%3E=1", "<b>"),
    ],
)
def test_a_wrong_parameter_is_named(api: ApiClient, query: str, name: str) -> None:
    answer = api.get(f"campaigns/?{query}")
    assert (answer.status, answer.code) == (400, "validation")
    assert answer.json["detail"] == "1 parameter needs attention."
    assert [place for place, _ in answer.places] == [name]
    assert set(answer.json["errors"][0]) == {"parameter", "code", "detail"}


def test_every_wrong_parameter_is_named_at_once(api: ApiClient) -> None:
    answer = api.get("campaigns/?country=XX&page=0&nonsense=1&is_running=maybe")
    assert sorted(name for name, _ in answer.places) == [
        *("country", "is_running", "nonsense", "page"),
    ]
    assert answer.json["detail"] == "4 parameters need attention."


@pytest.mark.parametrize(
    "path",
    [
        "campaigns/1/",
        "campaigns/1/rate/",
        "campaigns/1/history/",
        "campaigns/1/payouts/",
        "auth/sessions/",
        "auth/keys/",
        "auth/profile/",
        "countries/",
        "currencies/",
    ],
)
def test_other_routes_name_unknown_parameters_too(api: ApiClient, path: str) -> None:
    answer = api.get(
        path, {"nonsense": "1", "country": "EE"} if "rate" in path else {"nonsense": 1}
    )
    assert (answer.status, answer.places) == (400, [("nonsense", "unknown_parameter")])


@pytest.mark.parametrize("path", ["history/", "payouts/"])
def test_the_lists_of_one_campaign_have_pages_and_cursors(api: ApiClient, path: str) -> None:
    created = api.create()
    base = f"campaigns/{created['id']}/"
    for country in ("EE", "FI", "SE"):
        api.post(f"{base}payouts/", {"country": country, "amount": 1, "currency": "EUR"})
    everything = api.get(base + path).json["results"]
    assert len(everything) == 4
    for query in ({"page_size": 3}, _cursor(3)):
        pages = list(api.walk(base + path, query))
        assert [row for page in pages for row in page.json["results"]] == everything
    assert api.get(base + path, {"page": 2}).status == 404
    assert api.get(base + path, {"page_size": 201}).status == 400
    assert api.get(base + path, {"cursor": "nonsense"}).status == 400


HOST = "http://testserver"


def _store(api: ApiClient, count: int, *, start: int = 0) -> None:
    """Store campaigns in one statement, with ties in everything that they can be ordered by."""
    now = timezone.now()
    campaigns = []
    for number in range(start, start + count):
        campaign = Campaign.create(
            account_id=api.account_id,
            title=f"Campaign {number}",
            landing_page_url=payload()["landing_page_url"],
            is_running=number % 3 == 0,
            at=_tie(now, number),
        )
        campaign.updated_at = _tie(now, number + 2)
        campaigns.append(campaign)
    Campaign.objects.bulk_create(campaigns)
    CampaignRepository().raise_version(account_id=api.account_id)


def _tie(now: datetime, number: int) -> datetime:
    return now - timedelta(days=number % 4)


def _ids(ordering: str) -> list[int]:
    """Return the ids in the order that was promised; ties go by id, the same way."""
    name = ordering.removeprefix("-")
    rows = Campaign.objects.filter(deleted_at=None).values_list(COLUMNS.get(name, name), "pk")
    return [pk for _, pk in sorted(rows, reverse=ordering.startswith("-"))]


def _cursor(page_size: int, **query: str) -> dict[str, Any]:
    return {"cursor": "", "page_size": page_size, **query}


def _page(link: str | None) -> int | None:
    return int(parse_qs(urlsplit(link).query)["page"][0]) if link else None
