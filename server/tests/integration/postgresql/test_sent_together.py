"""Statements that are sent without waiting for each answer: what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import pq

from core.repositories import prepared_cursor, sent_together
from tests.fixtures.api import payload

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

START = "UPDATE campaigns_campaign SET is_running = %s WHERE id = %s"
TITLE = "UPDATE campaigns_campaign SET title_key = %s WHERE id = %s"


def status() -> pq.PipelineStatus:
    """Return whether this connection sends statements without waiting."""
    return pq.PipelineStatus(connection.connection.pgconn.pipeline_status)


def test_nothing_of_a_block_is_stored_if_one_statement_is_refused(api: ApiClient) -> None:
    first = api.post("campaigns/", payload("First")).json["id"]
    second = api.post("campaigns/", payload("Second")).json["id"]
    statements = [(START, [True, first]), (TITLE, ["first", second])]

    def write() -> None:
        with transaction.atomic(), sent_together():
            assert status() == pq.PipelineStatus.ON
            for statement, values in statements:
                with prepared_cursor() as cursor:
                    cursor.execute(statement, values)

    with pytest.raises(IntegrityError):
        write()
    assert api.get(f"campaigns/{first}/").json["is_running"] is False


def test_rows_are_there_when_the_block_has_ended(api: ApiClient) -> None:
    campaign = api.post("campaigns/", payload("First")).json["id"]
    with prepared_cursor() as cursor:
        with sent_together():
            assert status() == pq.PipelineStatus.ON
            cursor.execute("SELECT title FROM campaigns_campaign WHERE id = %s", [campaign])
        assert cursor.fetchall() == [("First",)]
    assert status() == pq.PipelineStatus.OFF
