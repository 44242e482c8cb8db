"""Which pages of other origins may call the API from a browser, header by header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.fixtures.api import Answer, ApiClient

pytestmark = pytest.mark.django_db

ORIGIN = "https://app.example.com"


@pytest.fixture(autouse=True)
def one_origin(settings: Settings) -> None:
    """Allow one origin."""
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]


def test_an_answer_to_an_allowed_origin(api: ApiClient) -> None:
    for answer in (api.get("campaigns/", Origin=ORIGIN), api.get("nothing/", Origin=ORIGIN)):
        assert _cors(answer) == {
            "Access-Control-Allow-Origin": ORIGIN,
            "Access-Control-Expose-Headers": "ETag, Location, Retry-After, X-Request-ID",
        }
        assert "origin" in answer.headers["Vary"].lower()


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
    assert _cors(answer) == {
        "Access-Control-Allow-Origin": ORIGIN,
        "Access-Control-Expose-Headers": "ETag, Location, Retry-After, X-Request-ID",
        "Access-Control-Allow-Headers": (
            "accept, authorization, content-type, if-match, if-none-match, x-request-id"
        ),
        "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
        "Access-Control-Max-Age": "86400",
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
    assert not {"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} & set(
        _cors(refused)
    )


def test_no_other_origin_reads_what_is_outside_the_api(anonymous: ApiClient) -> None:
    for path in ("/", "/problems/", "/nowhere"):
        assert _cors(anonymous.get(path, Origin=ORIGIN)) == {}


def _cors(answer: Answer) -> dict[str, str]:
    headers = {name.title(): value for name, value in answer.headers.items()}
    return {name: value for name, value in headers.items() if name.startswith("Access-Control-")}
