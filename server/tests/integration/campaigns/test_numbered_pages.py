"""Numbered pages: each goes on where the one before it ends, however it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from campaigns.filters import ORDERINGS
from core.api import pagination
from core.caching.answers import memory
from tests.fixtures.api import payout
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"is_running": "true"},
    {"search": "offer"},
    {"deleted": "true"},
)


@pytest.mark.parametrize("narrowed", FILTERS, ids=str)
def test_pages_are_the_list_in_parts(
    api: ApiClient, monkeypatch: pytest.MonkeyPatch, narrowed: dict[str, str]
) -> None:
    for number in range(8):
        made = api.create(
            f"Offer {number * 5 % 8}",
            payouts=[payout("DE"), payout("US", "1.00", "USD")],
            is_running=number % 3 > 0 and not narrowed.get("deleted"),
        )
        if "deleted" in narrowed:
            assert api.delete(f"campaigns/{made['id']}/").status == 204
    orderings = [f"{sign}{name}" for name in ORDERINGS for sign in ("", "-")]
    queries = {ordering: narrowed | {"ordering": ordering} for ordering in orderings}
    lists = {
        ordering: api.get("campaigns/", query).json["results"]
        for ordering, query in queries.items()
    }
    monkeypatch.setattr(pagination, "DEEP", 2)
    with counted_queries() as statements:
        for ordering, query in queries.items():
            assert _in_parts(api, query) == lists[ordering], ordering
    found = [one for one in statements if one.count(" ORDER BY ") == 2]
    assert len(found) == sum((len(rows) - 1) // 2 for rows in lists.values())
    for statement in found:
        _require_it_to_be_found_once(statement)


def _in_parts(api: ApiClient, query: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    number = 0
    while True:
        number += 1
        memory().clear()  # how many there are is counted with each page
        page = api.get("campaigns/", query | {"page": number, "page_size": 2}).json
        rows += page["results"]
        if page["next"] is None:
            assert page["count"] == len(rows)
            return rows


def _require_it_to_be_found_once(statement: str) -> None:
    """Before anything else is read, whatever the database expects of an account."""
    plan, once, for_each_row = {
        "postgresql": ("EXPLAIN", ("InitPlan",), "SubPlan"),
        "sqlite": ("EXPLAIN QUERY PLAN", ("SCALAR SUBQUERY", "LIST SUBQUERY"), "CORRELATED"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"{plan} {statement}")
        steps = [str(row[-1]).strip() for row in cursor.fetchall()]
    assert any(step.startswith(once) for step in steps), steps
    assert not any(step.startswith(for_each_row) for step in steps), steps
