"""Files in, through the API: what is answered, what is changed, and what nobody may see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.models import Account
from campaigns.imports.entities import Import, ImportPiece
from campaigns.models import Campaign
from core.models import Event
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.spreadsheets import (
    file_of,
    imported,
    line,
    many_lines,
    send,
    with_seven_wrong,
    work,
)
from tests.fixtures.stored import stored

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

LOANS = file_of(line("Loans"), line("Loans", "EE", "2"))


def version(api: ApiClient) -> int:
    return Account.objects.get(pk=api.account_id).campaigns_version


def test_a_file_is_taken_worked_on_and_followed(api: ApiClient) -> None:
    answer = send(api, LOANS)
    assert answer.status == 202
    first = answer.json
    assert answer.headers["Location"] == f"/api/v1/campaigns/imports/{first['id']}/"
    assert (first["state"], first["dry_run"], first["ended_at"]) == ("waiting", False, None)
    assert api.get("campaigns/").json["count"] == 0
    work()
    found = api.get(answer.headers["Location"]).json
    assert found["state"] == "done"
    assert found["campaigns"] == {"created": 1, "changed": 0, "unchanged": 0}
    assert found["progress"] == {"phase": "applying", "rows_done": 2, "rows_total": 2}
    (campaign,) = api.get("campaigns/").json["results"]
    assert (campaign["title"], campaign["is_running"], campaign["version"]) == ("Loans", True, 1)
    assert [(each["country"], each["amount"]) for each in campaign["payouts"]] == [
        (None, "1.50"),
        ("EE", "2.00"),
    ]
    assert not ImportPiece.objects.exists()


def test_what_is_imported_is_what_the_api_would_have_made(api: ApiClient, other: ApiClient) -> None:
    api.create("Loans", is_running=True, payouts=[payout(), payout("EE", "2")])
    imported(other, LOANS)
    ours, theirs = (Campaign.objects.get(account_id=each.account_id) for each in (api, other))
    for name in ("title", "title_key", "landing_page_url", "search_key", "terms_key", "version"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert theirs.is_rendered
    events = [
        list(Event.objects.filter(subject_type="campaign", subject_id=each.pk).values("new"))
        for each in (ours, theirs)
    ]
    assert events[0] == events[1]


def test_a_campaign_is_brought_to_the_file_and_the_others_stay(api: ApiClient) -> None:
    api.create("Loans", payouts=[payout("EE"), payout("LV")])
    kept = api.create("Cards")
    before = version(api)
    found = imported(api, file_of(line("LOANS", "EE", "9"), line("New")))
    assert found["campaigns"] == {"created": 1, "changed": 1, "unchanged": 0}
    assert version(api) == before + 1
    rows = {row["title"]: row for row in api.get("campaigns/").json["results"]}
    assert set(rows) == {"LOANS", "New", "Cards"}
    assert rows["Cards"] == kept
    assert [each["amount"] for each in rows["LOANS"]["payouts"]] == ["9.00"]
    history = api.get(f"campaigns/{rows['LOANS']['id']}/history/").json["results"]
    assert [event["name"] for event in history] == [
        "campaign.payout_changed",
        "campaign.payout_removed",
        "campaign.started",
        "campaign.changed",
        "campaign.created",
    ]
    whole = Event.objects.get(name="campaigns.imported")
    assert (whole.account_id, whole.subject_id) == (api.account_id, found["id"])
    assert whole.new == {"campaigns": 2, "created": 1, "changed": 1, "unchanged": 0}


def test_a_deleted_campaign_leaves_its_title(api: ApiClient) -> None:
    gone = api.create("Loans")
    api.delete(f"campaigns/{gone['id']}/")
    assert imported(api, LOANS)["campaigns"]["created"] == 1
    assert Campaign.objects.filter(title="Loans").count() == 2


def test_ten_thousand_rows_with_seven_wrong_ones_report_those_and_change_nothing(
    api: ApiClient,
) -> None:
    api.create("Campaign 0")
    wrong, places = with_seven_wrong(many_lines(10_000))
    before = stored(of=api.account_id)[1:3]
    found = imported(api, file_of(*wrong))
    assert (found["state"], found["problem_count"]) == ("refused", 7)
    told = [(each["row"], each["column"], each["code"]) for each in found["problems"]]
    assert told == places
    assert all(each["detail"] for each in found["problems"])
    assert stored(of=api.account_id)[1:3] == before


def test_a_file_that_was_exported_changes_nothing(api: ApiClient) -> None:
    api.create("=1+1", payouts=[payout(), payout("EE", "0.0005"), payout("JP", "120", "JPY")])
    api.create("'=quoted", is_running=True)
    api.create('\'Tis, the "season"; of')
    content = api.get("campaigns/export.csv").content
    before = stored(of=api.account_id)[1:3]
    events, was = Event.objects.count(), version(api)
    found = imported(api, content)
    assert found["campaigns"] == {"created": 0, "changed": 0, "unchanged": 3}
    assert stored(of=api.account_id)[1:3] == before
    assert (Event.objects.count(), version(api)) == (events, was)


def test_a_dry_run_counts_and_changes_nothing(api: ApiClient) -> None:
    api.create("Loans")
    before = stored(of=api.account_id)[1:3]
    found = imported(api, file_of(line("Loans", "EE"), line("New")), dry_run=True)
    assert (found["state"], found["dry_run"]) == ("done", True)
    assert found["campaigns"] == {"created": 1, "changed": 1, "unchanged": 0}
    assert stored(of=api.account_id)[1:3] == before


def test_a_key_has_a_file_taken_once(api: ApiClient) -> None:
    first = send(api, LOANS, Idempotency_Key="one")
    again = send(api, LOANS, Idempotency_Key="one")
    assert (first.status, again.status) == (202, 202)
    assert first.json == again.json
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Import.objects.count() == 1
    assert DBTaskResult.objects.count() == 1
    assert send(api, LOANS + b"\n", Idempotency_Key="one").code == "idempotency_mismatch"


def test_an_import_is_its_accounts_alone(api: ApiClient, other: ApiClient) -> None:
    answer = send(api, LOANS)
    hidden = other.get(answer.headers["Location"])
    never = other.get("campaigns/imports/999999999/")
    assert hidden.status == never.status == 404
    assert hidden.comparable == never.comparable
    assert other.get(f"campaigns/imports/{2**63}/").status == 404
    work()
    assert other.get("campaigns/").json["count"] == 0
    assert other.get("campaigns/export.csv").text.count("\n") == 1


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Content_Type": "application/json"}, "unsupported_media_type"),
        ({"Content_Type": "text/csvx"}, "unsupported_media_type"),
    ],
)
def test_another_kind_of_body_is_refused(
    api: ApiClient, headers: dict[str, str], code: str
) -> None:
    assert api.post("campaigns/import/", LOANS, **headers).code == code
    assert not Import.objects.exists()


def test_the_media_type_may_name_its_charset(api: ApiClient) -> None:
    assert send(api, LOANS, Content_Type="Text/CSV; charset=utf-8").status == 202


def test_the_query_is_checked(api: ApiClient) -> None:
    answer = api.post("campaigns/import/?dry_run=yes", LOANS, Content_Type="text/csv")
    assert (answer.code, answer.places) == ("validation", [("dry_run", "invalid_choice")])
    answer = api.post("campaigns/import/?dryrun=true", LOANS, Content_Type="text/csv")
    assert (answer.code, answer.places) == ("validation", [("dryrun", "unknown_parameter")])
    assert not Import.objects.exists()


def test_a_file_may_be_larger_than_other_bodies_and_no_larger_than_its_limit(
    api: ApiClient, settings: Settings
) -> None:
    large = file_of(*(line(f"Campaign {row}") for row in range(20_000)))
    assert len(large) > 1024 * 1024
    assert send(api, large).status == 202
    assert api.post("campaigns/", large, Content_Type="text/csv").code == "body_too_large"
    settings.LARGE_BODIES = {"/api/v1/campaigns/import/": len(large) - 1}
    assert send(api, large).code == "body_too_large"


def test_an_account_has_five_at_once(api: ApiClient) -> None:
    for _ in range(5):
        assert send(api, LOANS).status == 202
    refused = send(api, LOANS)
    assert (refused.status, refused.code) == (409, "too_many_imports")
    work()
    assert send(api, LOANS).status == 202


def test_a_key_that_may_read_exports_and_does_not_import(api: ApiClient) -> None:
    key = api.post("auth/keys/", {"name": "reader", "scope": "read"}).json["key"]
    reader = ApiClient(key)
    assert reader.get("campaigns/export.csv").status == 200
    assert send(reader, LOANS).code == "read_only_key"


def test_two_imports_of_one_account_are_done_one_after_the_other(api: ApiClient) -> None:
    answers = [send(api, LOANS), send(api, file_of(line("Loans", "LV")))]
    work()
    found = [api.get(answer.headers["Location"]).json["campaigns"] for answer in answers]
    assert found == [
        {"created": 1, "changed": 0, "unchanged": 0},
        {"created": 0, "changed": 1, "unchanged": 0},
    ]


def test_what_a_dead_worker_left_is_done_by_the_next(api: ApiClient) -> None:
    answer = send(api, LOANS)
    long_ago = timezone.now() - timedelta(minutes=1)
    Import.objects.update(state="running", lease="gone", worker="gone", heartbeat_at=long_ago)
    DBTaskResult.objects.update(status="RUNNING")
    work()
    assert api.get(answer.headers["Location"]).json["state"] == "done"


def test_purging_removes_what_ended_long_ago(
    api: ApiClient, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(api, LOANS)
    preview = imported(api, LOANS, dry_run=True)
    assert ImportPiece.objects.exists()
    Import.objects.filter(pk=preview["id"]).update(ended_at=timezone.now() - timedelta(days=2))
    call_command("purge_imports")
    assert not ImportPiece.objects.exists()
    Import.objects.update(ended_at=timezone.now() - timedelta(days=31))
    DBTaskResult.objects.update(started_at=timezone.now() - timedelta(days=31))
    call_command("purge_imports")
    assert not Import.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert "Removed 2 imports" in capsys.readouterr().out
    assert Event.objects.filter(name="campaigns.imported").exists()
