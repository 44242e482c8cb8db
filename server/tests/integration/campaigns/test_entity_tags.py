"""ETag, If-None-Match and If-Match: who reads what again, and who was faster."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.models import Campaign, CampaignPayout
from tests.fixtures.api import ApiClient, payload, payout

pytestmark = pytest.mark.django_db

OTHER_TAGS = ['"1-1"', '"3-1"', 'W/"3-1"', '"2"', "2-1", '"x-1"', '""', "nonsense", '"1-1", "3-1"']
RIGHT_TAGS = ['"2-1"', 'W/"2-1"', "*", '"1-1", "2-1"', ' W/"9-1" , W/"2-1"', '"2-9"']


@pytest.fixture
def campaign(api: ApiClient) -> dict[str, Any]:
    """Store a campaign of version 2 with two payouts."""
    created = api.create(payouts=[payout(), payout("EE")])
    answer = api.post(f"campaigns/{created['id']}/start/")
    assert answer.headers["ETag"] == '"2-1"'
    started: dict[str, Any] = answer.json
    return started


@pytest.mark.parametrize("tag", ['"2-1"', 'W/"2-1"', "*", '"1-1", "2-1"', '"1-1",W/"2-1"'])
def test_what_has_not_changed_is_not_sent_again(
    api: ApiClient, campaign: dict[str, Any], tag: str
) -> None:
    path = f"campaigns/{campaign['id']}/"
    for at in (path, f"{path}payouts/{campaign['payouts'][0]['id']}/"):
        answer = api.get(at, If_None_Match=tag)
        assert (answer.status, answer.content) == (304, b"")
        assert answer.headers["ETag"].removeprefix("W/") == '"2-1"'


@pytest.mark.parametrize("tag", ['"1-1"', 'W/"1-1"', '"2-2"', "2-1", "", '"x"'])
def test_what_has_changed_is_sent(api: ApiClient, campaign: dict[str, Any], tag: str) -> None:
    path = f"campaigns/{campaign['id']}/"
    for at in (path, f"{path}payouts/{campaign['payouts'][0]['id']}/"):
        answer = api.get(at, If_None_Match=tag)
        assert (answer.status, answer.headers["ETag"]) == (200, '"2-1"')


@pytest.mark.parametrize("tag", OTHER_TAGS)
def test_who_was_slower_is_told_and_changes_nothing(
    api: ApiClient, campaign: dict[str, Any], tag: str
) -> None:
    before = _stored()
    for method, at, body in _writes(campaign):
        answer = api.send(method, at, body, headers={"If-Match": tag})
        assert (answer.status, answer.code) == (412, "version_mismatch"), (method, at)
        assert "version is 2" in answer.json["detail"]
    assert _stored() == before


@pytest.mark.parametrize("tag", RIGHT_TAGS)
@pytest.mark.parametrize("number", range(11))
def test_who_knows_the_version_may_write(
    api: ApiClient, campaign: dict[str, Any], number: int, tag: str
) -> None:
    method, at, body = _writes(campaign)[number]
    answer = api.send(method, at, body, headers={"If-Match": tag})
    assert answer.status in {200, 201, 204}, answer


def test_without_if_match_the_last_write_wins(api: ApiClient, campaign: dict[str, Any]) -> None:
    path = f"campaigns/{campaign['id']}/"
    for version, title in enumerate(["First", "Second"], start=3):
        answer = api.patch(path, {"title": title})
        assert (answer.status, answer.headers["ETag"]) == (200, f'"{version}-1"')
    assert api.get(path).json["title"] == "Second"


def test_every_write_to_a_payout_changes_the_campaigns_tag(
    api: ApiClient, campaign: dict[str, Any]
) -> None:
    path = f"campaigns/{campaign['id']}/"
    own = f"{path}payouts/{campaign['payouts'][0]['id']}/"
    other = f"{path}payouts/{campaign['payouts'][1]['id']}/"
    assert api.patch(own, {"amount": "9"}, If_Match='"2-1"').headers["ETag"] == '"3-1"'
    for at in (path, own, other):
        assert api.get(at).headers["ETag"] == '"3-1"'
    assert api.delete(other, If_Match='"2-1"').code == "version_mismatch"
    assert api.delete(other, If_Match='"3-1"').status == 204
    assert api.get(path).headers["ETag"] == '"4-1"'


def test_a_deleted_campaign_is_restored_under_its_version(
    api: ApiClient, campaign: dict[str, Any]
) -> None:
    path = f"campaigns/{campaign['id']}/"
    assert api.delete(path, If_Match='"2-1"').status == 204
    assert api.post(f"{path}restore/", If_Match='"2-1"').code == "version_mismatch"
    assert api.post(f"{path}restore/", If_Match='"3-1"').headers["ETag"] == '"4-1"'


def _writes(campaign: dict[str, Any]) -> list[tuple[str, str, Any]]:
    path = f"campaigns/{campaign['id']}/"
    own = f"{path}payouts/{campaign['payouts'][0]['id']}/"
    return [
        ("PUT", path, payload("Renamed")),
        ("PATCH", path, {"title": "Renamed"}),
        ("PATCH", path, {}),
        ("DELETE", path, None),
        ("POST", f"{path}start/", None),
        ("POST", f"{path}stop/", None),
        ("POST", f"{path}duplicate/", None),
        ("POST", f"{path}payouts/", payout("FI")),
        ("PUT", own, payout(amount="9")),
        ("PATCH", own, {"amount": "9"}),
        ("DELETE", own, None),
    ]


def _stored() -> list[Any]:
    return [list(Campaign.objects.values()), list(CampaignPayout.objects.order_by("pk").values())]
