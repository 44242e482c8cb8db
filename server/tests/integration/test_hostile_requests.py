"""What a hostile client sends to every door: characters, addresses and methods that mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import Session
from accounts.tokens import Tokens
from tests.factories.accounts import AccountFactory
from tests.fixtures.access import ROWS, path_of
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.stored import stored

if TYPE_CHECKING:
    from tests.fixtures.routes import Operation

pytestmark = pytest.mark.django_db

# What is compared or hashed, and never kept or shown: it may be anything, and opens nothing.
SECRETS = {"password", "current_password", "new_password", "refresh"}
CHARACTERS = {
    "NUL": "\x00",
    "line feed": "\n",
    "carriage return and line feed": "\r\n",
    "escape": "\x1b",
    "C1 control": "\x85",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "byte order mark": "\ufeff",
    "line separator": "\u2028",
    "tag": "\U000e0041",
    "lone surrogate": "\ud800",
}
# How a text is reached: the operation, the names on the way, and the body around it.
TEXTS = [
    (operation, name)
    for operation, row in sorted(ROWS.items())
    if isinstance(row.body, dict)
    for name, value in row.body.items()
    if isinstance(value, str)
]
# What answers alike whatever is wrong, lest it tell who has an account.
ALIKE = {
    "/api/v1/auth/signin/",
    "/api/v1/auth/password/reset/",
    "/api/v1/auth/password/reset/confirm/",
}
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


@pytest.fixture
def ids(api: ApiClient, other: ApiClient) -> dict[str, Any]:
    """Store one of everything for Ada."""
    campaign, deleted = api.create("Loans", payouts=[payout(), payout("EE")]), api.create("Gone")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    return {
        "campaign": campaign["id"],
        "payout": campaign["payouts"][0]["id"],
        "stopped": campaign["id"],
        "deleted": deleted["id"],
        "refresh": other.refresh_token,
    }


@pytest.mark.parametrize(("operation", "name"), TEXTS, ids=str)
def test_characters_that_nobody_sees_are_refused_in_every_text(
    api: ApiClient, ids: dict[str, Any], operation: Operation, name: str
) -> None:
    path = path_of(operation).format(**ids)
    before = stored()
    for what, character in CHARACTERS.items():
        value = f"x{character}x@example.com"
        answer = api.send(operation[0], path, {**ROWS[operation].body, name: value})
        if name in SECRETS or operation[1] in ALIKE:
            assert answer.status < 500, what
        else:
            assert answer.status == 400, what
            assert answer.places[0][0] == f"/{name}", what
    if name not in SECRETS:
        assert stored() == before


@pytest.mark.parametrize(
    "path",
    [
        "/API/v1/campaigns/",
        "/api/V1/campaigns/",
        "/api/v1/Campaigns/",
        "//api/v1/campaigns/",
        "/api//v1/campaigns/",
        "/api/v1//campaigns/",
        "/api/v1/campaigns//",
        "/api/v1/campaigns",
        "/api/v1/./campaigns/",
        "/api/v1/countries/../campaigns/",
        "/api/v1/campaigns/;x",
        "/api/v1/campaigns/.json",
        "/api/v1/campaigns/%20",
    ],
)
def test_an_address_has_one_spelling(api: ApiClient, path: str) -> None:
    api.create("Secret")
    for method in ("GET", "POST", "DELETE"):
        answer = api.send(method, path, None if method == "GET" else {})
        assert answer.status == 404
        assert "Secret" not in answer.text
        # Whatever it looks like, it is counted.
        assert "RateLimit" in answer.headers


@pytest.mark.parametrize("header", OVERRIDES)
def test_no_header_makes_a_request_another(api: ApiClient, header: str) -> None:
    path = f"campaigns/{api.create()['id']}/"
    before = stored()
    for method in ("DELETE", "PUT", "PATCH"):
        assert api.send("POST", path, {}, headers={header: method}).status == 405
        assert api.send("GET", path, headers={header: method}).status == 200
    assert stored() == before


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-Host", "X-Forwarded-Server", "X-Host", "X-Original-URL", "X-Rewrite-URL"],
)
def test_no_header_but_host_names_the_server_or_the_address(api: ApiClient, header: str) -> None:
    for number in range(2):
        api.create(f"Campaign {number}")
    query = {"page_size": 1}
    answer = api.send("GET", "campaigns/", query=query, headers={header: "evil.example"})
    assert answer.json["next"].startswith("http://testserver/api/v1/campaigns/?")
    assert "evil" not in answer.text + repr(answer.headers)


def test_a_deleted_accounts_refresh_token_is_refused(anonymous: ApiClient) -> None:
    api = ApiClient.signed_up("kept@example.com")
    gone = AccountFactory.create(email="gone@example.com")
    session = Session.objects.get(account_id=api.account_id)
    pair = Tokens().issue(account_id=gone.pk, session_id=session.pk, at=session.created_at)
    session.account, session.token_digest = gone, pair.refresh_digest
    session.save()
    gone.delete()
    answer = anonymous.post("auth/refresh/", {"refresh": pair.refresh})
    assert (answer.status, answer.code) == (401, "invalid_token")


@pytest.mark.parametrize(
    "path", ["", "payouts/", "payouts/1/", "rate/?country=EE", "history/", "start/"]
)
@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**25])
def test_an_id_beyond_64_bits_is_of_nothing(api: ApiClient, path: str, number: int) -> None:
    method = "POST" if path == "start/" else "GET"
    answer = api.send(method, f"campaigns/{number}/{path}")
    assert (answer.status, answer.code) == (404, "not_found")
    campaign = api.create()["id"]
    assert api.get(f"campaigns/{campaign}/payouts/{number}/").status == 404
