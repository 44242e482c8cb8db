"""Accounts, sessions and keys from sign-up to sign-out, through HTTP and in the database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt
import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from accounts import composition
from accounts.commands import SetActive
from accounts.models import Account, ApiKey, RotatedToken, Session
from core.models import Event
from tests.fixtures.api import PASSWORD, ApiClient, payload

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another long password"


def test_sign_up_answers_the_account_and_its_tokens(anonymous: ApiClient) -> None:
    answer = anonymous.post(
        "auth/signup/",
        {
            "email": " Ada@Example.COM ",
            "password": PASSWORD,
            "display_name": " Ada Lovelace ",
            "time_zone": "Europe/Tallinn",
            "default_currency": "SEK",
        },
        User_Agent="Console/1.0",
    )
    account, session = Account.objects.get(), Session.objects.get()
    assert answer.status == 201
    assert set(answer.json) == {"account", "access", "refresh"}
    assert answer.json["account"] == {
        "id": account.pk,
        "email": "ada@example.com",
        "display_name": "Ada Lovelace",
        "time_zone": "Europe/Tallinn",
        "default_currency": "SEK",
        "created_at": _text(account.created_at),
    }
    assert account.check_password(PASSWORD)
    assert (account.is_active, account.is_staff, account.is_superuser) == (True, False, False)
    assert (session.account, session.device, session.ended_at) == (account, "Console/1.0", None)
    assert session.expires_at - session.created_at == timedelta(days=7)
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == [
        "account.signed_up",
        "session.started",
    ]


def test_what_sign_up_leaves_out_has_defaults(anonymous: ApiClient) -> None:
    answer = anonymous.post("auth/signup/", {"email": "ada@example.com", "password": PASSWORD})
    account = answer.json["account"]
    assert (account["display_name"], account["time_zone"], account["default_currency"]) == (
        "",
        "UTC",
        "EUR",
    )


def test_sign_up_names_each_wrong_value(anonymous: ApiClient) -> None:
    body = {
        "email": "nobody",
        "display_name": "a\u202eb",
        "time_zone": "Mars/Olympus",
        "default_currency": "XAU",
        "is_staff": True,
    }
    answer = anonymous.post("auth/signup/", body)
    assert (answer.status, answer.code) == (400, "validation")
    assert sorted(answer.places) == [
        ("/default_currency", "unknown_currency"),
        ("/display_name", "invisible_character"),
        ("/email", "invalid"),
        ("/is_staff", "unknown_field"),
        ("/password", "required"),
        ("/time_zone", "unknown_time_zone"),
    ]
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "min_length"),
        ("password123", "password_too_common"),
        ("83651947201", "password_entirely_numeric"),
        ("ada.lovelace1", "password_too_similar"),
        ("x" * 257, "max_length"),
        ("nul\x00 in the middle", "null_characters_not_allowed"),
    ],
)
def test_a_weak_password_is_refused(anonymous: ApiClient, password: str, code: str) -> None:
    answer = anonymous.post(
        "auth/signup/", {"email": "ada.lovelace1@example.com", "password": password}
    )
    assert answer.status == 400
    assert ("/password", code) in answer.places
    assert not Account.objects.exists()


def test_sign_up_can_be_closed(anonymous: ApiClient, settings: Settings) -> None:
    settings.SIGNUP_OPEN = False
    answer = anonymous.post("auth/signup/", {"email": "ada@example.com", "password": PASSWORD})
    assert (answer.status, answer.code) == (403, "signup_closed")
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada@example.com", "ADA@Example.COM"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "Ada@BÜCHER.example"),
    ],
)
def test_an_address_is_taken_however_it_is_written(
    anonymous: ApiClient, first: str, second: str
) -> None:
    ApiClient.signed_up(first)
    answer = anonymous.post("auth/signup/", {"email": second, "password": PASSWORD})
    assert (answer.status, answer.code) == (409, "email_taken")
    assert Account.objects.count() == Session.objects.count() == 1
    assert anonymous.post("auth/signin/", {"email": second, "password": PASSWORD}).status == 200


def test_sign_in_refuses_everybody_in_the_same_words(api: ApiClient, anonymous: ApiClient) -> None:
    shut_out = ApiClient.signed_up("eve@example.com")
    _set_active(shut_out, is_active=False)
    attempts = [
        {"email": "unknown@example.com", "password": PASSWORD},
        {"email": "no address at all", "password": PASSWORD},
        {"email": "ada@example.com", "password": "wrong password"},
        {"email": "eve@example.com", "password": PASSWORD},
    ]
    answers = [anonymous.post("auth/signin/", attempt) for attempt in attempts]
    assert (answers[0].status, answers[0].code) == (401, "invalid_credentials")
    assert all(answer.comparable == answers[0].comparable for answer in answers)


def test_the_profile_is_read_and_changed(api: ApiClient) -> None:
    read = api.get("auth/profile/")
    assert read.json == api.account
    unchanged = api.patch("auth/profile/", read.json)
    assert (unchanged.status, unchanged.json) == (200, read.json)
    assert not Event.objects.filter(name="account.profile_changed").exists()

    new = {"display_name": "Ada L.", "time_zone": "Asia/Tokyo", "default_currency": "JPY"}
    changed = api.patch("auth/profile/", new | {"email": "ignored@example.com"})
    assert changed.json == read.json | new
    assert api.get("auth/profile/").json == changed.json
    event = Event.objects.get(name="account.profile_changed")
    assert (event.old, event.new) == ({name: read.json[name] for name in new}, new)
    assert (event.account_id, event.actor_id) == (api.account_id, api.account_id)

    assert api.patch("auth/profile/", {"is_superuser": True}).places == [
        ("/is_superuser", "unknown_field")
    ]
    assert api.patch("auth/profile/", {"time_zone": ""}).status == 400


def test_sessions_are_listed_read_and_ended(api: ApiClient) -> None:
    phone = api.signed_in(User_Agent="Phone\t\x07/2")
    listed = api.get("auth/sessions/").json
    assert (listed["count"], [row["is_current"] for row in listed["results"]]) == (2, [False, True])
    row = listed["results"][0]
    session = Session.objects.get(pk=row["id"])
    assert row == {
        "id": str(session.pk),
        "device": "Phone/2",
        "created_at": _text(session.created_at),
        "last_refreshed_at": _text(session.last_refreshed_at),
        "expires_at": _text(session.expires_at),
        "is_current": False,
    }
    assert api.get(f"auth/sessions/{row['id']}/").json == row

    assert api.delete(f"auth/sessions/{row['id']}/").status == 204
    assert phone.get("auth/profile/").code == "invalid_token"
    assert phone.post("auth/refresh/", {"refresh": phone.refresh_token}).code == "invalid_token"
    assert api.get(f"auth/sessions/{row['id']}/").status == 404
    assert api.delete(f"auth/sessions/{row['id']}/").status == 404
    assert api.get("auth/sessions/").json["count"] == 1

    others = [api.signed_in(), api.signed_in()]
    assert api.delete("auth/sessions/").status == 204
    assert [client.get("auth/profile/").status for client in [api, *others]] == [200, 401, 401]
    assert api.delete("auth/sessions/").status == 204
    names = Event.objects.filter(name="session.others_ended").values_list("new", flat=True)
    assert list(names) == [{"ended": 2}]


def test_refreshing_rotates_the_tokens(api: ApiClient, anonymous: ApiClient) -> None:
    before = Session.objects.get()
    first = anonymous.post("auth/refresh/", {"refresh": api.refresh_token})
    assert (first.status, set(first.json)) == (200, {"access", "refresh"})
    assert first.json["refresh"] != api.refresh_token
    after = Session.objects.get()
    assert after.pk == before.pk
    assert after.token_digest != before.token_digest
    assert after.last_refreshed_at != before.last_refreshed_at
    assert after.expires_at - after.last_refreshed_at == timedelta(days=7)
    assert ApiClient(first.json["access"]).get("auth/profile/").status == 200
    second = anonymous.post("auth/refresh/", {"refresh": first.json["refresh"]})
    assert second.status == 200


def test_a_token_spent_a_moment_ago_is_refused_and_harms_nothing(
    api: ApiClient, anonymous: ApiClient
) -> None:
    fresh = anonymous.post("auth/refresh/", {"refresh": api.refresh_token}).json
    _age_rotations(seconds=9)
    spent = anonymous.post("auth/refresh/", {"refresh": api.refresh_token})
    assert (spent.status, spent.code) == (401, "token_spent")
    assert ApiClient(fresh["access"]).get("auth/profile/").status == 200
    assert anonymous.post("auth/refresh/", {"refresh": fresh["refresh"]}).status == 200


@pytest.mark.parametrize("rotations", [1, 2])
def test_a_token_replayed_later_ends_the_session(
    api: ApiClient, anonymous: ApiClient, rotations: int
) -> None:
    stolen, token = api.refresh_token, api.refresh_token
    bystander = api.signed_in()
    for _ in range(rotations):
        fresh = anonymous.post("auth/refresh/", {"refresh": token}).json
        token = fresh["refresh"]
        _age_rotations(seconds=11)
    replayed = anonymous.post("auth/refresh/", {"refresh": stolen})
    assert (replayed.status, replayed.code) == (401, "token_reused")
    assert ApiClient(fresh["access"]).get("auth/profile/").code == "invalid_token"
    assert anonymous.post("auth/refresh/", {"refresh": token}).code == "invalid_token"
    assert anonymous.post("auth/refresh/", {"refresh": stolen}).code == "invalid_token"
    assert bystander.get("auth/profile/").status == 200
    event = Event.objects.get(name="session.token_reused")
    assert (event.account_id, event.actor_id) == (api.account_id, None)


def test_an_expired_session_is_not_refreshed(api: ApiClient, anonymous: ApiClient) -> None:
    Session.objects.update(expires_at=timezone.now())
    answer = anonymous.post("auth/refresh/", {"refresh": api.refresh_token})
    assert (answer.status, answer.code) == (401, "invalid_token")
    assert not RotatedToken.objects.exists()


def test_changing_the_password_ends_the_other_sessions(api: ApiClient) -> None:
    elsewhere = api.signed_in()
    key = api.post("auth/keys/", {"name": "Reports", "scope": "read"}).json["key"]
    change = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    wrong = api.post("auth/password/", change | {"current_password": "wrong password"})
    assert wrong.places == [("/current_password", "wrong_password")]
    weak = api.post("auth/password/", change | {"new_password": "password123"})
    assert weak.places == [("/new_password", "password_too_common")]
    assert elsewhere.get("auth/profile/").status == 200

    assert api.post("auth/password/", change).status == 204
    assert api.get("auth/profile/").status == 200
    assert api.post("auth/refresh/", {"refresh": api.refresh_token}).status == 200
    assert elsewhere.get("auth/profile/").code == "invalid_token"
    refused = elsewhere.post("auth/refresh/", {"refresh": elsewhere.refresh_token})
    assert refused.code == "invalid_token"
    assert ApiClient(key).get("auth/profile/").status == 200
    old = {"email": "ada@example.com", "password": PASSWORD}
    assert ApiClient().post("auth/signin/", old).code == "invalid_credentials"
    assert api.signed_in(NEW_PASSWORD).get("auth/profile/").status == 200
    event = Event.objects.get(name="account.password_changed")
    assert (event.old, event.new) == (None, None)


def test_signing_out_ends_this_session(api: ApiClient) -> None:
    elsewhere = api.signed_in()
    assert api.post("auth/signout/").status == 204
    assert api.get("auth/profile/").code == "invalid_token"
    assert api.post("auth/signout/").code == "invalid_token"
    refused = ApiClient().post("auth/refresh/", {"refresh": api.refresh_token})
    assert refused.code == "invalid_token"
    assert elsewhere.get("auth/profile/").status == 200
    assert Session.objects.filter(ended_at=None).count() == 1


def test_a_key_is_made_shown_once_listed_and_revoked(api: ApiClient) -> None:
    made = api.post("auth/keys/", {"name": " Importer ", "scope": "write"})
    key = ApiKey.objects.get()
    shown = {
        "id": key.pk,
        "name": "Importer",
        "scope": "write",
        "hint": key.hint,
        "created_at": _text(key.created_at),
        "last_used_at": None,
    }
    assert (made.status, made.json) == (201, shown | {"key": made.json["key"]})
    assert made.json["key"].startswith(key.hint)
    assert api.get("auth/keys/").json["results"] == [shown]
    assert api.get(f"auth/keys/{key.pk}/").json == shown

    program = ApiClient(made.json["key"])
    assert program.post("campaigns/", payload()).status == 201
    used = api.get(f"auth/keys/{key.pk}/").json["last_used_at"]
    key.refresh_from_db()
    assert key.last_used_at is not None
    assert used == _text(key.last_used_at)

    assert api.delete(f"auth/keys/{key.pk}/").status == 204
    assert program.get("campaigns/").code == "invalid_token"
    assert api.get("auth/keys/").json["results"] == []
    assert api.get(f"auth/keys/{key.pk}/").status == 404
    assert api.delete(f"auth/keys/{key.pk}/").status == 404
    key.refresh_from_db()
    assert key.revoked_at is not None
    names = Event.objects.filter(name__startswith="key.").order_by("pk")
    assert [(event.name, event.new or event.old) for event in names] == [
        ("key.created", {"key": key.pk, "name": "Importer", "scope": "write"}),
        ("key.revoked", {"key": key.pk, "name": "Importer", "scope": "write"}),
    ]


@pytest.mark.parametrize("body", [{"name": "", "scope": "read"}, {"name": "x", "scope": "admin"}])
def test_a_key_has_a_name_and_a_known_scope(api: ApiClient, body: dict[str, str]) -> None:
    assert api.post("auth/keys/", body).code == "validation"
    assert not ApiKey.objects.exists()


def test_secrets_are_stored_as_digests_only(api: ApiClient) -> None:
    key = api.post("auth/keys/", {"name": "Reports", "scope": "read"}).json["key"]
    fresh = api.post("auth/refresh/", {"refresh": api.refresh_token}).json
    tables = (Account, Session, RotatedToken, ApiKey, Event)
    stored = repr([list(table.objects.values()) for table in tables])
    secrets = [PASSWORD, key, api.token, api.refresh_token, fresh["access"], fresh["refresh"]]
    secrets += [_claims(token)["jti"] for token in secrets[2:]]
    assert not [secret for secret in secrets if secret in stored]
    assert "pbkdf2" not in stored
    assert UUID(_claims(fresh["access"])["sid"]) == Session.objects.get().pk


def test_answers_with_tokens_and_keys_are_kept_by_nobody(api: ApiClient) -> None:
    body = {"email": api.account["email"], "password": PASSWORD}
    for answer in (
        api.post("auth/signin/", body),
        api.post("auth/signup/", body | {"email": "new@example.com"}),
        api.post("auth/refresh/", {"refresh": api.refresh_token}),
        api.post("auth/keys/", {"name": "Reports", "scope": "read"}),
    ):
        assert (answer.status < 300, answer.headers["Cache-Control"]) == (True, "no-store")


def _age_rotations(*, seconds: int) -> None:
    """Let time pass for the refresh tokens that were exchanged."""
    for rotated in RotatedToken.objects.all():
        rotated.rotated_at -= timedelta(seconds=seconds)
        rotated.save()


def _set_active(client: ApiClient, *, is_active: bool) -> None:
    composition.account_service().set_active(
        SetActive(account_id=client.account_id, actor_id=client.account_id, is_active=is_active)
    )


def _claims(token: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        django_settings.SIMPLE_JWT["SIGNING_KEY"],
        algorithms=["HS256"],
        audience="ratecard-api",
        issuer="ratecard",
    )


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
