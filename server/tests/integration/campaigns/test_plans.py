"""How the database goes about the queries of each route, where the tables are large.

PostgreSQL and SQLite are asked by EXPLAIN for the plan of every statement that a request sends. An
account's request may not read a whole table, and a page may not sort the account: it reads an index
as far as it shows rows. What index serves what is in docs/adr/0013-indexes.md.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Account, ApiKey, Session
from accounts.resets import PasswordResetTokens
from campaigns import querysets
from campaigns.filters import ORDERINGS, CampaignFilter
from campaigns.models import SUBJECT, Campaign, CampaignPayout
from campaigns.querysets import LOOKED_THROUGH
from core.caching.answers import memory
from core.models import Event
from tests.fixtures.api import PASSWORD, ApiClient
from tests.fixtures.plans import plans, postgresql_plan
from tests.fixtures.queries import counted_queries, forget_prepared
from tests.fixtures.spreadsheets import file_of, imported, many_lines
from tests.integration.test_query_budgets import BUDGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.fixtures.routes import Operation

pytestmark = pytest.mark.django_db

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
BIG, SMALL, OTHERS = 2_000, 100, 180
"""Campaigns of the big account and of each other one, and how many others there are."""
RARE = 900
"""Every so many campaigns of an account there is one that is not like the others."""

FILTERS = {
    "search": "zebra",
    "title": "Offer 000007",
    "landing_page_url": "https://shop.example.com/7?click={click_id}",
    "is_running": "true",
    "country": "IS",
    "currency": "ISK",
    "created_after": "2026-01-01T01:00:00Z",
    "created_before": "2026-01-01T02:00:00Z",
}
"""A value of each filter that few campaigns of the big account have."""
NO_FILTERS = {"deleted", "ordering"}
"""What the list takes besides, which has tests of its own."""

FOR_TEXTS = {"search", "landing_page_url", "country", "currency"}
"""Filters whose index only PostgreSQL has."""
INDEXES = {
    "search": "campaign_search",
    "title": "campaign_title_unique",
    "landing_page_url": "campaign_landing_page",
    # campaign_running_created, or campaign_running where so few are expected that sorting is cheap.
    "is_running": "campaign_running",
    "country": "campaign_search",
    "currency": "campaign_search",
    "created_after": "campaign_created",
    "created_before": "campaign_created",
}
"""The index that a filter alone is served by in an account of many campaigns."""


@pytest.fixture
def big(db: None) -> ApiClient:
    """Fill the tables, and return the client of the account with the most campaigns."""
    client = ApiClient.signed_up("big@example.com")
    password = make_password(PASSWORD)
    Account.objects.bulk_create(
        Account(email=f"account-{number}@example.com", password=password) for number in range(2_000)
    )
    others = list(Account.objects.exclude(pk=client.account_id).order_by("pk"))
    owners = [client.account_id] * BIG
    for account in others[:OTHERS]:
        owners += [account.pk] * SMALL
    campaigns = Campaign.objects.bulk_create(_campaigns(owners))
    CampaignPayout.objects.bulk_create(_payouts(campaigns))
    Event.objects.bulk_create(_events(campaigns))
    Session.objects.bulk_create(_sessions(others))
    ApiKey.objects.bulk_create(_keys(others))
    if connection.vendor == "postgresql":
        # As autovacuum does. SQLite has nobody who does it, and plans without.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return client


def test_every_filter_of_the_list_is_here() -> None:
    assert set(FILTERS) == set(INDEXES) == set(CampaignFilter.get_filters()) - NO_FILTERS


def test_no_request_reads_more_than_it_needs(
    big: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test for it all: filling the tables is what takes its time."""
    monkeypatch.setattr(querysets, "LOOKED_THROUGH", BIG // 2)
    _require_that_a_whole_table_is_noticed()
    _require_pages_in_order(big)
    _require_filters_with_their_indexes(big)
    small = {"email": "account-0@example.com", "password": PASSWORD}
    for client in (big, ApiClient(ApiClient().post("auth/signin/", small).json["access"])):
        for query in _lists():
            with counted_queries() as statements:
                answer = client.get("campaigns/", query)
            assert answer.status == 200, answer
            _require_no_whole_table(statements)
    if connection.vendor == "postgresql":
        _require_pages_to_begin_in_an_index(big)
        _require_prepared_statements_to_be_as_good(big)
        _require_an_import_to_be_expected()
    _require_routes_without_whole_tables(big)


@pytest.mark.parametrize("looked_through", [0, LOOKED_THROUGH])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"search": "fer 00"}, ["Offer 001", "Offer 002"]),
        ({"search": "2"}, ["Offer 002", "Žirafa 2%"]),
        ({"search": "2%"}, ["Žirafa 2%"]),
        ({"search": "ŽIRAFA"}, ["Žirafa 2%"]),
        ({"search": "_rafa"}, []),
        ({"search": "-.-"}, ["-.-"]),
        # Its last characters are those of all, and the index is asked for no more.
        ({"search": "example.com/2?click={click_id}"}, ["Offer 002"]),
        ({"landing_page_url": "https://shop.example.com/2?click={click_id}"}, ["Offer 002"]),
        ({"country": "EE"}, ["Offer 001", "Žirafa 2%"]),
        ({"country": "IS"}, ["Offer 001"]),
        ({"currency": "ISK"}, ["-.-"]),
        ({"currency": "EUR", "search": "offer", "country": "FI"}, ["Offer 001", "Offer 002"]),
    ],
    ids=str,
)
def test_an_index_finds_what_looking_through_finds(
    api: ApiClient,
    monkeypatch: pytest.MonkeyPatch,
    query: dict[str, str],
    found: list[str],
    looked_through: int,
) -> None:
    monkeypatch.setattr(querysets, "LOOKED_THROUGH", looked_through)
    for number, (title, country, currency) in enumerate(
        [
            ("Offer 001", None, "EUR"),
            ("Offer 002", "FI", "EUR"),
            ("Žirafa 2%", "EE", "USD"),
            ("-.-", "JP", "ISK"),
        ],
        start=1,
    ):
        api.create(
            title,
            landing_page_url=f"https://shop.example.com/{number}?click={{click_id}}".replace(
                "/3?", "/?"
            ),
            payouts=[{"country": country, "amount": "1", "currency": currency}],
        )
    rows = api.get("campaigns/", query | {"ordering": "created_at"}).json["results"]
    assert [row["title"] for row in rows] == found


def _require_pages_in_order(big: ApiClient) -> None:
    """Ask for pages in every order, by number and by cursor, forwards and back: none is sorted."""
    for query in _orderings():
        with counted_queries() as statements:
            *_, last = islice(big.walk("campaigns/", query | {"page_size": "2"}), 3)
            if "cursor" in query:
                back = last.json["previous"].removeprefix("http://testserver")
                assert big.get(back).status == 200
        for plan in plans(statements):
            of_campaigns = re.search('FROM "?campaigns_campaign', plan.statement)
            assert not (of_campaigns and plan.sorts), (plan.statement, plan.text)


def _require_pages_to_begin_in_an_index(big: ApiClient) -> None:
    """Look at no rows that lie before a page: they are large, and apart from each other."""
    memory().clear()
    assert big.get("campaigns/", {"page_size": "3"}).json["count"]  # which is kept
    for query in _orderings():
        if query.get("page") == "2":
            with counted_queries() as statements:
                assert big.get("campaigns/", query | {"page_size": "21"}).json["results"]
            [plan] = plans(one for one in statements if one.count(" ORDER BY ") == 2)
            assert plan.text.count('"InitPlan"') == 1, plan.text
            assert plan.text.count('"Index Only Scan"') == 1, plan.text


def _require_filters_with_their_indexes(big: ApiClient) -> None:
    served = [({name: value}, INDEXES[name]) for name, value in FILTERS.items()]
    for query, index in [*served, ({"deleted": "true"}, "campaign_bin")]:
        if FOR_TEXTS.isdisjoint(query) or connection.vendor == "postgresql":
            with counted_queries() as statements:
                answer = big.get("campaigns/", query | {"cursor": ""})
            assert answer.json["results"], query
            explained = [plan.text for plan in plans(statements)]
            assert any(index in text for text in explained), (query, explained)
    # One text is asked of the index, and what it finds is looked through for another.
    texts = {"search": FILTERS["search"], "country": FILTERS["country"]}
    with counted_queries() as statements:
        big.get("campaigns/", texts | {"cursor": ""})
    likes = [re.findall(r'"(\w+_key)"(?:::text)? LIKE', statement) for statement in statements]
    assert [found for found in likes if found] == (
        [["search_key"]] if connection.vendor == "postgresql" else []
    )


def _require_routes_without_whole_tables(big: ApiClient) -> None:
    for operation in sorted(BUDGETS):
        with transaction.atomic():
            statements = _sent(big, operation)
            _require_no_whole_table(statements, of=operation)
            # As it was before: routes sign out, delete, take titles and change the password.
            transaction.set_rollback(True)
        memory().clear()


def _require_prepared_statements_to_be_as_good(big: ApiClient) -> None:
    """PostgreSQL may plan a prepared statement for no values in particular, and keep that."""
    memory().clear()
    forget_prepared()
    for query in _orderings():
        # Of a size that nobody has asked for: it is answered by the database.
        answer = big.get("campaigns/", {**query, "page_size": 7})
        assert answer.status == 200
        if "cursor" in query:
            onwards = answer.json["next"].removeprefix("http://testserver")
            assert big.get(onwards).status == 200
    campaign = big.create("Prepared")["id"]
    for path in ("", "start/", "stop/"):
        answer = (big.post if path else big.get)(f"campaigns/{campaign}/{path}")
        assert answer.status == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE NOT from_sql")
        statements = [statement for (statement,) in cursor.fetchall()]
    assert len([one for one in statements if "ORDER BY" in one]) >= 6 * len(ORDERINGS)
    for statement in statements:
        if not statement.startswith("INSERT"):
            plan = postgresql_plan(statement, "GENERIC_PLAN")
            assert not plan.whole, (statement, plan.text)
            assert not plan.sorts, (statement, plan.text)


def _require_an_import_to_be_expected() -> None:
    """PostgreSQL knows at once what a large import brought, and plans for it."""
    api = ApiClient.signed_up("importer@example.com")
    imported(api, file_of(*many_lines(5_000)))
    mine = Campaign.objects.filter(account_id=api.account_id)
    [explained] = json.loads(mine.explain(format="json"))
    assert 500 < explained["Plan"]["Plan Rows"] < 2 * mine.count()


def _sent(big: ApiClient, operation: Operation) -> list[str]:
    """Send a request to a route, with what it needs stored before, and return its statements."""
    budget = BUDGETS[operation]
    fill = _fill(big)
    if "{import}" in budget.path:  # few may wait at once
        taken = big.post("campaigns/import/", "title\n", Content_Type="text/csv")
        fill["import"] = taken.json["id"]
    bodies = {
        "/api/v1/campaigns/bulk/": {"action": "start", "ids": [fill["campaign"]]},
        "/api/v1/auth/refresh/": {"refresh": fill["refresh"]},
        "/api/v1/auth/signin/": {"email": big.account["email"], "password": PASSWORD},
        "/api/v1/auth/password/reset/": {"email": big.account["email"]},
        "/api/v1/auth/password/reset/confirm/": {
            "uid": fill["uid"],
            "token": fill["token"],
            "password": "another long password",
        },
    }
    body = bodies.get(operation[1], budget.body)
    with counted_queries() as statements:
        answer = ApiClient(fill["access"]).send(
            operation[0],
            budget.path.format(**fill),
            body,
            headers={"Content-Type": budget.content_type},
        )
    assert answer.status < 300, (operation, answer)
    return statements


def _lists() -> Iterator[dict[str, str]]:
    """Yield what the list can be asked: every order, every filter and every two of them."""
    yield from _orderings()
    for deleted in ({}, {"deleted": "true"}):
        for name, value in FILTERS.items():
            for ordering in ORDERINGS:
                yield {name: value, "ordering": ordering} | deleted
            yield {name: value, "cursor": ""} | deleted
        for pair in combinations(FILTERS, 2):
            yield {name: FILTERS[name] for name in pair} | deleted
    for text in ("o", "of", "nothing has this", "Offer", "%", "ß"):
        yield {"search": text}


def _orderings() -> Iterator[dict[str, str]]:
    for name in ORDERINGS:
        for sign in ("", "-"):
            for pages in ({"page": "1"}, {"page": "2", "page_size": "20"}, {"cursor": ""}):
                yield {"ordering": sign + name} | pages


def _fill(client: ApiClient) -> dict[str, Any]:
    """Store what paths and bodies of BUDGETS name, and return what it is named by."""
    session = client.signed_in()
    created = session.create("Loans", payouts=_card("EE", None))
    gone = session.create("Gone")
    assert session.delete(f"campaigns/{gone['id']}/").status == 204
    current = Session.objects.filter(account=client.account_id).latest("created_at")
    key = session.post("auth/keys/", {"name": "Reports", "scope": "write"}).json
    link = PasswordResetTokens(timezone.now).issue(Account.objects.get(pk=client.account_id))
    return {
        "campaign": created["id"],
        "payout": created["payouts"][0]["id"],
        "deleted": gone["id"],
        "session": current.pk,
        "key": key["id"],
        "refresh": session.refresh_token,
        "access": session.token,
        "uid": link.uid,
        "token": link.token,
    }


def _require_no_whole_table(statements: Sequence[str], of: Operation | None = None) -> None:
    for plan in plans(statements):
        assert not plan.whole, (of, plan.statement, plan.text)


def _require_that_a_whole_table_is_noticed() -> None:
    for model in (Account, ApiKey, Campaign, CampaignPayout, Session):
        statement = str(model.objects.filter(created_at__lt=F("created_at")).only("pk").query)
        [plan] = plans([statement])
        assert plan.whole == [model._meta.db_table]


def _campaigns(owners: Sequence[int]) -> Iterator[Campaign]:
    for number, owner in enumerate(owners):
        rare = number % RARE == 7
        campaign = Campaign.create(
            account_id=owner,
            title=f"Offer {number:06d}{' zebra' if rare and number != 7 else ''}",
            landing_page_url=f"https://shop.example.com/{number}?click={{click_id}}",
            is_running=rare,
            at=FIRST_DAY + timedelta(minutes=number),
        )
        campaign.updated_at += timedelta(minutes=number * 7919 % 10_000)
        if number % 20 == 19:
            campaign.deleted_at = datetime.now(tz=UTC)
        campaign.set_terms(_terms(campaign, rare=rare))
        yield campaign


def _terms(campaign: Campaign, *, rare: bool) -> list[CampaignPayout]:
    return [
        CampaignPayout(
            campaign=campaign,
            country=country,
            amount=Decimal(1),
            currency="ISK" if rare else "EUR",
            created_at=campaign.created_at,
            updated_at=campaign.updated_at,
        )
        for country in ("FI", "IS" if rare else "EE")
    ]


def _payouts(campaigns: Iterable[Campaign]) -> Iterator[CampaignPayout]:
    for campaign in campaigns:
        yield from _terms(campaign, rare=campaign.is_running)


def _events(campaigns: Iterable[Campaign]) -> Iterator[Event]:
    for campaign in campaigns:
        yield Event(
            account_id=campaign.account_id,
            at=campaign.created_at,
            subject_type=SUBJECT,
            subject_id=campaign.pk,
            name="campaign.created",
        )


def _sessions(accounts: Iterable[Account]) -> Iterator[Session]:
    now = datetime.now(tz=UTC)
    for account in accounts:
        yield Session(
            account=account,
            token_digest="0" * 64,
            created_at=now,
            last_refreshed_at=now,
            expires_at=now + timedelta(days=7),
        )


def _keys(accounts: Iterable[Account]) -> Iterator[ApiKey]:
    for account in accounts:
        yield ApiKey(
            account=account,
            name="Reports",
            scope="read",
            digest=f"{account.pk:064d}",
            hint="rk",
            created_at=FIRST_DAY,
        )


def _card(*countries: str | None) -> list[Any]:
    return [{"country": country, "amount": "1", "currency": "EUR"} for country in countries]
