"""The logs: what is configured, and what is taken out."""

from __future__ import annotations

import logging

import pytest
import structlog

from core.logging import logging_config, without_stored_values
from tests.fixtures.logs import captured_logs

POSTGRESQL = """Traceback (most recent call last):
psycopg.errors.UniqueViolation: duplicate key value violates unique constraint "campaign_title"
DETAIL:  Key (account_id, title_key)=(7, secret plan) already exists.
CONTEXT:  something else"""
WHOLE_ROW = """Traceback (most recent call last):
psycopg.errors.CheckViolation: new row violates check constraint "campaign_url_scheme"
DETAIL:  Failing row contains (1, secret title, secret title
ftp://x.example/?token=secret-token, f, 0).

The above exception was the direct cause of the following exception:
django.db.utils.IntegrityError: new row violates check constraint "campaign_url_scheme"
DETAIL:  Failing row contains (1, secret title, secret title
ftp://x.example/?token=secret-token, f, 0)."""


def test_a_row_that_postgresql_quotes_is_taken_out_to_its_last_line() -> None:
    event = without_stored_values(logging.getLogger(), "error", {"exception": WHOLE_ROW})
    assert "secret" not in event["exception"]
    assert "The above exception was the direct cause" in event["exception"]
    assert "django.db.utils.IntegrityError" in event["exception"]


@pytest.mark.parametrize("key", ["exception", "event"])
def test_values_that_postgresql_quotes_are_taken_out(key: str) -> None:
    event = without_stored_values(logging.getLogger(), "error", {key: POSTGRESQL, "status": 500})
    assert "secret plan" not in str(event)
    assert 'unique constraint "campaign_title"' in event[key]
    assert "CONTEXT:  something else" in event[key]
    assert event["status"] == 500


def test_what_is_no_text_stays() -> None:
    event = without_stored_values(logging.getLogger(), "info", {"event": 7, "exception": None})
    assert event == {"event": 7, "exception": None}


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_everything_goes_to_one_handler(log_format: str) -> None:
    config = logging_config(level="WARNING", log_format=log_format)
    assert config["root"] == {"handlers": ["stderr"], "level": "WARNING"}
    assert list(config["handlers"]) == ["stderr"]
    assert all(not logger.get("handlers") for logger in config["loggers"].values())


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="'xml'; it is either 'json' or 'console'"):
        logging_config(level="INFO", log_format="xml")


@pytest.mark.parametrize("value", ["\ud800", 2**64, {1: "a"}, b"\xff", {2}])
def test_no_value_keeps_a_line_from_being_written(value: object) -> None:
    with captured_logs() as logged:
        structlog.get_logger("ratecard.tests").warning("odd", value=value, status=200)
    [line] = logged.lines
    assert (line["event"], line["status"]) == ("odd", 200)
    assert line["value"]
