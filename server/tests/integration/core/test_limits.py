"""How often one client may ask, through the public door."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from tests.fixtures.api import PASSWORD, ApiClient, payload

pytestmark = pytest.mark.django_db

NAMES = ("read", "write", "heavy", "signin", "signup", "refresh", "page")


def limits(**named: tuple[int, int]) -> Any:
    return override_settings(RATE_LIMITS=dict.fromkeys(NAMES, (1000, 60)) | named)


def test_an_answer_says_what_its_limit_is_and_what_is_left(api: ApiClient) -> None:
    with limits(read=(3, 60)):
        answers = [api.get("campaigns/") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    for left, answer in zip((2, 1, 0, 0), answers, strict=True):
        assert answer.headers["RateLimit-Policy"] == '"read";q=3;w=60'
        assert answer.headers["RateLimit"].startswith(f'"read";r={left};t=')
    refused = answers[-1]
    assert refused.code == "rate_limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 120
    assert "3 requests in 60 seconds" in refused.json["detail"]
    assert refused.headers["Cache-Control"] == "no-store"


def test_a_long_wait_is_told_as_people_say_it(api: ApiClient) -> None:
    with limits(heavy=(1, 86_400)):
        bulk = {"action": "stop", "ids": [1]}
        _, refused = (api.post("campaigns/bulk/", bulk) for _ in range(2))
    seconds = int(refused.headers["Retry-After"])
    # One a day, and it counts until the day after is over.
    assert 86_400 <= seconds <= 2 * 86_400
    hours = -(-seconds // 3_600)
    assert refused.json["detail"] == (
        f"The limit for this (heavy) is 1 request in 24 hours. Try again in about {hours} hours. "
        "Earlier requests count in part until the next such span is over."
    )


def test_accounts_and_kinds_of_requests_are_counted_apart(api: ApiClient, other: ApiClient) -> None:
    with limits(read=(1, 60), write=(1, 60), heavy=(1, 60)):
        assert [api.get("campaigns/").status for _ in range(2)] == [200, 429]
        assert other.get("campaigns/").status == 200
        assert [api.post("campaigns/", payload(title)).status for title in "AB"] == [201, 429]
        bulk = {"action": "stop", "ids": [1]}
        assert [api.post("campaigns/bulk/", bulk).status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/campaigns/", {}),
        ("/api/v1/campaigns/", {"Authorization": "Bearer wrong"}),
        ("/api/v1/campaigns/", {"X-HTTP-Method-Override": "PUT"}),
        ("/api/v1/countries/", {}),
        ("/api/v1/countries/", {"Accept": "text/csv"}),
        ("/api/v1/schema/", {}),
        ("/api/v1/nothing/", {}),
        ("/nothing", {}),
        ("/problems/", {}),
        ("/admin/", {}),
    ],
    ids=str,
)
def test_who_is_not_signed_in_is_counted_by_network_whatever_is_asked(
    path: str, headers: dict[str, str]
) -> None:
    with limits(read=(2, 60), page=(2, 60)):
        statuses = [
            Client().get(path, headers=headers).status_code,
            Client().head(path, headers=headers).status_code,
            Client().get(path, headers=headers).status_code,
        ]
    assert 429 not in statuses[:2]
    assert statuses[2] == 429


@override_settings(TRUSTED_PROXIES=1)
def test_a_network_is_what_the_proxy_says_not_what_the_client_writes() -> None:
    def status(forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return Client().get("/api/v1/countries/", headers=headers).status_code

    with limits(read=(2, 60)):
        assert [status(f"10.0.0.{n}, 203.0.113.9") for n in range(3)] == [200, 200, 429]
        assert status("203.0.113.9, 203.0.113.10") == 200
        # One customer's IPv6 addresses are one network.
        assert [status(f"2001:db8::{n:x}") for n in range(3)] == [200, 200, 429]
        assert status("2001:db8:0:1::1") == 200


def test_passwords_are_tried_at_their_own_pace(anonymous: ApiClient) -> None:
    body = {"email": "nobody@example.com", "password": PASSWORD}
    with limits(signin=(2, 60)):
        assert [anonymous.post("auth/signin/", body).status for _ in range(3)] == [401, 401, 429]
        login = {"username": "nobody@example.com", "password": PASSWORD}
        assert Client().post("/admin/login/", login).status_code == 429
        assert Client().get("/admin/login/").status_code == 200


def test_a_page_that_is_refused_is_a_page() -> None:
    with limits(page=(1, 60)):
        Client().get("/problems/")
        refused = Client().get("/problems/", headers={"Accept": "text/html"})
    assert refused.status_code == 429
    assert refused["Content-Type"].startswith("text/html")
    assert "Too many requests" in refused.content.decode()
    assert refused["Retry-After"]
