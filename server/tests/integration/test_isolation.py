"""Two accounts cannot see, change or test for anything of each other.

The routes are those of the access matrix: a new one fails there until it has a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import ApiKey, Session
from campaigns.models import Campaign, CampaignPayout
from core.models import Event
from tests.fixtures.access import PAYOUT, ROWS
from tests.fixtures.api import ApiClient, payload, payout
from tests.fixtures.routes import Operation, api_operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db

NO_CAMPAIGN, NO_PAYOUT, NO_KEY = 4_000_000_001, 4_000_000_002, 4_000_000_003
NO_SESSION = "00000000-0000-4000-8000-000000000000"
THEIRS = {
    "<int:campaign_id>": "campaign",
    "<int:payout_id>": "payout",
    "<uuid:session_id>": "session",
    "<int:key_id>": "key",
}
# Routes that take ids, with bodies that would do something to one's own.
BY_ID: dict[Operation, Any] = {
    operation: row.body for operation, row in ROWS.items() if "<" in operation[1]
}


def test_every_route_with_an_id_is_compared() -> None:
    assert {operation for operation in api_operations() if "<" in operation[1]} == set(BY_ID)


@pytest.fixture
def theirs(api: ApiClient) -> dict[str, Any]:
    """Store one of everything for Ada."""
    campaign = api.create("Secret", payouts=[payout("EE", "7.77"), payout("FI", "7.77")])
    assert api.post(f"campaigns/{campaign['id']}/start/").status == 200
    deleted = api.create("Secret, deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    key = api.post("auth/keys/", {"name": "Secret", "scope": "write"}).json
    session = api.get("auth/sessions/").json["results"][0]
    return {
        "campaign": campaign["id"],
        "payout": campaign["payouts"][0]["id"],
        "deleted": deleted["id"],
        "key": key["id"],
        "session": session["id"],
    }


@pytest.mark.parametrize("operation", sorted(BY_ID), ids=" ".join)
def test_anothers_id_answers_as_one_that_was_never_used(
    theirs: dict[str, Any], other: ApiClient, operation: Operation
) -> None:
    never = {
        "campaign": NO_CAMPAIGN,
        "payout": NO_PAYOUT,
        "deleted": NO_CAMPAIGN,
        "key": NO_KEY,
        "session": NO_SESSION,
    }
    own = other.create("Mine", payouts=[payout(), payout("SE")])
    before = _everything()
    for wrong in _variants(operation, own=own["id"]):
        for headers in ({}, {"If-Match": '"1-1"'}, {"If-Match": '"2-1"'}, {"If-None-Match": "*"}):
            for body in (BY_ID[operation], {"nonsense": True}):
                answers = [
                    other.send(
                        operation[0], _filled(wrong, ids), _body(operation, body), headers=headers
                    )
                    for ids in (theirs, never)
                ]
                assert answers[0].comparable == answers[1].comparable
                is_own = wrong.startswith(f"/api/v1/campaigns/{own['id']}/")
                assert answers[0].status in ({400, 404, 412} if is_own else {400, 404})
    assert _everything() == before


def test_anothers_deleted_campaign_cannot_be_restored(
    theirs: dict[str, Any], api: ApiClient, other: ApiClient
) -> None:
    answers = [
        other.post(f"campaigns/{campaign_id}/restore/", body)
        for body in (None, {"title": "Mine now"})
        for campaign_id in (theirs["deleted"], NO_CAMPAIGN)
    ]
    assert {answer.status for answer in answers} == {404}
    assert answers[0].comparable == answers[1].comparable
    assert answers[2].comparable == answers[3].comparable
    assert api.post(f"campaigns/{theirs['deleted']}/restore/").status == 200


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"cursor": ""},
        {"deleted": "true"},
        {"search": "secret"},
        {"search": "shop.example.com"},
        {"title": "Secret"},
        {"landing_page_url": payload()["landing_page_url"]},
        {"country": "EE"},
        {"currency": "EUR"},
        {"is_running": "true"},
        {"created_after": "2000-01-01"},
        *({"ordering": name} for name in ("title", "-created_at", "updated_at", "is_running")),
    ],
    ids=str,
)
def test_lists_show_nothing_of_anothers(
    theirs: dict[str, Any], other: ApiClient, query: dict[str, str]
) -> None:
    answer = other.get("campaigns/", query)
    assert answer.status == 200
    assert answer.json["results"] == []
    assert answer.json.get("count", 0) == 0
    assert "ecret" not in answer.text.replace("search=secret", "")


def test_lists_of_the_account_show_nothing_of_anothers(
    theirs: dict[str, Any], api: ApiClient, other: ApiClient
) -> None:
    sessions = other.get("auth/sessions/").json["results"]
    assert [row["is_current"] for row in sessions] == [True]
    assert theirs["session"] not in {row["id"] for row in sessions}
    assert other.get("auth/keys/").json["results"] == []
    assert other.get("auth/profile/").json["email"] == "bob@example.com"
    assert api.get("auth/profile/").json["email"] == "ada@example.com"


def test_another_accounts_cursor_walks_ones_own_list(api: ApiClient, other: ApiClient) -> None:
    hers = [api.create(f"Hers {number}")["id"] for number in range(3)]
    his = [other.create(f"His {number}")["id"] for number in range(3)]
    for ordering in ("title", "-created_at"):
        link = api.get("campaigns/", {"cursor": "", "page_size": 1, "ordering": ordering})
        address = link.json["next"].removeprefix("http://testserver")
        rows = other.get(address).json["results"]
        assert {row["id"] for row in rows} <= set(his)
        assert not {row["id"] for row in rows} & set(hers)


@pytest.mark.parametrize("action", ["start", "stop", "delete", "restore"])
def test_bulk_does_not_tell_anothers_ids_from_unused_ones(
    theirs: dict[str, Any], other: ApiClient, action: str
) -> None:
    mine = other.create("Mine")["id"]
    before = _everything()
    ids = [theirs["campaign"], NO_CAMPAIGN, theirs["deleted"], mine]
    answer = other.post("campaigns/bulk/", {"action": action, "ids": ids})
    assert [row | {"id": None} for row in answer.json["results"][:3]] == [
        {"id": None, "status": "not_found"}
    ] * 3
    changed = {row["id"] for row in Campaign.objects.values() if row not in before[0]}
    assert changed <= {mine}
    assert _everything()[1:4] == before[1:4]


def test_anothers_title_is_free(theirs: dict[str, Any], api: ApiClient, other: ApiClient) -> None:
    created = other.create("SECRET")
    assert other.patch(f"campaigns/{created['id']}/", {"title": "Secret"}).status == 200
    copy = other.post(f"campaigns/{created['id']}/duplicate/", {"title": "Secret, deleted"})
    assert copy.status == 201
    assert api.post(f"campaigns/{theirs['deleted']}/restore/").status == 200
    assert sorted(Campaign.objects.filter(title="Secret").values_list("account_id", flat=True)) == (
        sorted([api.account_id, other.account_id])
    )


def test_a_body_cannot_name_another_account(
    theirs: dict[str, Any], api: ApiClient, other: ApiClient
) -> None:
    for field in ("account", "account_id", "owner", "actor_id", "campaign", "campaign_id"):
        refused = other.post("campaigns/", payload("Planted", **{field: api.account_id}))
        assert refused.places == [(f"/{field}", "unknown_field")]
        terms = payout("SE") | {field: theirs["campaign"]}
        refused = other.post("campaigns/", payload("Planted", payouts=[terms]))
        assert refused.places == [(f"/payouts/0/{field}", "unknown_field")]
    assert not Campaign.objects.filter(title="Planted").exists()


def test_ending_all_other_sessions_ends_ones_own_only(
    theirs: dict[str, Any], api: ApiClient, other: ApiClient
) -> None:
    second = other.signed_in()
    assert other.delete("auth/sessions/").status == 204
    assert second.get("auth/profile/").status == 401
    assert api.get("auth/profile/").status == 200


def _variants(operation: Operation, *, own: int) -> Iterator[str]:
    """Yield the route, and, where it has two ids, one's own campaign with another's payout."""
    _, route = operation
    if route.endswith("/rate/"):
        yield route + "?country=EE"
    yield route
    if route == PAYOUT:
        yield route.replace("<int:campaign_id>", str(own))


def _filled(route: str, ids: dict[str, Any]) -> str:
    for name, kind in THEIRS.items():
        route = route.replace(name, str(ids[kind]))
    return route


def _body(operation: Operation, body: Any) -> Any:
    return None if operation[0] == "GET" else body


def _everything() -> list[list[dict[str, Any]]]:
    tables: list[QuerySet[Any]] = [
        Campaign.objects.all(),
        CampaignPayout.objects.all(),
        Session.objects.all(),
        ApiKey.objects.all(),
        Event.objects.all(),
    ]
    return [list(table.order_by("pk").values()) for table in tables]
