"""How many queries each route takes; a new route needs a row here.

Every figure includes the one query that authenticates, and is that of an answer that is not kept
yet. They are exact: a query saved should be noticed too. SQLite may take one more for every 999
parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from accounts.resets import PasswordResetTokens
from campaigns import caching
from campaigns.api.payouts import PayoutViewSet
from campaigns.api.views import CampaignViewSet
from campaigns.models import Campaign
from core.reference import countries
from tests.fixtures.api import LANDING_PAGE, PASSWORD, ApiClient, payload, payout
from tests.fixtures.queries import counted_queries
from tests.fixtures.routes import Operation, api_operations, kept_operations

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.django_db

CREDENTIALS = {"email": "ada@example.com", "password": PASSWORD}
CAMPAIGN = "campaigns/{campaign}/"
PAYOUT = "campaigns/{campaign}/payouts/{payout}/"
AUTHENTICATION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A request, and the queries that it takes; ``{names}`` in its path are filled in."""

    queries: int
    path: str
    body: Any = None
    content_type: str = "application/json"


BUDGETS: dict[Operation, Budget] = {
    ("GET", "/api/v1/campaigns/export.csv"): Budget(queries=2, path="campaigns/export.csv"),
    ("POST", "/api/v1/campaigns/import/"): Budget(
        queries=6, path="campaigns/import/", body="title\n", content_type="text/csv"
    ),
    ("GET", "/api/v1/campaigns/imports/<int:import_id>/"): Budget(
        queries=2, path="campaigns/imports/{import}/"
    ),
    ("POST", "/api/v1/auth/signup/"): Budget(
        queries=5, path="auth/signup/", body=CREDENTIALS | {"email": "new@example.com"}
    ),
    ("POST", "/api/v1/auth/signin/"): Budget(queries=7, path="auth/signin/", body=CREDENTIALS),
    ("POST", "/api/v1/auth/refresh/"): Budget(
        queries=3, path="auth/refresh/", body={"refresh": "{refresh}"}
    ),
    ("POST", "/api/v1/auth/signout/"): Budget(queries=3, path="auth/signout/"),
    ("GET", "/api/v1/auth/sessions/"): Budget(queries=2, path="auth/sessions/"),
    ("DELETE", "/api/v1/auth/sessions/"): Budget(queries=3, path="auth/sessions/"),
    ("GET", "/api/v1/auth/sessions/<uuid:session_id>/"): Budget(
        queries=2, path="auth/sessions/{session}/"
    ),
    ("DELETE", "/api/v1/auth/sessions/<uuid:session_id>/"): Budget(
        queries=3, path="auth/sessions/{session}/"
    ),
    ("GET", "/api/v1/auth/keys/"): Budget(queries=2, path="auth/keys/"),
    ("POST", "/api/v1/auth/keys/"): Budget(
        queries=3, path="auth/keys/", body={"name": "Importer", "scope": "read"}
    ),
    ("GET", "/api/v1/auth/keys/<int:key_id>/"): Budget(queries=2, path="auth/keys/{key}/"),
    ("DELETE", "/api/v1/auth/keys/<int:key_id>/"): Budget(queries=4, path="auth/keys/{key}/"),
    ("GET", "/api/v1/auth/profile/"): Budget(queries=1, path="auth/profile/"),
    ("PATCH", "/api/v1/auth/profile/"): Budget(
        queries=4, path="auth/profile/", body={"display_name": "Ada L."}
    ),
    ("POST", "/api/v1/auth/password/"): Budget(
        queries=9,
        path="auth/password/",
        body={"current_password": PASSWORD, "new_password": "another long password"},
    ),
    ("POST", "/api/v1/auth/password/reset/"): Budget(
        queries=2, path="auth/password/reset/", body={"email": "ada@example.com"}
    ),
    ("POST", "/api/v1/auth/password/reset/confirm/"): Budget(
        queries=6,
        path="auth/password/reset/confirm/",
        body={"uid": "{uid}", "token": "{token}", "password": "another long password"},
    ),
    ("GET", "/api/v1/campaigns/"): Budget(queries=2, path="campaigns/"),
    ("POST", "/api/v1/campaigns/"): Budget(queries=6, path="campaigns/", body=payload("Another")),
    ("POST", "/api/v1/campaigns/bulk/"): Budget(
        queries=5, path="campaigns/bulk/", body={"action": "start", "ids": ["{campaign}"]}
    ),
    ("GET", "/api/v1/campaigns/<int:campaign_id>/"): Budget(queries=2, path=CAMPAIGN),
    ("PUT", "/api/v1/campaigns/<int:campaign_id>/"): Budget(
        queries=9,
        path=CAMPAIGN,
        body=payload("Renamed", payouts=[payout(amount=2), payout("FI")]),
    ),
    ("PATCH", "/api/v1/campaigns/<int:campaign_id>/"): Budget(
        queries=5, path=CAMPAIGN, body={"title": "Renamed"}
    ),
    ("DELETE", "/api/v1/campaigns/<int:campaign_id>/"): Budget(queries=5, path=CAMPAIGN),
    ("POST", "/api/v1/campaigns/<int:campaign_id>/start/"): Budget(
        queries=5, path=CAMPAIGN + "start/"
    ),
    ("POST", "/api/v1/campaigns/<int:campaign_id>/stop/"): Budget(
        queries=2, path=CAMPAIGN + "stop/"
    ),
    ("POST", "/api/v1/campaigns/<int:campaign_id>/duplicate/"): Budget(
        queries=9, path=CAMPAIGN + "duplicate/"
    ),
    ("POST", "/api/v1/campaigns/<int:campaign_id>/restore/"): Budget(
        queries=5, path="campaigns/{deleted}/restore/"
    ),
    ("GET", "/api/v1/campaigns/<int:campaign_id>/history/"): Budget(
        queries=3, path=CAMPAIGN + "history/"
    ),
    ("GET", "/api/v1/campaigns/<int:campaign_id>/rate/"): Budget(
        queries=2, path=CAMPAIGN + "rate/?country=EE"
    ),
    ("GET", "/api/v1/campaigns/<int:campaign_id>/payouts/"): Budget(
        queries=3, path=CAMPAIGN + "payouts/"
    ),
    ("POST", "/api/v1/campaigns/<int:campaign_id>/payouts/"): Budget(
        queries=7, path=CAMPAIGN + "payouts/", body=payout("FI")
    ),
    ("GET", "/api/v1/campaigns/<int:campaign_id>/payouts/<int:payout_id>/"): Budget(
        queries=2, path=PAYOUT
    ),
    ("PUT", "/api/v1/campaigns/<int:campaign_id>/payouts/<int:payout_id>/"): Budget(
        queries=7, path=PAYOUT, body=payout(amount="2")
    ),
    ("PATCH", "/api/v1/campaigns/<int:campaign_id>/payouts/<int:payout_id>/"): Budget(
        queries=7, path=PAYOUT, body={"amount": "2"}
    ),
    ("DELETE", "/api/v1/campaigns/<int:campaign_id>/payouts/<int:payout_id>/"): Budget(
        queries=7, path=PAYOUT
    ),
    ("GET", "/api/v1/countries/"): Budget(queries=0, path="countries/"),
    ("GET", "/api/v1/currencies/"): Budget(queries=0, path="currencies/"),
    ("GET", "/api/v1/schema/"): Budget(queries=0, path="schema/"),
    ("GET", "/api/v1/docs/"): Budget(queries=0, path="docs/"),
    ("GET", "/api/v1/redoc/"): Budget(queries=0, path="redoc/"),
}

# What performance.md allows beyond authentication, for the routes that it names.
CEILINGS: dict[Operation, int] = {
    ("GET", "/api/v1/campaigns/"): 3,
    ("GET", "/api/v1/campaigns/<int:campaign_id>/"): 2,
    ("GET", "/api/v1/campaigns/<int:campaign_id>/rate/"): 2,
    ("POST", "/api/v1/campaigns/"): 8,
    ("PUT", "/api/v1/campaigns/<int:campaign_id>/"): 8,
    ("PATCH", "/api/v1/campaigns/<int:campaign_id>/"): 8,
    ("POST", "/api/v1/campaigns/bulk/"): 8,
    ("POST", "/api/v1/campaigns/<int:campaign_id>/start/"): 5,
    ("POST", "/api/v1/campaigns/<int:campaign_id>/stop/"): 5,
    ("DELETE", "/api/v1/campaigns/<int:campaign_id>/"): 5,
}

WRITES = {
    (method, route)
    for method, route in BUDGETS
    if method != "GET" and not route.startswith("/api/v1/auth/")
}


def test_every_route_of_the_api_has_a_budget() -> None:
    assert set(BUDGETS) == api_operations()


def test_the_budgets_are_within_what_was_promised() -> None:
    over = {
        operation: BUDGETS[operation].queries
        for operation, ceiling in CEILINGS.items()
        if BUDGETS[operation].queries > AUTHENTICATION + ceiling
    }
    assert not over


@pytest.mark.parametrize("operation", sorted(BUDGETS), ids=" ".join)
def test_a_route_takes_its_queries(api: ApiClient, operation: Operation) -> None:
    budget = BUDGETS[operation]
    fill = _stored(api)
    body = budget.body
    if operation[1] == "/api/v1/auth/refresh/":
        body = {"refresh": fill["refresh"]}
    if operation[1] == "/api/v1/auth/password/reset/confirm/":
        body = {**body, "uid": fill["uid"], "token": fill["token"]}
    if operation[1] == "/api/v1/campaigns/bulk/":
        body = {**body, "ids": [fill["campaign"]]}
    with counted_queries() as statements:
        headers = {"Content-Type": budget.content_type}
        answer = api.send(operation[0], budget.path.format(**fill), body, headers=headers)
    assert answer.status < 300, answer
    assert len(statements) == budget.queries, "\n".join(statements)


@pytest.mark.parametrize("operation", sorted(WRITES), ids=" ".join)
def test_an_idempotency_key_takes_two_queries_more_and_a_replay_two_in_all(
    api: ApiClient, operation: Operation
) -> None:
    budget = BUDGETS[operation]
    fill = _stored(api)
    is_bulk = operation[1] == "/api/v1/campaigns/bulk/"
    body = {**budget.body, "ids": [fill["campaign"]]} if is_bulk else budget.body
    for queries in (budget.queries + 2, AUTHENTICATION + 2):
        with counted_queries() as statements:
            headers = {"Idempotency-Key": "1", "Content-Type": budget.content_type}
            answer = api.send(operation[0], budget.path.format(**fill), body, headers=headers)
        assert answer.status < 300, answer
        assert len(statements) == queries, "\n".join(statements)


def test_what_is_declared_is_kept() -> None:
    declared = {
        *((CampaignViewSet, action) for action in caching.CAMPAIGNS),
        *((PayoutViewSet, action) for action in caching.PAYOUTS),
    }
    assert set(kept_operations().values()) == declared
    # What performance.md promises without a further query.
    reading = {operation for operation in CEILINGS if operation[0] == "GET"}
    assert reading <= set(kept_operations())


@pytest.mark.parametrize("operation", sorted(kept_operations()), ids=" ".join)
def test_what_is_kept_takes_no_query_but_authentications(
    api: ApiClient, operation: Operation
) -> None:
    path = BUDGETS[operation].path.format(**_stored(api))
    built = api.get(path)
    for status, headers in ((200, {}), (304, {"If-None-Match": built.headers["ETag"]})):
        for method in ("GET", "HEAD"):
            with counted_queries() as statements:
                answer = api.send(method, path, headers=headers)
            assert answer.status == status
            assert answer.content == (built.content if (method, status) == ("GET", 200) else b"")
            assert len(statements) == AUTHENTICATION, "\n".join(statements)


@pytest.mark.parametrize("campaigns", [0, 1, 50])
def test_a_list_takes_the_same_queries_however_long_it_is(api: ApiClient, campaigns: int) -> None:
    for number in range(campaigns):
        api.create(f"Campaign {number}", payouts=[payout(), payout("EE"), payout("FI")])
    for query in ({}, {"cursor": ""}, {"search": "camp", "country": "EE", "ordering": "title"}):
        with counted_queries() as statements:
            answer = api.get("campaigns/", query)
        assert len(answer.json["results"]) == campaigns
        assert len(statements) <= AUTHENTICATION + 3, "\n".join(statements)


@pytest.mark.parametrize(("country", "reason"), [("EE", "country"), ("JP", "none")])
def test_a_rate_and_the_version_that_tags_it_are_read_at_once(
    api: ApiClient, country: str, reason: str
) -> None:
    """By two statements a write between them would tag what was before it with what is after."""
    campaign = api.create(payouts=[payout("EE")])["id"]
    with counted_queries() as statements:
        answer = api.get(f"campaigns/{campaign}/rate/", {"country": country})
    assert answer.json["reason"] == reason
    assert len(statements) == AUTHENTICATION + 1, "\n".join(statements)


def test_authentication_takes_one_query_and_a_key_notes_its_use_once_a_minute(
    api: ApiClient,
) -> None:
    key = api.post("auth/keys/", {"name": "Reports", "scope": "read"}).json["key"]
    counts = []
    for token in (api.token, key, key):
        with counted_queries() as statements:
            assert ApiClient(token).get("auth/profile/").status == 200
        counts.append(len(statements))
    assert counts == [1, 2, 1]


@pytest.mark.parametrize("action", ["create", "replace all", "replace none", "duplicate"])
def test_writing_takes_the_same_queries_for_1_and_for_249_payouts(
    api: ApiClient, action: str
) -> None:
    one, many = (_statements_of_writing(api, action, card) for card in (_card(1), _card(249)))
    assert len(one) <= AUTHENTICATION + 8, "\n".join(one)
    assert len(many) == len(one) + _extra_statements(many), "\n".join(many)


def test_bulk_takes_at_most_8_queries_for_500_campaigns(api: ApiClient) -> None:
    campaigns = [
        Campaign.create(
            account_id=api.account_id,
            title=f"Campaign {number}",
            landing_page_url=LANDING_PAGE,
            is_running=False,
            at=timezone.now(),
        )
        for number in range(500)
    ]
    ids = [campaign.pk for campaign in Campaign.objects.bulk_create(campaigns)]
    for action in ("start", "stop", "delete", "restore"):
        with counted_queries() as statements:
            answer = api.post("campaigns/bulk/", {"action": action, "ids": ids})
        assert {row["status"] for row in answer.json["results"]} == {"done"}
        assert len(statements) <= AUTHENTICATION + 8 + _extra_statements(statements)


def _statements_of_writing(api: ApiClient, action: str, card: Sequence[Any]) -> list[str]:
    title = f"With {len(card)}"
    if action == "create":
        path, body = "campaigns/", payload(title, payouts=card)
    else:
        created = api.create(title, payouts=card)
        path = f"campaigns/{created['id']}/"
        if action == "replace all":
            body = payload(title, payouts=[terms | {"amount": "9"} for terms in card])
        elif action == "replace none":
            body = payload(title, payouts=[payout("AX")])
        else:
            path, body = path + "duplicate/", {}
    method = "PUT" if action.startswith("replace") else "POST"
    with counted_queries() as statements:
        answer = api.send(method, path, body)
    assert answer.status in {200, 201}, answer
    return statements


def _card(size: int) -> list[Any]:
    codes = [code for code in countries() if code != "AX"]
    return [payout(code) for code in [*codes, None][-size:]]


def _extra_statements(statements: Sequence[str]) -> int:
    """Return how many statements more SQLite took, for having at most 999 parameters in one."""
    if connection.vendor == "postgresql":
        return 0
    kinds = [statement[:40] for statement in statements]
    return len(kinds) - len(set(kinds))


def _stored(api: ApiClient) -> dict[str, Any]:
    """Store one of everything, and return what paths and bodies name it by."""
    campaign = api.create("Loans", payouts=[payout(), payout("EE")])
    deleted = api.create("Gone")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    session = api.signed_in()
    listed = session.get("auth/sessions/").json["results"]
    key = api.post("auth/keys/", {"name": "Reports", "scope": "write"}).json
    link = PasswordResetTokens(timezone.now).issue(Account.objects.get(pk=api.account_id))
    return {
        "campaign": campaign["id"],
        "payout": campaign["payouts"][0]["id"],
        "deleted": deleted["id"],
        "session": next(row["id"] for row in listed if row["is_current"]),
        "key": key["id"],
        "import": api.post("campaigns/import/", "title\n", Content_Type="text/csv").json["id"],
        "refresh": session.refresh_token,
        "uid": link.uid,
        "token": link.token,
    }
