"""One line for each request and each domain event, and nothing in them that is private."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from core import facts
from tests.fixtures.api import PASSWORD, ApiClient, payload
from tests.fixtures.logs import captured_logs

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

CANARY = "canary7f3a"


def test_a_request_has_one_line(api: ApiClient) -> None:
    campaign_id = api.create()["id"]
    with captured_logs() as logged:
        answer = api.get(f"campaigns/{campaign_id}/rate/", {"country": "EE"})
    [line] = logged.lines
    assert isinstance(line.pop("duration_ms"), float)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "ratecard.requests",
        "method": "GET",
        "route": "/api/v1/campaigns/<int:campaign_id>/rate/",
        "status": 200,
        "account_id": api.account_id,
        "request_id": answer.headers["X-Request-ID"],
    }


def test_it_has_none_where_such_lines_are_not_wanted(api: ApiClient) -> None:
    requests = logging.getLogger("ratecard.requests")
    requests.setLevel(logging.WARNING)
    try:
        with captured_logs() as logged:
            api.get("campaigns/")
    finally:
        requests.setLevel(logging.NOTSET)
    assert not logged.lines


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/api/v1/campaigns/", "/api/v1/campaigns/", 401),
        (f"/{CANARY}", "-", 404),
        (f"/api/v1/{CANARY}/", "/api/", 404),
        (f"/api/v1/campaigns/?{CANARY}=%00", "-", 400),
        ("/problems/validation", "/problems/<slug:code>", 200),
    ],
)
def test_a_request_that_nobody_signed_has_one_too(
    anonymous: ApiClient, path: str, route: str, status: int
) -> None:
    with captured_logs() as logged:
        anonymous.get(path)
    [line] = logged.lines
    assert (line["route"], line["status"], line["method"]) == (route, status, "GET")
    assert "account_id" not in line
    assert CANARY not in logged.text


def test_an_event_has_one_line_that_shares_the_requests_id(api: ApiClient) -> None:
    with captured_logs() as logged:
        answer = api.post("campaigns/", payload())
    event, request = logged.lines
    assert event.pop("timestamp")
    assert event == {
        "event": "campaign.created",
        "level": "info",
        "logger": "ratecard.events",
        "account_id": api.account_id,
        "actor_id": api.account_id,
        "subject_type": "campaign",
        "subject_id": answer.json["id"],
        "request_id": answer.headers["X-Request-ID"],
    }
    assert request["request_id"] == event["request_id"]


def test_the_account_of_one_request_is_not_in_the_line_of_the_next(api: ApiClient) -> None:
    with captured_logs() as logged:
        api.get("auth/profile/")
        ApiClient().get("countries/")
    first, second = logged.lines
    assert first["account_id"] == api.account_id
    assert "account_id" not in second


def test_nothing_private_is_logged(db: None) -> None:
    """Put a word where each private thing is, and look for it."""
    email, password = f"{CANARY}@example.com", f"{CANARY} {PASSWORD}"
    with captured_logs() as logged:
        api = ApiClient.signed_up(email, password=password, display_name=CANARY)
        again = api.signed_in(password, User_Agent=CANARY)
        key = api.post("auth/keys/", {"name": CANARY, "scope": "write"}).json["key"]
        ApiClient(key).post("campaigns/", payload(CANARY))
        ApiClient(f"rck_{CANARY}").get("campaigns/")
        ApiClient(CANARY).get("campaigns/")
        path = f"campaigns/{api.create(f'{CANARY} 2')['id']}/"
        api.patch(path, {"title": f"{CANARY} 3", "landing_page_url": f"https://{CANARY}.com/"})
        api.post("campaigns/", payload(CANARY))
        api.post("campaigns/", f'{{"{CANARY}": ')
        api.post("campaigns/", {CANARY: CANARY})
        api.post("auth/signup/", {"email": email, "password": password})
        api.post("auth/signin/", {"email": email, "password": CANARY})
        api.post("auth/refresh/", {"refresh": CANARY})
        api.post("auth/refresh/", {"refresh": again.refresh_token})
        api.post("auth/refresh/", {"refresh": again.refresh_token})
        api.get("campaigns/", {"search": CANARY, CANARY: CANARY})
        api.get(f"campaigns/{CANARY}/", Host=CANARY, X_Request_ID=f"{CANARY}\t", Cookie=CANARY)
        change = {"current_password": password, "new_password": f"new {password}"}
        assert api.post("auth/password/", change).status == 204
        assert api.post("auth/signout/").status == 204
    assert len(logged.named("request")) == 20
    assert CANARY not in logged.text
    for secret in (api.token, api.refresh_token, again.token, key):
        assert secret not in logged.text
    assert email not in logged.text


def test_a_database_error_is_logged_without_the_values_that_it_quotes(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let a violation that no use case expects come through from the database itself."""
    monkeypatch.setattr("campaigns.repositories.violates", lambda *_args, **_options: False)
    api.create(CANARY)
    with captured_logs() as logged:
        answer = api.post("campaigns/", payload(CANARY))
    assert answer.code == "internal_error"
    assert "IntegrityError" in logged.named("unexpected_exception")[0]["exception"]
    assert CANARY not in logged.text
    assert CANARY not in answer.text


@pytest.mark.parametrize("sent", ["a", "0af7651916cd43dd8448eb211c80319c", "a.b_c:d-e", "x" * 128])
def test_a_well_formed_request_id_is_kept(anonymous: ApiClient, sent: str) -> None:
    with captured_logs() as logged:
        answer = anonymous.get("campaigns/", X_Request_ID=sent)
    assert answer.headers["X-Request-ID"] == answer.json["request_id"] == sent
    assert logged.lines[0]["request_id"] == sent


@pytest.mark.parametrize(
    "sent", ["", "x" * 129, "a b", "a\r\nb", "a\x1bb", '"', "<b>", "é", "\u0661", "a\n", "{}"]
)
def test_a_malformed_request_id_is_replaced(anonymous: ApiClient, sent: str) -> None:
    with captured_logs() as logged:
        answer = anonymous.get("campaigns/", X_Request_ID=sent)
    request_id = answer.headers["X-Request-ID"]
    assert len(request_id) == 32
    assert set(request_id) <= set("0123456789abcdef")
    assert logged.lines[0]["request_id"] == answer.json["request_id"] == request_id


def test_line_breaks_do_not_forge_lines(anonymous: ApiClient) -> None:
    with captured_logs() as logged:
        anonymous.get("/a%0d%0a%7b%22event%22:%22forged%22%7d", X_Request_ID="a\r\nforged")
    assert len(logged.text.splitlines()) == 1
    assert "forged" not in logged.text


def test_what_a_probe_logs_is_nothing_of_the_request_before(client: Client) -> None:
    """A change of readiness is logged by the thread that answers the probe."""
    client.get("/api/v1/countries/")
    assert facts.known()
    client.get("/livez")
    assert not facts.known()
