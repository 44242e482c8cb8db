"""Events in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Account
from campaigns.console.changes import line
from core.models import Event
from tests.fixtures.console import console_client, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fixtures.api import ApiClient

GERMAN = {"country": "DE", "amount": "35.00", "currency": "EUR"}


def told(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> str:
    event = Event(pk=1, account_id=1, actor_id=1, at=timezone.now(), name=name, old=old, new=new)
    marks = {"text": "{}", "del": "-{}-", "ins": "+{}+"}
    return " ".join(marks[part.kind].format(part.text) for part in line(event).parts)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("payout_changed", GERMAN, GERMAN | {"amount": "38.50"}, "DE payout -€35.00- +€38.50+"),
        ("payout_changed", GERMAN, GERMAN | {"currency": "USD"}, "DE payout -€35.00- +$35.00+"),
        (
            "payout_changed",
            GERMAN,
            GERMAN | {"country": None},
            "DE payout moved to Worldwide +€35.00+",
        ),
        ("payout_added", None, GERMAN, "DE payout added +€35.00+"),
        ("payout_removed", GERMAN, None, "DE payout removed -€35.00-"),
        ("payout_added", None, GERMAN | {"country": None}, "Worldwide payout added +€35.00+"),
        ("started", {"is_running": False}, {"is_running": True}, "Started"),
        ("stopped", {"is_running": True}, {"is_running": False}, "Stopped"),
        (
            "changed",
            {"title": "A", "landing_page_url": "https://a.example/"},
            {"title": "B", "landing_page_url": "https://b.example/"},
            "Title -A- +B+ Landing page -https://a.example/- +https://b.example/+",
        ),
        ("created", None, {"title": "A", "payouts": [GERMAN]}, "Created with 1 payout"),
        ("deleted", {"is_running": True}, {"is_running": False}, "Deleted"),
        (
            "restored",
            {"title": "A", "deleted_at": "2026"},
            {"title": "B", "deleted_at": None},
            "Restored under a new title -A- +B+",
        ),
        ("restored", {"title": "A"}, {"title": "A"}, "Restored"),
        ("purged", {"title": "A"}, None, "Removed for good"),
        ("archived_again", {"seen": False}, {"seen": True}, "Archived again seen -no- +yes+"),
        (
            "payout_added",
            None,
            {"country": "DE", "amount": None},
            "DE payout added +country DE, amount None+",
        ),
    ],
)
def test_an_event_reads_as_a_sentence(
    name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, words: str
) -> None:
    assert told(f"campaign.{name}", old, new).startswith(words)


@pytest.mark.parametrize(
    ("created", "changed", "words"),
    [
        (28, 0, "28 campaigns imported"),
        (0, 1, "1 campaign imported"),
        (1_000, 200, "1,200 campaigns imported (1,000 of them new)"),
    ],
)
def test_an_import_is_told_by_how_many_it_brought(created: int, changed: int, words: str) -> None:
    counts = {"campaigns": created + changed, "created": created, "changed": changed}
    assert told("campaigns.imported", None, counts | {"unchanged": 3}) == words


def test_an_event_of_another_kind_is_told_by_its_values() -> None:
    new = {"campaigns": 28, "rows": [1, 2], "by": {"file": "a.csv"}}
    words = told("import.applied", None, new)
    assert words == "Import applied campaigns +28+ rows +2+ by +file a.csv+"


@pytest.mark.django_db
def test_who_did_it_is_told_where_it_was_not_the_owner(api: ApiClient, other: ApiClient) -> None:
    campaign = api.create("Solar")
    for actor_id in (api.account_id, other.account_id, None):
        Event.objects.create(
            account_id=api.account_id,
            actor_id=actor_id,
            at=timezone.now(),
            subject_type="campaign",
            subject_id=campaign["id"],
            name="campaign.started",
        )
    html = text_of(console_client().get(f"/campaigns/{campaign['id']}/"))
    log = html[html.index('<ol class="log') :]
    assert log.count("by Bob") == log.count("by the system") == 1
    assert str(Account.objects.get(pk=api.account_id)) not in log
