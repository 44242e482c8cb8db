"""Errors are pages for people in the console, parts of one for htmx, problems for programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import OperationalError

from accounts.console import profile
from tests.fixtures.console import HTMX, ConsoleClient, console_client

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

NUMBER = {"X-Request-ID": "request-of-this-test"}


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the profile fail with an exception."""

    def fail_with(error: Exception) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(profile, "_sessions", fail)

    return fail_with


def ways(ada: ConsoleClient, fault: Any, settings: Settings, status: int) -> tuple[str, str, Any]:
    """Return the method, the path and the fields of a request that is answered so."""
    if status == 429:
        settings.RATE_LIMITS = settings.RATE_LIMITS | {"read": (1, 3600)}
        assert ada.get("/profile/").status_code == 200
    elif status == 500:
        fault(RuntimeError("canary of the exception"))
    elif status == 503:
        fault(OperationalError("canary of the exception"))
    return {
        400: ("get", "/profile/?x=%00", None),
        403: ("post", "/profile/details/", {}),
        404: ("get", "/profile/nowhere/", None),
        405: ("get", "/sign-out/", None),
        413: ("post", "/profile/details/", {"display_name": "x" * (1024 * 1024 + 1)}),
    }.get(status, ("get", "/profile/", None))


STATUSES = {
    400: "That could not be understood",
    403: "This form has expired",
    404: "There is nothing here",
    405: "That does not work here",
    413: "That is too large",
    429: "Too many requests",
    500: "Something broke on our side",
    503: "Temporarily unavailable",
}


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_says_what_happened_and_what_to_do(
    ada: ConsoleClient, fault: Any, settings: Settings, status: int
) -> None:
    method, path, fields = ways(ada, fault, settings, status)
    answer = getattr(ada, method)(path, fields, headers=NUMBER)
    page = answer.content.decode()
    assert answer.status_code == status
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert f"<h1>{STATUSES[status]}</h1>" in page
    assert "console/console.css" in page
    assert f"Error {status}" in page
    text = re.search(r"</h1>\s*<p>(.+?)</p>", page, re.DOTALL)
    assert text
    assert len(re.findall(r"[.]( |$)", text[1])) >= 2, "what happened, and what to do"
    assert 'href="/"' in page
    assert "`" not in page
    assert "canary" not in page
    assert (NUMBER["X-Request-ID"] in page) == (status >= 500)
    assert answer["Cache-Control"] == "no-store"
    assert ("Retry-After" in answer) == (status in {429, 503})


@pytest.mark.parametrize("status", STATUSES)
def test_htmx_gets_the_part_that_belongs_among_the_alerts(
    ada: ConsoleClient, fault: Any, settings: Settings, status: int
) -> None:
    method, path, fields = ways(ada, fault, settings, status)
    answer = getattr(ada, method)(path, fields, headers={**HTMX, **NUMBER})
    page = answer.content.decode()
    assert answer.status_code == status
    assert page.startswith('<p class="alert">')
    assert STATUSES[status] in page
    assert "<html" not in page
    assert (NUMBER["X-Request-ID"] in page) == (status >= 500)


@pytest.mark.parametrize("status", sorted(set(STATUSES) - {413}))
def test_who_prefers_json_gets_a_problem(
    ada: ConsoleClient, fault: Any, settings: Settings, status: int
) -> None:
    method, path, fields = ways(ada, fault, settings, status)
    answer = getattr(ada, method)(path, fields, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_the_api_has_problems_whatever_a_browser_accepts(api: ApiClient) -> None:
    for path in ("/api/v1/campaigns/99/", "/api/nowhere", "/api/v1/campaigns/?x=%00"):
        answer = api.get(path, Accept="text/html", HX_Request="true")
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_page_says_how_long_to_wait_as_people_say_it(
    ada: ConsoleClient, settings: Settings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"read": (1, 86_400)}
    _, refused = (ada.get("/profile/") for _ in range(2))
    hours = -(-int(refused["Retry-After"]) // 3_600)
    assert f"Try again in about {hours} hours." in refused.content.decode()


def test_an_error_page_keeps_the_bar_of_who_is_signed_in(api: ApiClient) -> None:
    ada = console_client("ada@example.com")
    page = ada.send("/profile/keys/0/revoke/").content.decode()
    assert 'href="/campaigns/"' in page
    assert "Ada" in page


@pytest.mark.parametrize("path", ["/theme/", "/problems/", "/reset/MQ/none/"])
def test_a_wrong_method_is_a_page_everywhere(db: None, path: str) -> None:
    browser = ConsoleClient()
    answer = browser.generic("DELETE", path, headers={"X-CSRFToken": browser.token()})
    assert answer.status_code == 405
    assert answer["Allow"]
    assert "That does not work here" in answer.content.decode()
