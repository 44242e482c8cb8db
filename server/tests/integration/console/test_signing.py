"""Signing in, up and out, and a forgotten password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail

from accounts import mailing
from accounts.models import Account, Session
from tests.fixtures.api import PASSWORD, ApiClient
from tests.fixtures.console import ConsoleClient, console_client, fields_of
from tests.integration.console.conftest import session_of

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/ok\r\nLocation: https://evil.example/",
    "campaigns/",
    "/" + "x" * 3000,
    " //evil.example",
]


def test_who_signs_in_goes_to_where_they_wanted_to_be(api: ApiClient) -> None:
    browser = ConsoleClient()
    asked = browser.get("/campaigns/?search=x&page=2")
    assert asked["Location"] == "/sign-in/?next=%2Fcampaigns%2F%3Fsearch%3Dx%26page%3D2"
    fields = fields_of(browser.get(asked["Location"]).content.decode())
    assert fields["next"] == "/campaigns/?search=x&page=2"
    answer = browser.post("/sign-in/", fields | {"email": "Ada@Example.com", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/campaigns/?search=x&page=2")
    assert browser.get("/sign-in/?next=/bin/")["Location"] == "/bin/"


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_led_off_the_site(api: ApiClient, there: str) -> None:
    browser = ConsoleClient()
    page = browser.get("/sign-in/", {"next": there}).content.decode()
    assert fields_of(page)["next"] in {"/", there}
    location = browser.sign_in("ada@example.com", next=there)["Location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil.example" not in location.partition("%0D%0A")[0]


def test_every_refusal_to_sign_in_reads_the_same(api: ApiClient) -> None:
    Account.objects.create_user("shut@example.com", PASSWORD, is_active=False)
    pages = set()
    for email, password in (
        ("ada@example.com", "wrong password"),
        ("shut@example.com", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("no address", PASSWORD),
    ):
        refused = ConsoleClient().sign_in(email, password)
        assert refused.status_code == 400
        page = refused.content.decode()
        assert "The e-mail address or the password is wrong." in page
        assert password not in page
        token = fields_of(page)["csrfmiddlewaretoken"]
        pages.add(page.replace(email, "").replace(token, ""))
    assert len(pages) == 1


def test_who_has_to_wait_is_told_how_long_and_what_to_do(api: ApiClient) -> None:
    browser = ConsoleClient()
    statuses = [browser.sign_in("ada@example.com", "wrong").status_code for _ in range(5)]
    assert statuses == [400] * 5
    refused = browser.sign_in("ada@example.com")
    page = refused.content.decode()
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 60
    assert "Too many attempts" in page
    assert "Try again in " in page
    assert 'href="/forgotten/"' in page


def test_a_browser_gets_a_new_session_key_at_each_sign_in(api: ApiClient) -> None:
    browser = ConsoleClient()
    browser.cookies["sessionid"] = "chosen-by-somebody-else-000000000"
    browser.sign_in("ada@example.com")
    first, row = browser.cookies["sessionid"].value, session_of(browser)
    assert first != "chosen-by-somebody-else-000000000"
    session_id = row.get().pk
    browser.sign_in("ada@example.com")
    assert browser.cookies["sessionid"].value != first
    # The session that the browser had before is over: nobody could use it, and the list has one.
    assert Session.objects.get(pk=session_id).ended_at
    thief = ConsoleClient()
    thief.cookies["sessionid"] = first
    assert thief.get("/profile/").status_code == 302


def test_the_cookie_is_for_this_site_and_no_script(api: ApiClient) -> None:
    cookie = console_client("ada@example.com").cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["max-age"] == 7 * 24 * 60 * 60


def test_signing_out_ends_the_session_for_good(ada: ConsoleClient) -> None:
    row, key = session_of(ada), ada.cookies["sessionid"].value
    answer = ada.send("/sign-out/")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/")
    assert row.get().ended_at
    ada.cookies["sessionid"] = key
    assert ada.get("/profile/").status_code == 302
    assert ada.send("/sign-out/").status_code == 302


def test_who_signs_up_is_signed_in(db: None) -> None:
    browser = ConsoleClient()
    fields = {"email": "New@Example.com", "password": PASSWORD, "display_name": " New "}
    answer = browser.send("/sign-up/", {**fields, "time_zone": "Europe/Tallinn", "next": "/bin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/bin/")
    account = Account.objects.get(email="new@example.com")
    assert (account.display_name, account.time_zone) == ("New", "Europe/Tallinn")
    assert "New" in browser.get("/profile/").content.decode()


def test_a_time_zone_that_we_do_not_know_is_no_reason_to_refuse(db: None) -> None:
    fields = {"email": "new@example.com", "password": PASSWORD, "time_zone": "Mars/Olympus"}
    assert ConsoleClient().send("/sign-up/", fields).status_code == 302
    assert Account.objects.get(email="new@example.com").time_zone == "UTC"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"email": "ada@example.com"}, "email", "There is an account with this e-mail address."),
        ({"email": "no address"}, "email", "This is no e-mail address"),
        ({"email": "a\0b@example.com"}, "email", "Null characters are not allowed."),
        ({"email": ""}, "email", "This field is required."),
        ({"password": "short"}, "password", "at least 8 characters"),
        ({"password": "new@example.com"}, "password", "too similar"),
        ({"password": "x" * 10_000}, "password", "at most 256 characters"),
        ({"display_name": "x\u202ey"}, "display_name", "U+202E"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_the_rest_is_kept(
    api: ApiClient, fields: dict[str, str], field: str, words: str
) -> None:
    good = {"email": "new@example.com", "password": PASSWORD, "display_name": "Kept <name>"}
    refused = ConsoleClient().send("/sign-up/", {**good, **fields})
    page = refused.content.decode()
    assert refused.status_code == 400
    error = page.partition(f'id="signup-{field}_error"')[2].partition("</p>")[0]
    assert words in error
    if "display_name" not in fields:
        assert 'value="Kept &lt;name&gt;"' in page
    assert not Account.objects.filter(email="new@example.com").exists()


def test_where_sign_up_is_closed_people_are_told_so(db: None, settings: Settings) -> None:
    settings.SIGNUP_OPEN = False
    browser = ConsoleClient()
    assert "/sign-up/" not in browser.get("/sign-in/").content.decode()
    fields = {"email": "new@example.com", "password": PASSWORD}
    for answer in (browser.get("/sign-up/"), browser.send("/sign-up/", fields)):
        assert answer.status_code == 403
        assert "Sign-up is closed here. Ask the operator" in answer.content.decode()
    assert not Account.objects.exists()


def test_a_forgotten_password_is_answered_alike_for_every_address(api: ApiClient) -> None:
    pages = []
    for email in ("ada@example.com", "nobody@example.com", "no address", "x\u202ey@example.com"):
        answer = ConsoleClient().send("/forgotten/", {"email": email})
        pages.append((answer.status_code, answer["Location"], answer.content))
    assert set(pages) == {(302, "/forgotten/?sent", b"")}
    assert "is on its way" in ConsoleClient().get("/forgotten/?sent").content.decode()
    mailing.mail_thread().wait()
    assert [message.to for message in mail.outbox] == [["ada@example.com"]]


def test_without_a_mail_server_nobody_is_made_to_wait_for_a_mail(
    db: None, settings: Settings
) -> None:
    settings.MAIL_IS_SET_UP = False
    page = ConsoleClient().get("/forgotten/").content.decode()
    assert "This server cannot send mail." in page


@pytest.mark.parametrize(
    ("path", "limit", "fields"),
    [
        ("/sign-in/", "signin", {"email": "x@example.com", "password": "wrong"}),
        ("/sign-up/", "signup", {"email": "no address"}),
        ("/forgotten/", "reset", {"email": "x@example.com"}),
    ],
)
def test_the_ways_in_are_limited_by_network(
    db: None, settings: Settings, path: str, limit: str, fields: dict[str, Any]
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {limit: (2, 3600)}
    statuses = [ConsoleClient().send(path, fields).status_code for _ in range(3)]
    assert (429 in statuses[:2], statuses[2]) == (False, 429)
    assert ConsoleClient().get(path).status_code == 200
