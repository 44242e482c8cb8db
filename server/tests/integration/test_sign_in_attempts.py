"""Guessing passwords, through HTTP: at the API's door, at the admin's, and with a session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from accounts.models import Account, Attempts
from tests.fixtures.api import PASSWORD, Answer, ApiClient

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

EMAIL, WRONG = "ada@example.com", "wrong"
HOME, AWAY = "203.0.113.7", "198.51.100.9"


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1


@pytest.fixture
def ada() -> ApiClient:
    """Sign Ada up at home."""
    answer = ApiClient().post(
        "auth/signup/", {"email": EMAIL, "password": PASSWORD}, X_Forwarded_For=HOME
    )
    assert answer.status == 201
    return ApiClient(answer.json["access"])


def sign_in(password: str = WRONG, *, email: str = EMAIL, network: str = AWAY) -> Answer:
    body = {"email": email, "password": password}
    return ApiClient().post("auth/signin/", body, X_Forwarded_For=network)


def enter(password: str = WRONG, *, email: str = EMAIL, network: str = AWAY) -> Any:
    """Send the admin's form."""
    body = {"username": email, "password": password}
    return Client().post("/admin/login/", body, headers={"X-Forwarded-For": network})


def waiting(answer: Answer) -> dict[str, Any]:
    """Return all that is said to who has to wait, without how long."""
    assert (answer.status, answer.code) == (429, "too_many_attempts")
    seconds = answer.headers["Retry-After"]
    status, headers, body = answer.comparable
    assert f" {int(seconds):,} seconds" in body["detail"]
    body["detail"] = body["detail"].replace(f" {int(seconds):,} ", " ")
    return {"status": status, **headers, **body, "Retry-After": ""}


def test_after_five_from_a_network_the_right_password_has_to_wait_too(ada: ApiClient) -> None:
    refused = {}
    for email in (EMAIL, "unknown@example.com", "no address at all"):
        assert [sign_in(email=email).code for _ in range(5)] == ["invalid_credentials"] * 5
        answer = sign_in(PASSWORD, email=email)
        assert 50 <= int(answer.headers["Retry-After"]) <= 60
        refused[email] = waiting(answer)
    assert refused[EMAIL] == refused["unknown@example.com"] == refused["no address at all"]
    assert waiting(sign_in(PASSWORD, email=" ADA@Example.com")) == refused[EMAIL]
    assert sign_in(PASSWORD, network=HOME).status == 200


def test_a_client_cannot_write_itself_another_network(ada: ApiClient) -> None:
    for number in range(5):
        sign_in(network=f"10.0.0.{number}, {AWAY}")
    assert sign_in(PASSWORD, network=f"{HOME}, {AWAY}").code == "too_many_attempts"


def test_one_ipv6_network_is_one(ada: ApiClient) -> None:
    for number in range(5):
        sign_in(network=f"2001:db8:1:2::{number}")
    assert sign_in(PASSWORD, network="2001:db8:1:2:ffff::1").code == "too_many_attempts"
    assert sign_in(PASSWORD, network="2001:db8:1:3::1").status == 200


def test_strangers_do_not_lock_the_owner_out(ada: ApiClient) -> None:
    for number in range(50):
        assert sign_in(network=f"192.0.2.{number}").code == "invalid_credentials"
    answer = sign_in(PASSWORD)
    assert 3500 <= int(answer.headers["Retry-After"]) <= 3600
    waiting(answer)
    assert sign_in(PASSWORD, network=HOME).status == 200
    assert ada.get("auth/profile/").status == 200


def test_the_admins_form_is_held_to_the_same_count(ada: ApiClient) -> None:
    Account.objects.update(is_staff=True, is_superuser=True)
    for number in range(5):
        refused = sign_in() if number % 2 else enter()
        assert getattr(refused, "status", 200) in {200, 401}
    page = enter(PASSWORD)
    assert (page.status_code, page["Content-Type"]) == (429, "text/html; charset=utf-8")
    assert 50 <= int(page["Retry-After"]) <= 60
    assert b"Try again in" in page.content
    assert b"Traceback" not in page.content
    assert sign_in(PASSWORD).code == "too_many_attempts"
    assert enter(PASSWORD, network=HOME).status_code == 302


def test_the_admins_form_refuses_all_in_the_same_words(ada: ApiClient) -> None:
    Account.objects.create_user("shut@example.com", PASSWORD, is_staff=True, is_active=False)
    attempts = [
        (EMAIL, PASSWORD),  # no staff
        (EMAIL, "wrong"),
        ("unknown@example.com", PASSWORD),
        ("shut@example.com", PASSWORD),
    ]
    pages = [enter(password, email=email) for email, password in attempts]
    assert {page.status_code for page in pages} == {200}
    errors = [page.context["form"].non_field_errors() for page in pages]
    assert errors == [errors[0]] * 4
    assert errors[0]


def test_a_wrong_current_password_counts(ada: ApiClient) -> None:
    def change(current: str) -> Answer:
        body = {"current_password": current, "new_password": "another long password"}
        return ada.post("auth/password/", body, X_Forwarded_For=AWAY)

    assert [change("wrong").places for _ in range(5)] == [
        [("/current_password", "wrong_password")]
    ] * 5
    waiting(change(PASSWORD))
    assert sign_in(PASSWORD).code == "too_many_attempts"
    assert sign_in(PASSWORD, network=HOME).status == 200


def test_sign_up_reads_the_same_wherever_it_is_closed(ada: ApiClient, settings: Settings) -> None:
    bodies = [{"email": email, "password": PASSWORD} for email in (EMAIL, "new@example.com")]
    assert ApiClient().post("auth/signup/", bodies[0]).code == "email_taken"
    settings.SIGNUP_OPEN = False
    answers = [ApiClient().post("auth/signup/", body) for body in bodies]
    assert answers[0].code == "signup_closed"
    assert answers[0].comparable == answers[1].comparable
    assert len({len(answer.content) for answer in answers}) == 1


def test_what_is_counted_names_nobody(ada: ApiClient) -> None:
    sign_in()
    sign_in(email="unknown@example.com")
    found: list[dict[str, Any]] = [{**row} for row in Attempts.objects.values()]
    subjects = [row.pop("subject") for row in found]
    assert [one for one in subjects if not re.fullmatch("[0-9a-f]{64}", one)] == []
    rows = str(found)
    assert "ada" not in rows
    assert "example" not in rows
    assert AWAY in rows
