"""Which pages of other origins may call the API from a browser, header by header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from campaigns.repositories import CampaignRepository

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.fixtures.api import Answer, ApiClient

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.example.com"
ALLOWED = {
    "Access-Control-Allow-Origin": ORIGIN,
    "Access-Control-Expose-Headers": (
        "ETag, Idempotency-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, "
        "X-Request-ID"
    ),
}
MEBIBYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def one_origin(settings: Settings) -> None:
    """Allow one origin."""
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]


def test_an_answer_to_an_allowed_origin(api: ApiClient) -> None:
    answer = api.get("campaigns/", Origin=ORIGIN)
    assert (answer.status, _cors(answer)) == (200, ALLOWED)
    assert "origin" in _vary(answer)


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (400, "GET", "campaigns/?x=%00", {}),
        (400, "GET", "campaigns/", {"headers": {"Host": "evil.example"}}),
        (400, "POST", "auth/signin/", {"body": "{"}),
        (401, "GET", "campaigns/", {}),
        (404, "GET", "nothing/", {}),
        (405, "GET", "auth/signin/", {}),
        (413, "POST", "auth/signin/", {"body": " " * (MEBIBYTE + 1)}),
        (415, "POST", "auth/signin/", {"body": "x", "headers": {"Content-Type": "text/plain"}}),
    ],
)
def test_a_page_of_an_allowed_origin_can_read_what_is_wrong(
    anonymous: ApiClient, status: int, method: str, path: str, options: dict[str, Any]
) -> None:
    headers = {"Origin": ORIGIN} | options.get("headers", {})
    answer = anonymous.send(method, path, options.get("body"), headers=headers)
    assert (answer.status, _cors(answer)) == (status, ALLOWED)
    assert "origin" in _vary(answer)


def test_it_can_read_that_a_limit_is_reached(anonymous: ApiClient, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"signin": (1, 60), "page": (1, 60)}
    for path in ("auth/signin/", "nothing/"):
        answers = [anonymous.post(path, {}, Origin=ORIGIN) for _ in range(2)]
        assert answers[1].status == 429
        assert _cors(answers[1]) == ALLOWED
        assert set(ALLOWED["Access-Control-Expose-Headers"].split(", ")) >= {
            name
            for name in ("RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")
            if name in answers[1].headers
        }
        assert "Retry-After" in answers[1].headers


def test_it_can_read_that_something_broke(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_options: Any) -> Any:
        raise RuntimeError("A test's own.")

    monkeypatch.setattr(CampaignRepository, "get", broken)
    answer = api.get("campaigns/1/", Origin=ORIGIN)
    assert (answer.status, _cors(answer)) == (500, ALLOWED)


def test_a_preflight_of_an_allowed_origin(anonymous: ApiClient) -> None:
    answer = anonymous.send(
        "OPTIONS",
        "campaigns/1/",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization,if-match",
        },
    )
    assert (answer.status, answer.content) == (200, b"")
    assert _cors(answer) == ALLOWED | {
        "Access-Control-Allow-Headers": (
            "accept, authorization, content-type, idempotency-key, if-match, if-none-match, "
            "x-request-id"
        ),
        "Access-Control-Allow-Methods": "DELETE, GET, HEAD, PATCH, POST, PUT",
        "Access-Control-Max-Age": "7200",
    }


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://APP.example.com.evil",
        "null",
        "nonsense",
    ],
)
def test_another_origin_is_told_nothing(api: ApiClient, origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    assert _cors(api.get("campaigns/", Origin=origin)) == {}
    refused = api.send("OPTIONS", "campaigns/", headers=preflight)
    assert _cors(refused) == {}
    assert "origin" in _vary(refused)


def test_no_other_origin_reads_what_is_outside_the_api(anonymous: ApiClient) -> None:
    for path in ("/", "/problems/", "/nowhere", "/admin/login/", "/static/favicon.svg"):
        assert _cors(anonymous.get(path, Origin=ORIGIN)) == {}


def _vary(answer: Answer) -> set[str]:
    return {name.strip().lower() for name in answer.headers["Vary"].split(",")}


def _cors(answer: Answer) -> dict[str, str]:
    headers = {name.title(): value for name, value in answer.headers.items()}
    return {name: value for name, value in headers.items() if name.startswith("Access-Control-")}
