"""One action for many campaigns: an outcome for each, in order, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from campaigns.models import Campaign
from core.models import Event

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

NEVER = 4_000_000_001


def test_start_and_stop_tell_what_became_of_each(api: ApiClient) -> None:
    first, second, deleted = _three(api)
    api.post(f"campaigns/{second}/start/")
    assert _bulk(api, "start", [second, NEVER, first, deleted, first]) == [
        {"id": second, "status": "unchanged"},
        {"id": NEVER, "status": "not_found"},
        {"id": first, "status": "done"},
        {"id": deleted, "status": "not_found"},
        {"id": first, "status": "unchanged"},
    ]
    assert _states() == {first: (True, 2), second: (True, 2), deleted: (False, 2)}
    assert _bulk(api, "stop", [first, second]) == [
        {"id": first, "status": "done"},
        {"id": second, "status": "done"},
    ]
    assert _states() == {first: (False, 3), second: (False, 3), deleted: (False, 2)}
    assert _names(first) == ["campaign.created", "campaign.started", "campaign.stopped"]


def test_delete_and_restore(api: ApiClient) -> None:
    first, second, deleted = _three(api)
    api.post(f"campaigns/{first}/start/")
    assert _bulk(api, "delete", [first, first, deleted]) == [
        {"id": first, "status": "done"},
        {"id": first, "status": "not_found"},
        {"id": deleted, "status": "not_found"},
    ]
    assert _states()[first] == (False, 3)
    assert _bulk(api, "restore", [first, second, NEVER, first]) == [
        {"id": first, "status": "done"},
        {"id": second, "status": "unchanged"},
        {"id": NEVER, "status": "not_found"},
        {"id": first, "status": "unchanged"},
    ]
    shown = api.get(f"campaigns/{first}/").json
    assert (shown["is_running"], shown["deleted_at"], shown["version"]) == (False, None, 4)
    assert _names(first)[-2:] == ["campaign.deleted", "campaign.restored"]
    assert api.get(f"campaigns/{first}/history/").json["results"][0]["new"] == {
        "title": "First",
        "deleted_at": None,
    }


def test_a_title_that_is_taken_does_not_keep_others_from_coming_back(api: ApiClient) -> None:
    taken, twin, free = (_deleted(api, title) for title in ("Taken", "Twin", "Free"))
    twin_again = _deleted(api, "TWIN")
    api.create("TAKEN")
    assert _bulk(api, "restore", [taken, twin_again, twin, free]) == [
        {"id": taken, "status": "conflict", "code": "title_taken"},
        {"id": twin_again, "status": "done"},
        {"id": twin, "status": "conflict", "code": "title_taken"},
        {"id": free, "status": "done"},
    ]
    live = Campaign.objects.filter(deleted_at=None).order_by("title")
    assert [campaign.title for campaign in live] == ["Free", "TAKEN", "TWIN"]


def test_each_change_is_recorded_at_one_time(api: ApiClient) -> None:
    first, second, _ = _three(api)
    _bulk(api, "start", [first, second])
    events = Event.objects.filter(name="campaign.started")
    times = {campaign.updated_at for campaign in Campaign.objects.filter(is_running=True)}
    assert times == {event.at for event in events}
    assert [event.subject_id for event in events.order_by("pk")] == [first, second]
    assert {event.actor_id for event in events} == {api.account_id}


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, [("/action", "required"), ("/ids", "required")]),
        ({"action": "start", "ids": []}, [("/ids", "empty")]),
        ({"action": "start", "ids": 7}, [("/ids", "not_a_list")]),
        ({"action": "start", "ids": {"0": 1}}, [("/ids", "not_a_list")]),
        ({"action": "start", "ids": [1] * 501}, [("/ids", "max_length")]),
        ({"action": "explode", "ids": [1]}, [("/action", "invalid_choice")]),
        ({"action": "START", "ids": [1]}, [("/action", "invalid_choice")]),
        ({"action": ["start"], "ids": [1]}, [("/action", "invalid_choice")]),
        ({"action": "\ud800", "ids": [1]}, [("/action", "invalid_choice")]),
        ({"action": None, "ids": [1]}, [("/action", "null")]),
        (
            {"action": "start", "ids": ["1", 1.0, True, None, 0, -1]},
            [
                ("/ids/0", "invalid"),
                ("/ids/1", "invalid"),
                ("/ids/2", "invalid"),
                ("/ids/3", "null"),
                ("/ids/4", "min_value"),
                ("/ids/5", "min_value"),
            ],
        ),
        ({"action": "start", "ids": [1], "all": True}, [("/all", "unknown_field")]),
    ],
)
def test_a_wrong_body_is_named(
    api: ApiClient, body: dict[str, Any], places: list[tuple[str, str]]
) -> None:
    answer = api.post("campaigns/bulk/", body)
    assert (answer.status, answer.code) == (400, "validation")
    assert answer.places == places
    assert "'" not in "".join(error["detail"] for error in answer.json["errors"])


def _bulk(api: ApiClient, action: str, ids: list[int]) -> Any:
    answer = api.post("campaigns/bulk/", {"action": action, "ids": ids})
    assert answer.status == 200, answer
    assert set(answer.json) == {"results"}
    return answer.json["results"]


def _three(api: ApiClient) -> tuple[int, int, int]:
    """Store two live campaigns and a deleted one."""
    return api.create("First")["id"], api.create("Second")["id"], _deleted(api, "Deleted")


def _deleted(api: ApiClient, title: str) -> int:
    campaign_id: int = api.create(title)["id"]
    assert api.delete(f"campaigns/{campaign_id}/").status == 204
    return campaign_id


def _states() -> dict[int, tuple[bool, int]]:
    rows = Campaign.objects.values_list("pk", "is_running", "version")
    return {pk: (is_running, version) for pk, is_running, version in rows}


def _names(campaign_id: int) -> list[str]:
    events = Event.objects.filter(subject_type="campaign", subject_id=campaign_id)
    return list(events.order_by("pk").values_list("name", flat=True))
