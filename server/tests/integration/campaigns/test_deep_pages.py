"""Pages far from the first, which are found by their ids: they show what they would otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from campaigns import lean
from campaigns.filters import ORDERINGS
from core.api import pagination
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
def test_a_deep_page_shows_what_it_would_if_it_were_none(
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
    queries = [
        narrowed | {"ordering": f"{sign}{name}", "page": page, "page_size": "2"}
        for name in ORDERINGS
        for sign in ("", "-")
        for page in ("2", "3")
    ]
    shallow = [api.get("campaigns/", query).json for query in queries]
    assert all(page["results"] for page in shallow)
    for module in (lean, pagination):
        monkeypatch.setattr(module, "DEEP", 2)
    with counted_queries() as statements:
        # In another order, so that no answer is one that was kept.
        deep = [api.get("campaigns/", dict([*query.items()][::-1])).json for query in queries]
    assert [page["results"] for page in deep] == [page["results"] for page in shallow]
    by_ids = [one for one in statements if one.count(" ORDER BY ") == 2]
    assert len(by_ids) == len(queries)
    for statement in by_ids:
        _require_ids_to_be_found_once(statement)


def _require_ids_to_be_found_once(statement: str) -> None:
    """Before anything else is read, whatever the database expects of an account."""
    once, plan = {
        "postgresql": ("InitPlan", "EXPLAIN"),
        "sqlite": ("LIST SUBQUERY", "EXPLAIN QUERY PLAN"),
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"{plan} {statement}")
        steps = [str(row[-1]) for row in cursor.fetchall()]
    assert any(step.strip().startswith(once) for step in steps), steps
