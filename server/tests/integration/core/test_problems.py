"""Every kind of error under ``/api/`` is a problem as RFC 9457 has it, whoever notices it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import InterfaceError, OperationalError

from accounts.console import browser
from campaigns.models import Campaign
from campaigns.repositories import CampaignRepository
from core.problems import PROBLEMS
from tests.fixtures.api import Answer, ApiClient, payload
from tests.fixtures.logs import captured_logs

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


def _assert_problem(answer: Answer, status: int, code: str, *, instance: str) -> None:
    body = answer.json
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    expected = ["type", "title", "status", "code", "detail", "instance", "request_id"]
    assert [name for name in body if name != "errors"] == expected
    assert body["type"] == f"/problems/{code}"
    assert body["title"] == PROBLEMS[code].title
    assert (body["status"], body["code"], body["instance"]) == (status, code, instance)
    assert body["detail"]
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert ("errors" in body) == (code == "validation")
    assert not any(word in answer.text for word in ("Traceback", "<html", "<!doctype", "Error("))


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/", 404, "not_found"),
        ("GET", "/api/v1/", 404, "not_found"),
        ("POST", "/api/v2/campaigns/", 404, "not_found"),
        ("DELETE", "/api/v1/nothing/here", 404, "not_found"),
        ("GET", "/api/v1/campaigns/x/", 404, "not_found"),
        ("GET", "/api/v1/campaigns/4000000001/", 404, "not_found"),
        ("GET", f"/api/v1/campaigns/{'9' * 19}/", 404, "not_found"),
        ("GET", f"/api/v1/campaigns/{'9' * 5000}/", 404, "not_found"),
        ("GET", f"/api/v1/campaigns/1/payouts/{'9' * 5000}/", 404, "not_found"),
        ("GET", f"/api/v1/auth/keys/{'9' * 5000}/", 404, "not_found"),
        ("GET", "/api/v1/campaigns/%D9%A1/", 404, "not_found"),
        ("GET", "/api/v1/campaigns/%ED%A0%80/", 404, "not_found"),
        ("GET", "/api/v1/auth/sessions/nonsense/", 404, "not_found"),
        ("PATCH", "/api/v1/campaigns/", 405, "method_not_allowed"),
        ("GET", "/api/v1/auth/signup/", 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/campaigns/", 405, "method_not_allowed"),
        ("TRACE", "/api/v1/campaigns/", 405, "method_not_allowed"),
        ("BREW", "/api/v1/campaigns/", 405, "method_not_allowed"),
        ("GET", "/api/v1/campaigns/%00/", 400, "bad_request"),
        ("GET", "/api/v1/%00", 400, "bad_request"),
    ],
)
def test_addresses_and_methods(
    api: ApiClient, method: str, path: str, status: int, code: str
) -> None:
    answer = api.send(method, path, headers={"Accept": "text/html, */*;q=0.1"})
    assert answer.status == status
    _assert_problem(answer, status, code, instance=answer.json["instance"])


def test_a_missing_slash_is_pointed_out(api: ApiClient) -> None:
    for path in ("/api/v1/campaigns", "/api/v1/auth/profile", "/api/v1/campaigns/1/start"):
        answer = api.post(path, {})
        _assert_problem(answer, 404, "not_found", instance=path)
        assert answer.json["detail"] == f"There is no {path}; with a slash at its end there is."
    assert "slash" not in api.get("/api/v1/nothing").json["detail"]


def test_405_names_the_methods_that_there_are(api: ApiClient) -> None:
    assert _words(api.put("campaigns/", {}).headers["Allow"]) == {"GET", "HEAD", "POST"}
    assert _words(api.get("auth/signin/").headers["Allow"]) == {"POST"}
    assert _words(api.post("campaigns/1/", {}).headers["Allow"]) == {
        *("GET", "HEAD", "PUT", "PATCH", "DELETE"),
    }


def test_a_method_is_not_overridden(api: ApiClient) -> None:
    path = f"campaigns/{api.create()['id']}/"
    assert api.post(path, {}, X_HTTP_Method_Override="DELETE").status == 405
    assert api.get(path + "?_method=DELETE").status == 400
    assert Campaign.objects.get().deleted_at is None


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "text/csv"])
def test_406(api: ApiClient, accept: str) -> None:
    answer = api.get("campaigns/", Accept=accept)
    _assert_problem(answer, 406, "not_acceptable", instance="/api/v1/campaigns/")


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", "text/html, */*"])
def test_json_is_answered_to_who_takes_it(api: ApiClient, accept: str) -> None:
    answer = api.get("campaigns/", Accept=accept)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x"],
)
def test_415(api: ApiClient, media_type: str) -> None:
    answer = api.post("campaigns/", "title=x", Content_Type=media_type)
    _assert_problem(answer, 415, "unsupported_media_type", instance="/api/v1/campaigns/")


def test_413_by_the_length_that_is_announced(api: ApiClient) -> None:
    for length in (MIB + 1, 10**30):
        answer = api.post("campaigns/", "{}", Content_Length=str(length))
        _assert_problem(answer, 413, "body_too_large", instance="/api/v1/campaigns/")
        assert answer.headers["Connection"] == "close"
    largest = " " * (MIB - 2) + "{}"
    assert api.post("campaigns/", largest).code == "validation"
    assert api.post("campaigns/", " " + largest).code == "body_too_large"


@pytest.mark.parametrize(
    "body",
    [
        "{",
        '{"title": "x",}',
        "{'title': 'x'}",
        "{} {}",
        '{"title": "a\nb"}',
        '{"title": "a\x00b"}',
        b"\xff",
        b'{"title": "\xed\xa0\x80"}',
        "\ufeff{}",
        '{"title": "x"}'.encode("utf-16"),
        "[" * 33 + "]" * 33,
        '{"a":' * 33 + "1" + "}" * 33,
        "[" * 3_000,
        "[" * 500_000,
        '{"title": "a", "title": "b"}',
        '{"payouts": [{"amount": 1, "amount": 2}]}',
        '{"\\u0061": 1, "a": 2}',
        '{"\\ud800": 1, "\\ud800": 2}',
        "NaN",
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 9223372036854775808}',
        '{"a": -9223372036854775809}',
        '{"a": ' + "9" * 5_000 + "}",
        '{"a": 1e1000}',
        '{"a": 1e-99999}',
        '{"a": 1e99999999999999999999}',
        '{"a": 01}',
        '{"a": 1_000}',
        '{"a": \u0661}',
        '{"a": +1}',
        '{"a": .5}',
        '{"a": 0x10}',
    ],
    ids=lambda body: f"{len(body)}: {body[:24]!r}",
)
def test_malformed_json(api: ApiClient, body: str | bytes) -> None:
    answer = api.post("campaigns/", body)
    _assert_problem(answer, 400, "malformed_json", instance="/api/v1/campaigns/")


@pytest.mark.parametrize("body", ['{"a": "[[[[' + "[" * 99 + '"}', "[" * 32 + "]" * 32])
def test_what_only_looks_deep_is_read(api: ApiClient, body: str) -> None:
    assert api.post("campaigns/", body).code == "validation"


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "a b", "[", "testserver:x"]
)
def test_a_forged_host(api: ApiClient, host: str) -> None:
    answer = api.get("campaigns/", Host=host)
    _assert_problem(answer, 400, "bad_request", instance="/api/v1/campaigns/")
    assert host not in answer.text


def test_nul_in_a_query(api: ApiClient) -> None:
    answer = api.get("campaigns/?search=a%00b")
    _assert_problem(answer, 400, "bad_request", instance="/api/v1/campaigns/")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("campaigns/", payload("\ud800")),
        ("campaigns/", payload() | {"\ud800": 1}),
        ("campaigns/", payload(landing_page_url="https://example.com/\ud800")),
        (
            "campaigns/",
            payload(payouts=[{"country": "\ud800", "amount": "\ud800", "currency": ""}]),
        ),
        ("campaigns/bulk/", {"action": "\udfff", "ids": [1]}),
        ("campaigns/bulk/", {"action": "start", "ids": ["\ud800"]}),
        ("auth/signup/", {"email": "\ud800@example.com", "password": "long enough \ud800"}),
        ("auth/signup/", {"email": "a@example.com", "password": "long enough \ud800"}),
        ("auth/keys/", {"name": "\ud800", "scope": "\ud800"}),
        ("auth/password/", {"current_password": "\ud800", "new_password": "long enough \ud800"}),
    ],
)
def test_lone_surrogates_are_wrong_values(api: ApiClient, path: str, body: Any) -> None:
    answer = api.post(path, body)
    _assert_problem(answer, 400, "validation", instance=f"/api/v1/{path}")


def test_signing_in_with_a_lone_surrogate(anonymous: ApiClient) -> None:
    body = {"email": "\ud800@example.com", "password": "x"}
    assert anonymous.post("auth/signin/", body).status in {400, 401}
    body = {"email": "a\x00b@example.com", "password": "a\x00b"}
    assert anonymous.post("auth/signin/", body).status in {400, 401}


def test_an_unexpected_exception_is_logged_and_kept_to_ourselves(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CampaignRepository, "get", _raising(RuntimeError("secret detail")))
    with captured_logs() as logged:
        answer = api.get("campaigns/1/")
    _assert_problem(answer, 500, "internal_error", instance="/api/v1/campaigns/1/")
    assert "secret detail" not in answer.text
    [line] = logged.named("unexpected_exception")
    assert (line["level"], line["request_id"]) == ("error", answer.json["request_id"])
    assert "Traceback" in line["exception"]
    assert "RuntimeError: secret detail" in line["exception"]
    assert logged.named("request")[0]["status"] == 500


@pytest.mark.parametrize("error", [OperationalError("secret host"), InterfaceError("secret host")])
def test_a_database_that_is_away_is_503(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(CampaignRepository, "get", _raising(error))
    with captured_logs() as logged:
        answer = api.get("campaigns/1/")
    _assert_problem(answer, 503, "unavailable", instance="/api/v1/campaigns/1/")
    assert int(answer.headers["Retry-After"]) > 0
    assert "secret" not in answer.text
    assert [line["level"] for line in logged.named("database_unavailable")] == ["warning"]


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
    ],
)
def test_outside_the_api_errors_answer_what_is_accepted(
    anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch, accept: str, media_type: str
) -> None:
    not_found = anonymous.get("/nowhere", Accept=accept)
    forged = anonymous.get("/", Accept=accept, Host="evil.example")
    nul = anonymous.get("/%00", Accept=accept)
    monkeypatch.setattr(browser, "visitor", _raising(OperationalError("secret")))
    away = anonymous.get("/", Accept=accept)
    monkeypatch.setattr(browser, "visitor", _raising(RuntimeError("secret")))
    with captured_logs() as logged:
        broken = anonymous.get("/", Accept=accept)
    answers = [not_found, forged, nul, away, broken]
    assert [answer.status for answer in answers] == [404, 400, 400, 503, 500]
    assert {answer.headers["Content-Type"] for answer in answers} == {media_type}
    assert not [answer for answer in answers if "secret" in answer.text or "evil" in answer.text]
    assert "RuntimeError: secret" in logged.named("unexpected_exception")[0]["exception"]


@pytest.mark.parametrize("code", PROBLEMS)
def test_each_code_has_a_page_that_explains_it(anonymous: ApiClient, code: str) -> None:
    page = anonymous.get(f"/problems/{code}", Accept="text/html")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert PROBLEMS[code].title in page.text
    assert f"<code>{code}</code>" in page.text
    assert str(PROBLEMS[code].status) in page.text
    assert f'href="/problems/{code}"' in anonymous.get("/problems/").text


def test_an_unknown_code_has_no_page(anonymous: ApiClient) -> None:
    assert anonymous.get("/problems/nonsense").status == 404
    assert anonymous.post("/problems/").status == 405


def _words(header: str) -> set[str]:
    return {word.strip() for word in header.split(",")}


def _raising(error: Exception) -> Callable[..., Any]:
    def method(*_args: Any, **_options: Any) -> Any:
        raise error

    return method


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("POST", "campaigns/", "close"),  # nobody is signed in, and the body is not looked at
        ("POST", "nothing/", "close"),
        ("POST", "auth/signin/", None),
        ("GET", "campaigns/", None),
    ],
)
def test_a_connection_that_a_refusal_closes_is_said_to_be(
    anonymous: ApiClient, method: str, path: str, said: str | None
) -> None:
    """The server program closes one whose body was not read; the next request would be lost."""
    answer = anonymous.send(method, path, {} if method == "POST" else None)
    assert answer.status in {400, 401, 404}
    assert answer.headers.get("Connection") == said
