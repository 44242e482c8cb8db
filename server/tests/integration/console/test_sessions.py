"""The session of a browser: it is one of the account's, and shows and ends among them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session as DjangoSession
from django.utils import timezone

from accounts.console.doors import RENEWED_EVERY
from accounts.models import Account, Session
from tests.fixtures.api import PASSWORD, ApiClient
from tests.fixtures.console import HTMX, ConsoleClient, console_client
from tests.integration.console.conftest import session_of

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def test_the_api_lists_and_ends_a_browsers_session(api: ApiClient, ada: ConsoleClient) -> None:
    rows = api.get("auth/sessions/").json["results"]
    [here] = [row for row in rows if row["device"] == "Mozilla/5.0"]
    assert here["id"] == str(session_of(ada).get().pk)
    assert not here["is_current"]
    assert ada.get("/profile/").status_code == 200
    assert api.delete(f"auth/sessions/{here['id']}/").status == 204
    assert ada.get("/profile/")["Location"] == "/sign-in/?next=%2Fprofile%2F"


def test_a_browser_lists_and_ends_a_session_of_the_api(api: ApiClient, ada: ConsoleClient) -> None:
    program = api.signed_in(User_Agent="acme-sync/2.1")
    page = ada.get("/profile/").content.decode()
    assert "acme-sync" in page
    assert page.count("This browser") == 1
    current = program.get("auth/sessions/").json["results"]
    [there] = [row["id"] for row in current if row["is_current"]]
    assert ada.send(f"/profile/sessions/{there}/end/").status_code == 302
    assert program.get("auth/profile/").status == 401
    assert api.get("auth/profile/").status == 200
    assert ada.send("/profile/sessions/end-others/").status_code == 302
    assert api.get("auth/profile/").status == 401
    assert ada.get("/profile/").status_code == 200


def test_a_browser_can_end_its_own_session(ada: ConsoleClient) -> None:
    here = session_of(ada).get().pk
    assert ada.send(f"/profile/sessions/{here}/end/").status_code == 302
    assert ada.get("/profile/").status_code == 302


def test_signing_out_of_the_admin_ends_the_browsers_session(
    api: ApiClient, ada: ConsoleClient
) -> None:
    Account.objects.filter(pk=api.account_id).update(is_staff=True)
    admin = {"username": "ada@example.com", "password": PASSWORD}
    assert ada.send("/admin/login/", admin).status_code == 302
    here = session_of(ada).get().pk
    assert ada.get("/profile/").status_code == 200
    assert ada.send("/admin/logout/").status_code == 200
    assert ada.get("/profile/").status_code == 302
    assert str(here) not in {row["id"] for row in api.get("auth/sessions/").json["results"]}


def test_after_signing_in_again_one_is_back_where_one_was(ada: ConsoleClient) -> None:
    session_of(ada).update(expires_at=timezone.now() - timedelta(seconds=1))
    asked = ada.get("/campaigns/?search=x")
    page = ada.get(asked["Location"])
    assert page.status_code == 200
    answer = ada.sign_in("ada@example.com", next="/campaigns/?search=x")
    assert answer["Location"] == "/campaigns/?search=x"
    assert ada.get(answer["Location"]).status_code == 200


def test_a_shut_out_account_is_out_at_once(api: ApiClient, ada: ConsoleClient) -> None:
    Account.objects.filter(pk=api.account_id).update(is_active=False)
    assert ada.get("/").status_code == 302
    assert ada.sign_in("ada@example.com").status_code == 400


@pytest.mark.parametrize("kept", ["", "nonsense", 7, None, ["x"], "0" * 32])
def test_what_cannot_be_read_is_no_session(ada: ConsoleClient, kept: object) -> None:
    session = ada.session
    session["console_session"] = kept
    session.save()
    assert ada.get("/profile/").status_code == 302
    assert ada.get("/sign-in/").status_code == 200
    assert ada.send("/profile/details/").status_code == 403
    assert ada.send("/sign-out/").status_code == 302
    assert ada.sign_in("ada@example.com").status_code == 302


def test_a_session_that_django_forgot_is_none(ada: ConsoleClient) -> None:
    DjangoSession.objects.all().delete()
    assert ada.get("/profile/").status_code == 302
    assert ada.sign_in("ada@example.com").status_code == 302


def test_a_session_of_django_that_is_not_ours_is_none(ada: ConsoleClient) -> None:
    for key in ("", "x", "../../etc/passwd", "\u00e4" * 10, "x" * 4000):
        ada.cookies["sessionid"] = key
        assert ada.get("/profile/").status_code == 302


def test_its_use_is_noted_once_an_hour_and_lets_it_last_on(ada: ConsoleClient) -> None:
    row = session_of(ada)
    assert "sessionid" not in ada.get("/profile/").cookies
    used = timezone.now() - RENEWED_EVERY
    row.update(last_refreshed_at=used, expires_at=timezone.now() + timedelta(days=1))
    answer = ada.get("/profile/")
    assert answer.cookies["sessionid"]["max-age"] == 7 * 24 * 60 * 60
    kept = row.get()
    assert kept.last_refreshed_at > used
    assert kept.expires_at - kept.last_refreshed_at == timedelta(days=7)
    before = kept.last_refreshed_at
    ada.get("/profile/")
    assert row.get().last_refreshed_at == before


def test_changing_the_password_ends_the_others_and_changes_the_key(
    api: ApiClient, ada: ConsoleClient
) -> None:
    other_browser, key = console_client("ada@example.com"), ada.cookies["sessionid"].value
    fields = {"current_password": PASSWORD, "new_password": "another long password"}
    assert ada.send("/profile/password/", fields).status_code == 302
    assert other_browser.get("/profile/").status_code == 302
    assert api.get("auth/profile/").status == 401
    assert ada.get("/profile/").status_code == 200
    assert ada.cookies["sessionid"].value != key
    assert ConsoleClient().sign_in("ada@example.com", "another long password").status_code == 302


@pytest.mark.parametrize(
    ("current", "there"),
    [
        ("http://testserver/campaigns/?search=x", "/sign-in/?next=%2Fcampaigns%2F%3Fsearch%3Dx"),
        ("http://evil.example//evil.example/", "/sign-in/"),
        ("http://[::1", "/sign-in/"),
        ("nonsense", "/sign-in/"),
        ("", "/sign-in/"),
    ],
)
def test_a_part_of_a_page_without_a_session_leads_the_whole_page_to_the_sign_in(
    db: None, current: str, there: str
) -> None:
    browser = ConsoleClient(headers={**HTMX, "HX-Current-URL": current})
    for answer in (browser.get("/campaigns/"), browser.send("/profile/details/")):
        assert answer["HX-Redirect"] == there
        assert answer.content == b""


def test_reading_and_writing_are_limited_by_account(
    ada: ConsoleClient, other: ApiClient, settings: Settings
) -> None:
    bob = console_client("bob@example.com")
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"read": (2, 3600), "write": (2, 3600)}
    assert [ada.get("/profile/").status_code for _ in range(3)] == [200, 200, 429]
    assert bob.get("/profile/").status_code == 200
    refused = ada.get("/profile/")
    assert "Too many requests" in refused.content.decode()
    assert "Try again in" in refused.content.decode()
    assert refused["RateLimit-Policy"] == '"read";q=2;w=3600'
    statuses = [ada.send("/profile/details/").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    # The API counts the same account.
    token = ApiClient().post("auth/signin/", {"email": "ada@example.com", "password": PASSWORD})
    assert ApiClient(token.json["access"]).get("campaigns/").status == 429


def test_who_has_no_session_is_limited_by_network(db: None, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"page": (2, 3600)}
    statuses = [ConsoleClient().get("/profile/").status_code for _ in range(3)]
    assert statuses == [302, 302, 429]


def test_sessions_that_ended_cannot_be_kept(ada: ConsoleClient) -> None:
    row = session_of(ada)
    row.update(ended_at=timezone.now(), last_refreshed_at=timezone.now() - RENEWED_EVERY)
    before = row.get().expires_at
    assert ada.get("/profile/").status_code == 302
    assert Session.objects.get(pk=row.get().pk).expires_at == before
