"""Forgotten passwords, through HTTP, and in the mail."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import composition, mailing
from accounts.commands import SetActive
from accounts.models import Account, ApiKey, Attempts
from accounts.resets import PasswordResetTokens
from core.models import Event
from tests.factories.accounts import AccountFactory
from tests.fixtures.api import PASSWORD, Answer, ApiClient
from tests.fixtures.logs import captured_logs

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another long password"
LINK = re.compile(r"http://127\.0\.0\.1:8000/reset/(?P<uid>[\w-]+)/(?P<token>[\w-]+)/")


def ask(client: ApiClient, email: str) -> Answer:
    answer = client.post("auth/password/reset/", {"email": email})
    mailing.mail_thread().wait()
    return answer


def mailed(client: ApiClient, email: str = "ada@example.com") -> dict[str, str]:
    """Ask for a link, and return what it says."""
    assert ask(client, email).status == 202
    found = LINK.search(str(mail.outbox[-1].body))
    assert found is not None
    return found.groupdict()


def reset(client: ApiClient, link: dict[str, str], password: str = NEW_PASSWORD) -> Answer:
    return client.post("auth/password/reset/confirm/", link | {"password": password})


def test_the_mailed_link_sets_the_password_once(api: ApiClient, anonymous: ApiClient) -> None:
    phone = api.signed_in()
    key = ApiClient(api.post("auth/keys/", {"name": "Export", "scope": "read"}).json["key"])
    link = mailed(anonymous)
    [message] = mail.outbox
    assert message.to == ["ada@example.com"]
    assert message.from_email == "ratecard@localhost"
    assert (message.cc, message.bcc, message.attachments) == ([], [], [])

    answer = reset(anonymous, link)

    assert (answer.status, answer.content) == (204, b"")
    assert [client.get("auth/profile/").status for client in (api, phone, key)] == [401, 401, 200]
    assert phone.post("auth/refresh/", {"refresh": phone.refresh_token}).code == "invalid_token"
    old = {"email": "ada@example.com", "password": PASSWORD}
    assert anonymous.post("auth/signin/", old).code == "invalid_credentials"
    assert api.signed_in(NEW_PASSWORD).get("auth/profile/").status == 200
    event = Event.objects.get(name="account.password_reset")
    assert (event.account_id, event.actor_id) == (api.account_id, api.account_id)
    assert (event.old, event.new) == (None, None)
    again = reset(anonymous, link, "yet another password")
    assert (again.status, again.code) == (400, "invalid_reset_token")


@pytest.mark.parametrize("path", ["auth/password/reset/", "auth/password/reset/confirm/"])
def test_answers_are_not_kept(anonymous: ApiClient, path: str) -> None:
    assert anonymous.post(path, {"email": "x", "uid": "x"}).headers["Cache-Control"] == "no-store"


def test_whoever_asks_is_told_the_same(api: ApiClient, anonymous: ApiClient) -> None:
    shut_out = ApiClient.signed_up("eve@example.com")
    composition.account_service().set_active(
        SetActive(account_id=shut_out.account_id, actor_id=shut_out.account_id, is_active=False)
    )
    AccountFactory.create(email="staff@example.com", is_staff=True, is_superuser=True)
    emails = [
        *("ada@example.com", "unknown@example.com", "eve@example.com", "staff@example.com"),
        *("no address at all", "", *["ada@example.com"] * 4),
    ]
    answers = [ask(anonymous, email) for email in emails if email]
    said = [
        (
            answer.status,
            answer.content,
            {
                name: value
                for name, value in answer.headers.items()
                if name not in {"X-Request-ID", "RateLimit"}
            },
        )
        for answer in answers
    ]
    assert said == [said[0]] * len(said)
    assert (said[0][0], said[0][1]) == (202, b"")
    assert sorted(address for message in mail.outbox for address in message.to) == [
        *["ada@example.com"] * 3,
        "staff@example.com",
    ]


def test_no_address_is_stored_where_mails_are_counted(anonymous: ApiClient) -> None:
    ask(anonymous, "unknown@example.com")
    [row] = Attempts.objects.values()
    assert "unknown" not in str(row)
    assert (row["count"], row["network"], len(row["subject"])) == (1, "", 64)


def test_every_bad_link_is_refused_in_the_same_words(api: ApiClient, anonymous: ApiClient) -> None:
    other = ApiClient.signed_up("bob@example.com")
    link = mailed(anonymous)
    theirs = mailed(anonymous, "bob@example.com")
    account = Account.objects.get(pk=api.account_id)
    late = PasswordResetTokens(lambda: timezone.now() - timedelta(hours=1, seconds=2))
    bad = [
        link | {"token": "forged"},
        link | {"token": ""} | {"token": "x"},
        link | {"token": link["token"].upper()},
        link | {"token": theirs["token"]},
        link | {"token": late.issue(account).token},
        link | {"token": "\u0661\u0661-" + "a" * 32},
        link | {"uid": theirs["uid"]},
        link | {"uid": "!"},
        link | {"uid": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
        link | {"uid": "\u00e4"},
        link | {"uid": "Nzg5MA"},
    ]
    answers = [reset(anonymous, one) for one in bad]
    composition.account_service().set_active(
        SetActive(account_id=other.account_id, actor_id=other.account_id, is_active=False)
    )
    answers.append(reset(anonymous, theirs))
    assert {answer.code for answer in answers} == {"invalid_reset_token"}
    assert [answer.comparable for answer in answers] == [answers[0].comparable] * len(answers)
    assert not Event.objects.filter(name="account.password_reset").exists()
    assert reset(anonymous, link).status == 204


def test_a_weak_password_is_refused_and_the_link_stays_good(
    api: ApiClient, anonymous: ApiClient
) -> None:
    link = mailed(anonymous)
    for password, code in [
        ("short", "min_length"),
        ("password123", "password_too_common"),
        ("ada@example.com", "password_too_similar"),
    ]:
        assert ("/password", code) in reset(anonymous, link, password).places
    assert reset(anonymous, link).status == 204


def test_signing_in_does_not_end_a_link_and_a_new_password_does(
    api: ApiClient, anonymous: ApiClient, client: Client
) -> None:
    Account.objects.update(is_staff=True)
    link = mailed(anonymous)
    credentials = {"username": "ada@example.com", "password": PASSWORD}
    assert client.post("/admin/login/", credentials).status_code == 302
    assert Account.objects.get().last_login is not None
    fresh = api.signed_in()
    changed = fresh.post(
        "auth/password/", {"current_password": PASSWORD, "new_password": "in between 77"}
    )
    first = reset(anonymous, link)
    assert (changed.status, first.code) == (204, "invalid_reset_token")
    link = mailed(anonymous)
    assert client.post("/admin/login/", credentials | {"password": "in between 77"}).status_code
    assert reset(anonymous, link).status == 204


def test_a_reset_ends_the_admins_sessions_too(api: ApiClient, client: Client) -> None:
    Account.objects.update(is_staff=True, is_superuser=True)
    client.post("/admin/login/", {"username": "ada@example.com", "password": PASSWORD})
    assert client.get("/admin/").status_code == 200
    assert reset(ApiClient(), mailed(ApiClient())).status == 204
    assert client.get("/admin/").status_code == 302
    assert ApiKey.objects.count() == 0


@pytest.mark.parametrize(
    ("page", "start"),
    [
        ("/reset/{uid}/{token}/", "https://ratecard.example/reset/"),
        ("https://app.example/new?u={uid}&t={token}", "https://app.example/new?u="),
    ],
)
def test_the_link_leads_where_the_settings_say(
    api: ApiClient, settings: Settings, page: str, start: str
) -> None:
    settings.PUBLIC_URL = "https://ratecard.example"
    settings.PASSWORD_RESET_URL = page
    client = Client()
    body = {"email": "ada@example.com"}
    headers = {"Host": "localhost", "X-Forwarded-Host": "evil.example"}
    path = "/api/v1/auth/password/reset/"
    assert client.post(path, body, "application/json", headers=headers).status_code == 202
    mailing.mail_thread().wait()
    [line] = [line for line in str(mail.outbox[0].body).splitlines() if "://" in line]
    assert line.startswith(start)
    assert "{" not in line
    assert "&amp;" not in line


def test_without_a_mail_server_the_answer_is_the_same_and_the_log_says_so_once(
    api: ApiClient, anonymous: ApiClient, settings: Settings
) -> None:
    with_one = ask(anonymous, "ada@example.com")
    settings.MAIL_IS_SET_UP = False
    mailing.say_that_there_is_none.cache_clear()
    with captured_logs() as logged:
        answers = [ask(anonymous, "ada@example.com") for _ in range(2)]
    assert [answer.status for answer in answers] == [with_one.status] * 2
    assert [line["level"] for line in logged.named("mail_is_not_set_up")] == ["warning"]
    assert len(mail.outbox) == 1


def test_a_mail_server_that_fails_costs_no_answer_and_is_logged_without_the_address(
    api: ApiClient, anonymous: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_message: object) -> None:
        raise OSError("550 no such mailbox: ada@example.com")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    with captured_logs() as logged:
        answer = ask(anonymous, "ada@example.com")
    assert answer.status == 202
    [line] = logged.named("mail_failed")
    assert (line["level"], line["error"]) == ("error", "OSError")
    assert "ada@" not in logged.text


def test_asking_is_limited_for_a_network(anonymous: ApiClient, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"reset": (2, 3600)}
    answers = [ask(anonymous, f"{number}@example.com") for number in range(3)]
    assert [answer.status for answer in answers] == [202, 202, 429]
    assert answers[2].code == "rate_limited"
