"""Files out, through the API."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign
from tests.fixtures.api import LANDING_PAGE, payout
from tests.fixtures.spreadsheets import file_of, imported, many_lines

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


def rows(api: ApiClient, **query: str) -> list[list[str]]:
    answer = api.get("campaigns/export.csv", query)
    assert answer.status == 200, answer
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_a_row_for_each_payout(api: ApiClient) -> None:
    api.create("Loans", payouts=[payout("EE", "2"), payout()], is_running=True)
    api.create("Cards", payouts=[payout("JP", "300", "JPY")])
    assert rows(api) == [
        ["Cards", LANDING_PAGE, "false", "JP", "300", "JPY"],
        ["Loans", LANDING_PAGE, "true", "", "1.50", "EUR"],
        ["Loans", LANDING_PAGE, "true", "EE", "2.00", "EUR"],
    ]


@pytest.mark.parametrize("first", "=+-@")
def test_no_cell_is_a_formula(api: ApiClient, first: str) -> None:
    api.create(f"{first}cmd|' /C calc'!A0")
    assert rows(api)[0][0] == f"'{first}cmd|' /C calc'!A0"


def test_the_filters_and_the_order_of_the_list_apply(api: ApiClient) -> None:
    api.create("Loans", payouts=[payout("EE")], is_running=True)
    api.create("Cards", payouts=[payout("LV")])
    gone = api.create("Gone")
    api.delete(f"campaigns/{gone['id']}/")
    assert [row[0] for row in rows(api, country="EE")] == ["Loans"]
    assert [row[0] for row in rows(api, is_running="false")] == ["Cards"]
    assert [row[0] for row in rows(api, search="car")] == ["Cards"]
    assert [row[0] for row in rows(api, ordering="-title")] == ["Loans", "Cards"]
    assert [row[0] for row in rows(api, deleted="true")] == ["Gone"]


@pytest.mark.parametrize("query", [{"page": "1"}, {"country": "ZZ"}, {"contry": "EE"}])
def test_other_parameters_are_refused(api: ApiClient, query: dict[str, str]) -> None:
    answer = api.get("campaigns/export.csv", query)
    assert answer.code == "validation"
    assert [place[0] for place in answer.places] == [*query]


def test_headers_say_that_it_is_a_file_that_nobody_keeps(api: ApiClient) -> None:
    answer = api.get("campaigns/export.csv", Accept="text/csv")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="campaigns.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert api.get("campaigns/export.csv", Accept="application/json").code == "not_acceptable"


def test_it_is_counted_as_heavy(api: ApiClient, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"heavy": (1, 60)}
    assert api.get("campaigns/export.csv").status == 200
    assert api.get("campaigns/export.csv").code == "rate_limited"


def test_it_takes_one_query_however_many_there_are(api: ApiClient) -> None:
    imported(api, file_of(*many_lines(2_500)))
    with CaptureQueriesContext(connection) as context:
        assert len(rows(api)) == 2_500
    asked = [query["sql"] for query in context.captured_queries if "campaigns_" in query["sql"]]
    assert len([sql for sql in asked if sql.startswith(("SELECT", "DECLARE"))]) <= 2


def test_cards_of_an_old_form_come_out_right(api: ApiClient) -> None:
    api.create("Loans", payouts=[payout("EE", "2")])
    Campaign.objects.update(rendered_form="old", rendered_payouts="[]")
    assert rows(api) == [["Loans", LANDING_PAGE, "false", "EE", "2.00", "EUR"]]
