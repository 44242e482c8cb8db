"""In development, too many queries and slow ones are said loudly; values are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.http import HttpResponse

from core.metrics import queries
from core.metrics.middleware import MetricsMiddleware
from core.metrics.queries import MOST_OF_A_KIND, shape_of
from tests.fixtures.logs import captured_logs

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import RequestFactory


pytestmark = pytest.mark.django_db

CANARY = "canary7f3a"


def ask(rf: RequestFactory, *, times: int) -> list[dict[str, object]]:
    """Send a request that sends statements, each with a value of its own."""

    def view(_request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            for number in range(times):
                cursor.execute(f"SELECT '{CANARY}{number}', %s", [f"{CANARY}{number}"])
        return HttpResponse()

    with captured_logs() as logged:
        MetricsMiddleware(view)(rf.get("/"))
    assert CANARY not in logged.text
    assert not connection.execute_wrappers
    return logged.lines


def test_the_same_statement_again_and_again_is_a_warning(rf: RequestFactory, settings: Any) -> None:
    settings.DEBUG = True
    assert ask(rf, times=MOST_OF_A_KIND) == []
    [line] = ask(rf, times=MOST_OF_A_KIND + 1)
    assert line["event"] == "repeated_query"
    assert (line["level"], line["times"]) == ("warning", MOST_OF_A_KIND + 1)
    assert line["statement"] == "SELECT ..."


def test_a_slow_statement_is_a_warning(
    rf: RequestFactory, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(queries, "SLOW_SECONDS", 0)
    [line] = ask(rf, times=1)
    assert (line["event"], line["level"]) == ("slow_query", "warning")
    assert line["statement"] == "SELECT ..."


def test_elsewhere_nobody_looks(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SLOW_SECONDS", 0)
    assert ask(rf, times=MOST_OF_A_KIND + 1) == []


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        (
            "SELECT *\n  FROM t1 WHERE a = 'it''s' AND b = -1.5",
            "SELECT * FROM t1 WHERE a = ? AND b = ?",
        ),
        ("x IN (%s, %s, %s)", "x IN (...)"),
        ("x IN (%s, %s)", "x IN (...)"),
        ("x IN (1, 2, 3)", "x IN (...)"),
        ('SELECT "t"."id" LIMIT 21', 'SELECT "t"."id" LIMIT ?'),
    ],
)
def test_a_shape_has_no_values(sql: str, shape: str) -> None:
    assert shape_of(sql) == shape
