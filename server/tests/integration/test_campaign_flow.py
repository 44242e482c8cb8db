"""The whole life of a campaign through HTTP: what is answered, and what is stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from campaigns.models import Campaign, CampaignPayout
from core.models import Event
from tests.fixtures.api import LANDING_PAGE, ApiClient, payload, payout

pytestmark = pytest.mark.django_db


def test_create_answers_every_field_and_stores_it(api: ApiClient) -> None:
    answer = api.post(
        "campaigns/",
        {
            "title": "  Short loans  ",
            "landing_page_url": "HTTPS://Shop.Example.com/Offer?c={click_id}#{Sub}",
            "is_running": True,
            "payouts": [
                payout("EE", "12.5"),
                payout(None, "0.0005", "USD"),
                payout("JP", 120, "JPY"),
            ],
        },
    )
    campaign = Campaign.objects.get()
    rows = {row.country: row for row in CampaignPayout.objects.all()}
    now = _text(campaign.created_at)
    assert answer.status == 201
    assert answer.headers["Location"] == f"/api/v1/campaigns/{campaign.pk}/"
    assert answer.headers["ETag"] == '"1-1"'
    assert answer.json == {
        "id": campaign.pk,
        "title": "Short loans",
        "landing_page_url": "https://shop.example.com/Offer?c={click_id}#{Sub}",
        "is_running": True,
        "payouts": [
            _shown(rows[None], country_name="Worldwide", amount="0.0005"),
            _shown(rows["EE"], country_name="Estonia", amount="12.50"),
            _shown(rows["JP"], country_name="Japan", amount="120"),
        ],
        "created_at": now,
        "updated_at": now,
        "deleted_at": None,
        "restorable_until": None,
        "version": 1,
    }
    assert list(answer.json) == [
        *("id", "title", "landing_page_url", "is_running", "payouts", "created_at"),
        *("updated_at", "deleted_at", "restorable_until", "version"),
    ]
    assert campaign.account_id == api.account_id
    assert api.get(answer.headers["Location"]).json == answer.json
    assert api.get("campaigns/").json["results"] == [answer.json]
    assert api.get("campaigns/", {"search": "SHORT"}).json["results"] == [answer.json]


def test_is_running_is_false_unless_said(api: ApiClient) -> None:
    assert api.create()["is_running"] is False


def test_replace_matches_payouts_by_country(api: ApiClient) -> None:
    created = api.create(payouts=[payout(), payout("EE", "2"), payout("FI", "3")])
    ids = {row["country"]: row["id"] for row in created["payouts"]}
    body = payload("Renamed", payouts=[payout("FI", "3.00"), payout("SE", "4"), payout("EE", "5")])
    answer = api.put(f"campaigns/{created['id']}/", body | {"is_running": True})
    replaced = answer.json
    assert (answer.status, answer.headers["ETag"], replaced["version"]) == (200, '"2-1"', 2)
    assert (replaced["title"], replaced["is_running"]) == ("Renamed", True)
    assert [(row["country"], row["amount"]) for row in replaced["payouts"]] == [
        ("EE", "5.00"),
        ("FI", "3.00"),
        ("SE", "4.00"),
    ]
    kept = {row["country"]: row["id"] for row in replaced["payouts"]}
    assert (kept["EE"], kept["FI"]) == (ids["EE"], ids["FI"])
    assert replaced["created_at"] == created["created_at"]
    assert replaced["updated_at"] > created["updated_at"]
    times = {row["country"]: row["updated_at"] for row in replaced["payouts"]}
    assert times["FI"] == created["updated_at"]
    assert times["EE"] == times["SE"] == replaced["updated_at"]
    assert api.get(f"campaigns/{created['id']}/").json == replaced
    assert CampaignPayout.objects.count() == 3
    assert _history(api, created["id"])[:5] == [
        ("campaign.payout_added", None, payout("SE", "4.00")),
        ("campaign.payout_changed", payout("EE", "2.00"), payout("EE", "5.00")),
        ("campaign.payout_removed", payout(None, "1.50"), None),
        ("campaign.started", {"is_running": False}, {"is_running": True}),
        ("campaign.changed", {"title": "Loans"}, {"title": "Renamed"}),
    ]


def test_replace_needs_the_whole_campaign_and_keeps_is_running(api: ApiClient) -> None:
    created = api.create(is_running=True)
    path = f"campaigns/{created['id']}/"
    missing = api.put(path, {"title": "Renamed"})
    assert missing.places == [("/landing_page_url", "required"), ("/payouts", "required")]
    assert api.put(path, payload("Renamed")).json["is_running"] is True
    assert api.put(path, payload("Renamed") | {"is_running": False}).json["is_running"] is False


def test_patch_changes_what_is_sent(api: ApiClient) -> None:
    created = api.create(payouts=[payout(), payout("EE")])
    path = f"campaigns/{created['id']}/"
    unaffected = {"id", "created_at", "payouts", "deleted_at", "restorable_until"}
    for version, change in enumerate(
        [{"title": "Renamed"}, {"landing_page_url": "http://example.org/"}, {"is_running": True}],
        start=2,
    ):
        answer = api.patch(path, change)
        assert (answer.status, answer.json["version"]) == (200, version)
        assert answer.json | change == answer.json
        assert {name: answer.json[name] for name in unaffected} == {
            name: created[name] for name in unaffected
        }
    card = api.patch(path, {"payouts": [payout("EE", "7")]}).json["payouts"]
    assert [(row["id"], row["amount"]) for row in card] == [(created["payouts"][1]["id"], "7.00")]
    assert api.patch(path, {}).json["version"] == 5


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_was_read_can_be_sent_back_and_changes_nothing(api: ApiClient, method: str) -> None:
    created = api.create(payouts=[payout(), payout("EE", "0.0005"), payout("JP", "120", "JPY")])
    path = f"campaigns/{created['id']}/"
    answer = api.send(method, path, api.get(path).json)
    assert (answer.status, answer.json, answer.headers["ETag"]) == (200, created, '"1-1"')
    path = f"campaigns/{created['id']}/payouts/{created['payouts'][1]['id']}/"
    answer = api.send(method, path, api.get(path).json)
    assert (answer.status, answer.json, answer.headers["ETag"]) == (
        200,
        created["payouts"][1],
        '"1-1"',
    )
    assert [name for name, _, _ in _history(api, created["id"])] == ["campaign.created"]


def test_start_and_stop_and_doing_either_twice(api: ApiClient) -> None:
    created = api.create()
    path = f"campaigns/{created['id']}/"
    steps = [("stop", False, 1), ("start", True, 2), ("start", True, 2), ("stop", False, 3)]
    for action, is_running, version in steps:
        answer = api.post(f"{path}{action}/")
        assert answer.status == 200
        assert (answer.json["is_running"], answer.json["version"]) == (is_running, version)
        assert answer.headers["ETag"] == f'"{version}-1"'
        assert Campaign.objects.get().is_running is is_running
    assert _history(api, created["id"])[:2] == [
        ("campaign.stopped", {"is_running": True}, {"is_running": False}),
        ("campaign.started", {"is_running": False}, {"is_running": True}),
    ]
    assert api.post(f"{path}start/", {"is_running": False}).places == [
        ("/is_running", "unknown_field")
    ]


def test_payouts_one_by_one(api: ApiClient) -> None:
    created = api.create()
    base = f"campaigns/{created['id']}/payouts/"
    added = api.post(base, payout("EE", "2"))
    path = f"{base}{added.json['id']}/"
    assert (added.status, added.headers["ETag"]) == (201, '"2-1"')
    assert added.headers["Location"] == f"/api/v1/{path}"
    row = CampaignPayout.objects.get(country="EE")
    assert added.json == _shown(row, country_name="Estonia", amount="2.00")
    assert api.get(path).json == added.json
    assert api.get(path).headers["ETag"] == '"2-1"'
    listed = api.get(base).json
    assert (listed["count"], listed["next"], listed["results"][1]) == (2, None, added.json)

    taken = api.post(base, payout("EE", "3"))
    assert (taken.status, taken.code) == (409, "country_taken")
    taken = api.post(base, {"amount": 1, "currency": "EUR"})
    assert (taken.status, taken.code) == (409, "country_taken")

    replaced = api.put(path, payout("FI", "4", "SEK"))
    assert (replaced.status, replaced.json["id"]) == (200, added.json["id"])
    assert (replaced.json["country"], replaced.json["currency"]) == ("FI", "SEK")
    assert replaced.headers["ETag"] == '"3-1"'
    patched = api.patch(path, {"amount": "0.10"})
    assert (patched.json["amount"], patched.json["country"]) == ("0.10", "FI")
    taken = api.patch(path, {"country": None})
    assert (taken.status, taken.code) == (409, "country_taken")

    worldwide = f"{base}{created['payouts'][0]['id']}/"
    assert api.delete(worldwide).status == 204
    assert api.get(worldwide).status == 404
    moved = api.put(path, {"amount": "1", "currency": "EUR"})
    assert (moved.json["is_worldwide"], moved.json["country_name"]) == (True, "Worldwide")
    last = api.delete(path)
    assert (last.status, last.code) == (409, "last_payout")

    campaign = api.get(f"campaigns/{created['id']}/").json
    assert (campaign["version"], campaign["payouts"]) == (6, [moved.json])
    assert campaign["updated_at"] == moved.json["updated_at"]
    assert [name.removeprefix("campaign.") for name, _, _ in _history(api, created["id"])] == [
        *("payout_changed", "payout_removed", "payout_changed", "payout_changed"),
        *("payout_added", "created"),
    ]


def test_duplicate_copies_the_rate_card_and_finds_a_title(api: ApiClient) -> None:
    created = api.create(is_running=True, payouts=[payout(), payout("EE", "2")])
    path = f"campaigns/{created['id']}/duplicate/"
    copies = [api.post(path) for _ in range(3)]
    assert [copy.json["title"] for copy in copies] == [
        "Loans (copy)",
        "Loans (copy 2)",
        "Loans (copy 3)",
    ]
    copy = copies[0]
    assert (copy.status, copy.headers["ETag"]) == (201, '"1-1"')
    assert copy.headers["Location"] == f"/api/v1/campaigns/{copy.json['id']}/"
    assert (copy.json["is_running"], copy.json["landing_page_url"]) == (False, LANDING_PAGE)
    assert [(row["country"], row["amount"]) for row in copy.json["payouts"]] == [
        (None, "1.50"),
        ("EE", "2.00"),
    ]
    assert not {row["id"] for row in copy.json["payouts"]} & {
        row["id"] for row in created["payouts"]
    }
    assert _history(api, copy.json["id"])[0][2]["duplicate_of"] == created["id"]
    assert api.get(f"campaigns/{created['id']}/").json == created
    assert api.post(path, {"title": "Mine"}).json["title"] == "Mine"
    taken = api.post(path, {"title": "mine"})
    assert (taken.status, taken.code) == (409, "title_taken")


def test_the_copy_of_a_long_title_still_fits(api: ApiClient) -> None:
    created = api.create("x" * 200)
    title = api.post(f"campaigns/{created['id']}/duplicate/").json["title"]
    assert title.endswith(" (copy)")
    assert len(title) <= 200


def test_history_tells_who_changed_what_newest_first(api: ApiClient) -> None:
    created = api.create()
    path = f"campaigns/{created['id']}/"
    api.patch(path, {"title": "Renamed", "landing_page_url": "https://example.org/"})
    page = api.get(f"{path}history/").json
    newest, oldest = page["results"]
    assert page["count"] == 2
    event = Event.objects.get(pk=newest["id"])
    assert newest == {
        "id": event.pk,
        "name": "campaign.changed",
        "at": _text(event.at),
        "actor": {"id": api.account_id, "display_name": "Ada"},
        "old": {"title": "Loans", "landing_page_url": LANDING_PAGE},
        "new": {"title": "Renamed", "landing_page_url": "https://example.org/"},
    }
    assert (oldest["name"], oldest["old"]) == ("campaign.created", None)
    assert oldest["new"] == {
        "title": "Loans",
        "landing_page_url": LANDING_PAGE,
        "is_running": False,
        "payouts": [payout(None, "1.50")],
    }
    assert oldest["at"] == created["created_at"]
    cursor = api.get(f"{path}history/", {"cursor": "", "page_size": 1}).json
    assert cursor["results"] == [newest]


def test_rate_says_which_payout_applies_and_why(api: ApiClient) -> None:
    both = api.create("Both", payouts=[payout(None, "1"), payout("EE", "2")])
    some = api.create("Some", payouts=[payout("EE", "2")])
    worldwide, own = both["payouts"]
    for campaign, country, name, found, reason in [
        (both, "EE", "Estonia", own, "country"),
        (both, "FI", "Finland", worldwide, "worldwide"),
        (some, "EE", "Estonia", some["payouts"][0], "country"),
        (some, "FI", "Finland", None, "none"),
    ]:
        answer = api.get(f"campaigns/{campaign['id']}/rate/", {"country": country})
        expected = {"country": country, "country_name": name, "payout": found, "reason": reason}
        assert (answer.status, answer.json) == (200, expected)


def test_delete_bin_and_restore(api: ApiClient) -> None:
    created = api.create(is_running=True)
    path = f"campaigns/{created['id']}/"
    payout_path = f"{path}payouts/{created['payouts'][0]['id']}/"
    assert api.delete(path).status == 204
    for method, at, body in [
        ("GET", path, None),
        ("PUT", path, payload()),
        ("PATCH", path, {}),
        ("DELETE", path, None),
        ("POST", f"{path}start/", None),
        ("POST", f"{path}stop/", None),
        ("POST", f"{path}duplicate/", None),
        ("GET", f"{path}history/", None),
        ("GET", f"{path}rate/?country=EE", None),
        ("GET", f"{path}payouts/", None),
        ("POST", f"{path}payouts/", payout("EE")),
        ("GET", payout_path, None),
        ("PUT", payout_path, payout()),
        ("PATCH", payout_path, {}),
        ("DELETE", payout_path, None),
    ]:
        assert api.send(method, at, body).status == 404, (method, at)
    assert api.get("campaigns/").json["count"] == 0
    binned = api.get("campaigns/", {"deleted": "true"}).json["results"][0]
    deleted_at = Campaign.objects.get().deleted_at
    assert deleted_at is not None
    assert binned == created | {
        "is_running": False,
        "version": 2,
        "updated_at": _text(deleted_at),
        "deleted_at": _text(deleted_at),
        "restorable_until": _text(deleted_at + timedelta(days=30)),
    }
    replacement = api.create("LOANS")
    taken = api.post(f"{path}restore/")
    assert (taken.status, taken.code) == (409, "title_taken")
    restored = api.post(f"{path}restore/", {"title": "Loans again"})
    assert (restored.status, restored.headers["ETag"]) == (200, '"3-1"')
    assert restored.json == created | {
        "title": "Loans again",
        "is_running": False,
        "version": 3,
        "updated_at": restored.json["updated_at"],
    }
    assert api.get(path).json == restored.json
    again = api.post(f"{path}restore/")
    assert (again.status, again.json) == (200, restored.json)
    refused = api.post(f"{path}restore/", {"title": "Another"})
    assert (refused.status, refused.code) == (409, "not_deleted")
    assert [name for name, _, _ in _history(api, created["id"])] == [
        *("campaign.restored", "campaign.deleted", "campaign.created"),
    ]
    assert api.get(f"campaigns/{replacement['id']}/").json == replacement


def test_after_30_days_a_campaign_is_gone_purged_or_not(api: ApiClient) -> None:
    old, young, live = (api.create(title)["id"] for title in ("Old", "Young", "Live"))
    for campaign_id in (old, young):
        assert api.delete(f"campaigns/{campaign_id}/").status == 204
    _age(old, days=30)
    _age(young, days=29, hours=23)
    for purged in (False, True):
        assert api.post(f"campaigns/{old}/restore/").status == 404
        listed = api.get("campaigns/", {"deleted": "true"}).json["results"]
        assert [row["id"] for row in listed] == [young]
        outcome = api.post("campaigns/bulk/", {"action": "restore", "ids": [old]}).json["results"]
        assert outcome == [{"id": old, "status": "not_found"}]
        assert Campaign.objects.filter(pk=old).exists() is not purged
        call_command("purge_deleted", verbosity=0)
    assert set(Campaign.objects.values_list("pk", flat=True)) == {young, live}
    assert set(CampaignPayout.objects.values_list("campaign_id", flat=True)) == {young, live}
    history = Event.objects.filter(subject_type="campaign", subject_id=old).order_by("pk")
    assert [(event.name, event.actor_id) for event in history] == [
        ("campaign.created", api.account_id),
        ("campaign.deleted", api.account_id),
        ("campaign.purged", None),
    ]
    assert api.post(f"campaigns/{young}/restore/").status == 200


def _age(campaign_id: int, **ago: int) -> None:
    campaign = Campaign.objects.get(pk=campaign_id)
    assert campaign.deleted_at is not None
    campaign.deleted_at -= timedelta(**ago)
    campaign.save()


def _history(api: ApiClient, campaign_id: int) -> list[tuple[str, Any, Any]]:
    rows = api.get(f"campaigns/{campaign_id}/history/").json["results"]
    return [(row["name"], row["old"], row["new"]) for row in rows]


def _shown(row: CampaignPayout, *, country_name: str, amount: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "country": row.country,
        "country_name": country_name,
        "is_worldwide": row.country is None,
        "amount": amount,
        "currency": row.currency,
        "created_at": _text(row.created_at),
        "updated_at": _text(row.updated_at),
    }


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
