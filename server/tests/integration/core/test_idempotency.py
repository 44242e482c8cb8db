"""Requests with an ``Idempotency-Key``: what a client may rely on."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db.models import F

from core.models import IdempotentAnswer
from tests.fixtures.api import PASSWORD, ApiClient, payload, payout
from tests.fixtures.routes import api_operations

if TYPE_CHECKING:
    from tests.fixtures.api import Answer

pytestmark = pytest.mark.django_db

KEY = {"Idempotency_Key": "8b382d57-fbdb-4a59-8228-fb57328dfce4"}
DAY = timedelta(hours=24)
# Every write of campaigns and payouts.
WRITES: list[tuple[str, str, Any]] = [
    ("POST", "campaigns/", payload("Another")),
    ("PUT", "campaigns/{campaign}/", payload("Renamed")),
    ("PATCH", "campaigns/{campaign}/", {"title": "Renamed"}),
    ("DELETE", "campaigns/{campaign}/", None),
    ("POST", "campaigns/{campaign}/start/", None),
    ("POST", "campaigns/{running}/stop/", {}),
    ("POST", "campaigns/{campaign}/duplicate/", None),
    ("POST", "campaigns/{deleted}/restore/", {"title": "Back"}),
    ("POST", "campaigns/bulk/", {"action": "start", "ids": [2**62]}),
    ("POST", "campaigns/import/", "title\n"),
    ("POST", "campaigns/{campaign}/payouts/", payout("FI")),
    ("PUT", "campaigns/{campaign}/payouts/{payout}/", payout("LV")),
    ("PATCH", "campaigns/{campaign}/payouts/{payout}/", {"amount": "2"}),
    ("DELETE", "campaigns/{campaign}/payouts/{payout}/", None),
]


def test_every_write_of_the_api_takes_a_key_but_those_that_answer_secrets() -> None:
    writes = {
        (method, re.sub(r"<.*?>", "*", route.removeprefix("/api/v1/")))
        for method, route in api_operations()
        if method != "GET" and not route.startswith("/api/v1/auth/")
    }
    assert writes == {(method, re.sub(r"{.*?}", "*", path)) for method, path, _ in WRITES}


@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write[0]} {write[1]}")
def test_the_same_request_again_answers_the_first_answer_and_does_nothing(
    api: ApiClient, write: tuple[str, str, Any]
) -> None:
    method, path, body = write
    path = path.format(**_stored(api))
    headers = KEY | ({"Content-Type": "text/csv"} if isinstance(body, str) else {})
    first = api.send(method, path, body, headers=headers)
    done = _everything(api)
    assert first.status < 300, first
    assert "Idempotency-Replayed" not in first.headers
    for _ in range(2):
        again = api.send(method, path, body, headers=headers)
        assert _told(again) == _told(first)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert _everything(api) == done


def test_with_a_key_a_request_is_answered_as_without(api: ApiClient) -> None:
    ids = _stored(api)
    other = api.create("The other one", payouts=[payout(), payout("EE")])
    for method, path, body in (
        ("PATCH", "campaigns/{campaign}/", {"is_running": True}),
        ("POST", "campaigns/bulk/", {"action": "start", "ids": [2**62]}),
        ("DELETE", "campaigns/{campaign}/", None),
    ):
        with_key = api.send(
            method, path.format(**ids), body, headers={"Idempotency_Key": path + method}
        )
        without = api.send(method, path.format(campaign=other["id"]), body)
        differing = {"X-Request-ID", "Content-Length", "RateLimit"}
        assert {*with_key.headers} == {*without.headers}
        assert {name: with_key.headers[name] for name in {*with_key.headers} - differing} == {
            name: without.headers[name] for name in {*without.headers} - differing
        }
        assert with_key.status == without.status


def test_an_answer_is_the_first_one_whatever_happened_since(api: ApiClient) -> None:
    first = api.post("campaigns/", payload("Loans"), **KEY)
    path = f"campaigns/{first.json['id']}/"
    assert api.patch(path, {"title": "Renamed"}).status == 200
    assert _told(api.post("campaigns/", payload("Loans"), **KEY)) == _told(first)
    assert api.delete(path).status == 204
    assert _told(api.post("campaigns/", payload("Loans"), **KEY)) == _told(first)
    assert api.get(path).status == 404


def test_a_read_shows_a_write_with_a_key_at_once(api: ApiClient) -> None:
    assert api.get("campaigns/").json["count"] == 0
    for _ in range(2):
        assert api.post("campaigns/", payload("Loans"), **KEY).status == 201
        assert api.get("campaigns/").json["count"] == 1


@pytest.mark.parametrize("change", ["method", "path", "query", "body", "If-Match"])
def test_another_request_with_the_same_key_is_refused(api: ApiClient, change: str) -> None:
    created = api.create("Loans")
    path, body = f"campaigns/{created['id']}/", payload("Renamed")
    sent: dict[str, Any] = {"method": "PUT", "path": path, "body": body, "headers": KEY}
    assert api.send(**sent).status == 200
    changes: dict[str, dict[str, Any]] = {
        "method": {"method": "PATCH"},
        "path": {"path": f"campaigns/{api.create('Cars')['id']}/"},
        "query": {"query": {"x": "1"}},
        "body": {"body": payload("Changed")},
        "If-Match": {"headers": {**KEY, "If-Match": "*"}},
    }
    stored = _everything(api)
    refused = api.send(**(sent | changes[change]))
    assert (refused.status, refused.code) == (422, "idempotency_mismatch")
    assert refused.headers["Cache-Control"] == "no-store"
    assert "Idempotency-Replayed" not in refused.headers
    assert _everything(api) == stored
    assert api.send(**sent).headers["Idempotency-Replayed"] == "true"


def test_keys_belong_to_accounts_not_to_their_credentials(api: ApiClient, other: ApiClient) -> None:
    first = api.post("campaigns/", payload("Loans"), **KEY)
    theirs = other.post("campaigns/", payload("Cars"), **KEY)
    assert theirs.status == 201
    assert "Idempotency-Replayed" not in theirs.headers
    token = api.post("auth/keys/", {"name": "Importer", "scope": "write"}).json["key"]
    for client in (api.signed_in(), ApiClient(token)):
        assert _told(client.post("campaigns/", payload("Loans"), **KEY)) == _told(first)


def test_who_may_not_write_is_told_so_and_not_what_was_written(api: ApiClient) -> None:
    api.post("campaigns/", payload("Loans"), **KEY)
    token = api.post("auth/keys/", {"name": "Reports", "scope": "read"}).json["key"]
    assert ApiClient(token).post("campaigns/", payload("Loans"), **KEY).status == 403
    assert ApiClient().post("campaigns/", payload("Loans"), **KEY).status == 401
    assert ApiClient("wrong").post("campaigns/", payload("Loans"), **KEY).status == 401


def test_what_was_refused_may_be_tried_again_with_the_same_key(api: ApiClient) -> None:
    taken = api.create("Loans")
    for body, status in (
        (payload("Loans"), 409),
        (payload("", payouts=[]), 400),
        ("{", 400),
        (b"\xff", 400),
    ):
        assert api.post("campaigns/", body, **KEY).status == status
    assert api.post("campaigns/0/start/", **KEY).status == 404
    assert api.post("campaigns/", "{}", Content_Type="text/plain", **KEY).status == 415
    stale = {"If-Match": '"9-1"', **KEY}
    assert api.delete(f"campaigns/{taken['id']}/", **stale).status == 412
    assert not IdempotentAnswer.objects.exists()
    assert api.delete(f"campaigns/{taken['id']}/").status == 204
    assert api.post("campaigns/", payload("Loans"), **KEY).status == 201


@pytest.mark.parametrize("key", ["", " ", "0" * 256, "é", "a\tb", "\x7f"])
def test_a_key_that_is_none_is_refused_and_the_header_named(api: ApiClient, key: str) -> None:
    refused = api.post("campaigns/", payload("Loans"), Idempotency_Key=key)
    assert (refused.status, refused.code) == (400, "bad_request")
    assert "Idempotency-Key" in refused.json["detail"]
    assert api.get("campaigns/").json["count"] == 0


def test_reading_has_no_key(api: ApiClient) -> None:
    for key in ("a", ""):
        assert api.get("campaigns/", Idempotency_Key=key).status == 200
    assert not IdempotentAnswer.objects.exists()


def test_signing_in_has_no_key(api: ApiClient) -> None:
    """Tokens are not stored, and never shown twice."""
    credentials = {"email": api.account["email"], "password": PASSWORD}
    signed_in = [api.post("auth/signin/", credentials, **KEY) for _ in range(2)]
    keys = [api.post("auth/keys/", {"name": "x", "scope": "read"}, **KEY) for _ in range(2)]
    assert [answer.status for answer in signed_in + keys] == [200, 200, 201, 201]
    assert signed_in[0].json["refresh"] != signed_in[1].json["refresh"]
    assert keys[0].json["key"] != keys[1].json["key"]
    assert api.post("auth/profile/", {}, Idempotency_Key="").status == 405
    assert not IdempotentAnswer.objects.exists()


def test_after_24_hours_a_key_is_free_again(api: ApiClient) -> None:
    first = api.post("campaigns/", payload("Loans"), **KEY)
    _let_pass(DAY - timedelta(minutes=1))
    assert api.post("campaigns/", payload("Cars"), **KEY).status == 422
    assert _told(api.post("campaigns/", payload("Loans"), **KEY)) == _told(first)
    _let_pass(timedelta(minutes=1))
    second = api.post("campaigns/", payload("Cars"), **KEY)
    assert (second.status, second.json["title"]) == (201, "Cars")
    assert _told(api.post("campaigns/", payload("Cars"), **KEY)) == _told(second)
    assert api.post("campaigns/", payload("Loans"), **KEY).status == 422


def test_a_key_that_is_free_again_stays_free_if_the_request_fails(api: ApiClient) -> None:
    api.post("campaigns/", payload("Loans"), **KEY)
    _let_pass(DAY)
    for _ in range(2):
        assert api.post("campaigns/", payload("Loans"), **KEY).status == 409


def test_a_command_removes_what_is_older_than_24_hours(api: ApiClient) -> None:
    for number in range(3):
        api.post("campaigns/", payload(f"Old {number}"), Idempotency_Key=f"old {number}")
    assert _purged() == "Removed 0 kept answers."
    _let_pass(DAY)
    first = api.post("campaigns/", payload("New"), **KEY)
    assert _purged() == "Removed 3 kept answers."
    assert _told(api.post("campaigns/", payload("New"), **KEY)) == _told(first)
    _let_pass(DAY)
    assert _purged() == "Removed 1 kept answer."
    assert api.get("campaigns/").json["count"] == 4


def test_neither_the_key_nor_the_request_is_stored_as_it_was_sent(api: ApiClient) -> None:
    api.delete(f"campaigns/{api.create('Loans')['id']}/", **KEY)
    stored = IdempotentAnswer.objects.get()
    assert KEY["Idempotency_Key"] not in repr(vars(stored))
    assert (stored.account_id, bytes(stored.body)) == (api.account_id, b"")


def _told(answer: Answer) -> tuple[Any, ...]:
    names = ("ETag", "Location", "Content-Type", "Cache-Control", "Vary")
    return answer.status, answer.content, *(answer.headers.get(name) for name in names)


def _everything(api: ApiClient) -> list[Any]:
    """Return all campaigns of an account, and what happened to them."""
    live = api.get("campaigns/").json["results"]
    histories = [api.get(f"campaigns/{row['id']}/history/").json["results"] for row in live]
    return [live, histories, api.get("campaigns/", {"deleted": "true"}).json["results"]]


def _stored(api: ApiClient) -> dict[str, int]:
    campaign = api.create("Loans", payouts=[payout(), payout("EE")])
    deleted = api.create("Gone")["id"]
    assert api.delete(f"campaigns/{deleted}/").status == 204
    return {
        "campaign": campaign["id"],
        "payout": campaign["payouts"][0]["id"],
        "running": api.create("Runs", is_running=True)["id"],
        "deleted": deleted,
    }


def _let_pass(time: timedelta) -> None:
    IdempotentAnswer.objects.update(created_at=F("created_at") - time)


def _purged() -> str:
    said = StringIO()
    call_command("purge_idempotency", stdout=said)
    return said.getvalue().strip()
