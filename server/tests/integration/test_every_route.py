"""Every route has been thought about: who may use it, how often, its errors, its headers.

Each check returns what is forgotten. The last test shows that each would name a new route.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as configured
from drf_spectacular.generators import SchemaGenerator

from core.api.views import ApiViewSet
from core.headers import declared_kind
from core.problems import PROBLEMS
from tests.fixtures.access import PAGES, ROWS, Who, outcome
from tests.fixtures.routes import Operation, api_operations, operations, views

if TYPE_CHECKING:
    from pytest_django import Settings

# The document and the pages that show it: the middleware counts them as pages, and they are no
# operations of the document.
ABOUT_ITSELF = {("GET", f"/api/v1/{name}/") for name in ("schema", "docs", "redoc")}
EVERYWHERE = {"bad_request", "validation", "not_acceptable", "rate_limited"} | {
    *("internal_error", "unavailable"),
}
WITH_A_BODY = {"malformed_json", "body_too_large", "unsupported_media_type"}


def without_a_row() -> set[Operation]:
    """Return operations of which the access matrix says nothing."""
    elsewhere = {row for row in operations() - api_operations() if "/admin/" not in row[1]}
    return (api_operations() - set(ROWS)) | (elsewhere - set(PAGES))


def without_a_limit() -> set[Operation]:
    """Return operations of the API that name no limit of the settings."""
    found = views()
    return {
        operation for operation in api_operations() - ABOUT_ITSELF if not _counts(*found[operation])
    }


def _counts(view: Any, action: str) -> bool:
    is_resource = isinstance(view, type) and issubclass(view, ApiViewSet)
    return is_resource and view.limits.get(action) in configured.RATE_LIMITS


def without_documented_problems() -> set[Operation]:
    """Return operations that can answer a problem of which the OpenAPI document says nothing."""
    document: Any = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # untyped
    forgotten = set()
    for method, route in api_operations() - ABOUT_ITSELF:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)
        described = document["paths"].get(path, {}).get(method.lower(), {"responses": {}})
        if not _problems(method, route) <= _documented(described["responses"]):
            forgotten.add((method, route))
    return forgotten


def _problems(method: str, route: str) -> set[str]:
    refusals = set()
    if (method, route) in ROWS:
        refusals = {outcome((method, route), who)[1] for who in Who} - {""}
    return EVERYWHERE | refusals | (WITH_A_BODY if method != "GET" else set())


def _documented(responses: dict[str, Any]) -> set[str]:
    """Return the codes that are named, each under its own status and as a problem."""
    return {
        code
        for status, response in responses.items()
        for code in re.findall(r"`(\w+)`", response.get("description", ""))
        if code in PROBLEMS and PROBLEMS[code].status == int(status)
        if set(response["content"]) == {"application/problem+json"}
    }


def without_a_kind() -> set[Operation]:
    """Return operations for which the table of security headers has no kind."""
    return {operation for operation in operations() if declared_kind(operation[1]) is None}


CHECKS = {
    "access": without_a_row,
    "limit": without_a_limit,
    "problems": without_documented_problems,
    "headers": without_a_kind,
}


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_forgotten(check: str) -> None:
    assert CHECKS[check]() == set()


def test_a_limit_is_for_an_action_that_there_is() -> None:
    actions: dict[Any, set[str]] = {}
    for view, action in views().values():
        actions.setdefault(view, set()).add(action)
    for view, names in actions.items():
        assert set(getattr(view, "limits", ())) <= names, view


@pytest.mark.parametrize(
    ("check", "routes"),
    [
        ("access", {"/api/v1/forgotten/", "/api/v1/function/", "/overlooked/"}),
        ("limit", {"/api/v1/forgotten/", "/api/v1/function/"}),
        ("problems", {"/api/v1/function/"}),
        ("headers", {"/overlooked/"}),
    ],
)
def test_a_route_that_nobody_thought_of_is_named(
    settings: Settings, check: str, routes: set[str]
) -> None:
    settings.ROOT_URLCONF = "tests.fixtures.forgotten_urls"
    assert CHECKS[check]() == {("GET", route) for route in routes}
