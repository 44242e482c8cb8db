"""Which statements PostgreSQL prepares: those that come all the time, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.fixtures.api import payload
from tests.fixtures.queries import forget_prepared

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient


def prepared() -> list[str]:
    """Return the statements that this connection has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE NOT from_sql")
        return [statement for (statement,) in cursor.fetchall()]


@pytest.mark.parametrize(
    ("method", "path", "parts"),
    [
        ("get", "campaigns/", ["FROM accounts_session", "ORDER BY created_at DESC"]),
        ("get", "campaigns/{}/", ["FROM accounts_session", "AND id = $2"]),
        ("post", "campaigns/{}/start/", ["FROM accounts_session", "FOR UPDATE"]),
    ],
    ids=["list", "one", "start"],
)
def test_what_a_hot_request_asks_is_prepared(
    api: ApiClient, method: str, path: str, parts: list[str]
) -> None:
    campaign = api.post("campaigns/", payload("Loans")).json["id"]
    assert getattr(api, method)(path.format(campaign)).status == 200
    for part in parts:
        assert [statement for statement in prepared() if part in statement], part


def test_what_is_put_together_anew_each_time_is_not_prepared(api: ApiClient) -> None:
    forget_prepared()
    for _ in range(10):
        assert api.get("campaigns/?country=EE&search=loan").status == 200
    assert not [statement for statement in prepared() if "search_key" in statement]
