"""What opens the API and what does not: tokens of every wrong kind, and the scopes of keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone

from accounts import composition
from accounts.commands import SetActive
from accounts.models import Account, ApiKey, Session
from accounts.tokens import Tokens
from campaigns.models import Campaign
from tests.fixtures.api import PASSWORD, ApiClient, payload
from tests.fixtures.routes import api_operations

pytestmark = pytest.mark.django_db

CHANGED_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "elsewhere"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another-api"},
    "no audience": {"aud": None},
    "expired": {"exp": 1_700_000_000},
    "no expiry": {"exp": None},
    "no kind": {"token_type": None},
    "another kind": {"token_type": "sliding"},
    "no session": {"sid": None},
    "a session that is none": {"sid": "nonsense"},
    "a session that is a number": {"sid": 7},
    "an unknown session": {"sid": "00000000-0000-4000-8000-000000000000"},
    "no token id": {"jti": None},
}
OTHER_SIGNATURES = {
    "another key": ("HS256", "x" * 64),
    "an empty key's algorithm": ("none", None),
    "HS384": ("HS384", None),
    "HS512": ("HS512", None),
}


def test_a_token_with_these_claims_is_good(api: ApiClient) -> None:
    """Show that the tokens below are refused for what is changed in them."""
    assert ApiClient(_signed(_claims(api.token))).get("auth/profile/").status == 200
    again = {"refresh": _signed(_claims(api.refresh_token))}
    assert ApiClient().post("auth/refresh/", again).status == 200


@pytest.mark.parametrize("changed", CHANGED_CLAIMS)
def test_a_token_with_other_claims_is_refused(api: ApiClient, changed: str) -> None:
    for token in (api.token, api.refresh_token):
        _assert_refused(_signed(_with(_claims(token), CHANGED_CLAIMS[changed])))


@pytest.mark.parametrize("signature", OTHER_SIGNATURES)
def test_a_token_with_another_signature_is_refused(api: ApiClient, signature: str) -> None:
    algorithm, key = OTHER_SIGNATURES[signature]
    key = None if algorithm == "none" else key or settings.SIMPLE_JWT["SIGNING_KEY"]
    for token in (api.token, api.refresh_token):
        _assert_refused(jwt.encode(_claims(token), key, algorithm=algorithm))
        _assert_refused(token.rpartition(".")[0] + ".")


def test_the_secret_key_signs_no_tokens(api: ApiClient) -> None:
    _assert_refused(jwt.encode(_claims(api.token), settings.SECRET_KEY, algorithm="HS256"))


def test_each_kind_of_token_opens_its_own_door_only(api: ApiClient) -> None:
    assert ApiClient(api.refresh_token).get("auth/profile/").code == "invalid_token"
    assert ApiClient().post("auth/refresh/", {"refresh": api.token}).code == "invalid_token"


def test_tokens_live_as_long_as_they_say(api: ApiClient) -> None:
    access, refresh = _claims(api.token), _claims(api.refresh_token)
    assert access["exp"] - access["iat"] == timedelta(minutes=5).total_seconds()
    assert refresh["exp"] - refresh["iat"] == timedelta(days=7).total_seconds()
    assert access["sub"] == refresh["sub"] == str(api.account_id)


def test_an_access_token_expires_and_its_session_does_not(api: ApiClient) -> None:
    session = Session.objects.get()
    tokens = [
        Tokens().issue(account_id=api.account_id, session_id=session.pk, at=timezone.now() - age)
        for age in (timedelta(minutes=4), timedelta(minutes=5, seconds=1))
    ]
    fresh, stale = (ApiClient(pair.access).get("auth/profile/") for pair in tokens)
    assert (fresh.status, stale.code) == (200, "invalid_token")
    assert api.post("auth/refresh/", {"refresh": api.refresh_token}).status == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic YTpi", "Token abc", "bearer nonsense", "Bearer a.b.c", "Bearer é"],
)
def test_another_authorization_header_is_refused(anonymous: ApiClient, header: str) -> None:
    answer = anonymous.get("campaigns/", Authorization=header)
    assert (answer.status, answer.code) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="ratecard"'


@pytest.mark.parametrize("key", ["rck_", "rck_unknown", "rck_" + "A" * 43])
def test_an_unknown_key_is_refused(anonymous: ApiClient, key: str) -> None:
    assert ApiClient(key).get("campaigns/").code == "invalid_token"


def test_the_scheme_may_be_written_in_any_case(api: ApiClient) -> None:
    assert ApiClient().get("campaigns/", Authorization=f"bEARER {api.token}").status == 200


def test_a_reading_key_reads_and_does_not_write(api: ApiClient) -> None:
    program = _program(api, "read")
    campaign = api.create()
    path = f"campaigns/{campaign['id']}/"
    assert program.get("campaigns/").json["count"] == 1
    assert program.get(path).json == campaign
    assert program.get("auth/profile/").json == api.account
    before = list(Campaign.objects.values())
    for method, at, body in [
        ("POST", "campaigns/", payload("Another")),
        ("PUT", path, payload("Another")),
        ("PATCH", path, {"title": "Another"}),
        ("DELETE", path, None),
        ("POST", path + "start/", None),
        ("POST", path + "duplicate/", None),
        ("POST", "campaigns/bulk/", {"action": "delete", "ids": [campaign["id"]]}),
    ]:
        answer = program.send(method, at, body)
        assert (answer.status, answer.code) == (403, "read_only_key")
    assert list(Campaign.objects.values()) == before


def test_a_writing_key_writes(api: ApiClient) -> None:
    program = _program(api, "write")
    campaign = program.create()
    assert program.post(f"campaigns/{campaign['id']}/start/").json["is_running"]
    assert api.get(f"campaigns/{campaign['id']}/history/").json["results"][0]["actor"] == {
        "id": api.account_id,
        "display_name": "Ada",
    }


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_key_manages_no_credentials(api: ApiClient, scope: str) -> None:
    program = _program(api, scope)
    session, key = Session.objects.get(), ApiKey.objects.get()
    account = list(Account.objects.values())
    open_to_programs = {("GET", "/api/v1/auth/profile/")}
    without_a_token = {
        ("POST", f"/api/v1/auth/{name}/")
        for name in ("signup", "signin", "refresh", "password/reset", "password/reset/confirm")
    }
    closed = (
        {(method, route) for method, route in api_operations() if route.startswith("/api/v1/auth/")}
        - open_to_programs
        - without_a_token
    )
    assert len(closed) == 11
    for method, route in closed:
        path = route.replace("<uuid:session_id>", str(session.pk))
        answer = program.send(method, path.replace("<int:key_id>", str(key.pk)))
        assert (answer.status, answer.code) == (403, "session_required")
    session.refresh_from_db()
    key.refresh_from_db()
    assert (session.ended_at, key.revoked_at) == (None, None)
    assert list(Account.objects.values()) == account


def test_shutting_an_account_out_stops_its_tokens_and_keys_at_once(
    api: ApiClient, other: ApiClient
) -> None:
    program = _program(api, "write")
    _set_active(api, is_active=False)
    assert api.get("auth/profile/").code == "invalid_token"
    assert program.get("campaigns/").code == "invalid_token"
    assert ApiClient().post("auth/refresh/", {"refresh": api.refresh_token}).code == "invalid_token"
    assert other.get("auth/profile/").status == 200
    _set_active(api, is_active=True)
    assert api.get("auth/profile/").code == "invalid_token"
    assert api.signed_in(PASSWORD).get("auth/profile/").status == 200
    assert program.get("campaigns/").status == 200


def test_deleting_an_accounts_session_row_stops_its_token(api: ApiClient) -> None:
    Session.objects.all().delete()
    assert api.get("auth/profile/").code == "invalid_token"
    assert ApiClient().post("auth/refresh/", {"refresh": api.refresh_token}).code == "invalid_token"


def _assert_refused(token: str) -> None:
    answer = ApiClient(token).get("auth/profile/")
    assert (answer.status, answer.code) == (401, "invalid_token")
    refreshed = ApiClient().post("auth/refresh/", {"refresh": token})
    assert (refreshed.status, refreshed.code) == (401, "invalid_token")


def _claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def _with(claims: dict[str, Any], changed: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (claims | changed).items() if value is not None}


def _signed(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"], algorithm="HS256")


def _program(api: ApiClient, scope: str) -> ApiClient:
    return ApiClient(api.post("auth/keys/", {"name": "Program", "scope": scope}).json["key"])


def _set_active(client: ApiClient, *, is_active: bool) -> None:
    composition.account_service().set_active(
        SetActive(account_id=client.account_id, actor_id=client.account_id, is_active=is_active)
    )
