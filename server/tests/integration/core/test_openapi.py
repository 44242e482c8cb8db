"""The OpenAPI document: valid, complete, and honest about errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from drf_spectacular.validation import validate_schema

from core.problems import PROBLEMS
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.routes import api_operations

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

COPY = Path(__file__).resolve().parents[4] / "docs" / "openapi.yaml"
PUBLIC = {
    *("auth_signup", "auth_signin", "auth_refresh", "auth_password_reset"),
    *("auth_password_reset_confirm", "countries_list", "currencies_list"),
}
# The document and the two pages that show it are no operations of it.
ABOUT_ITSELF = {("GET", f"/api/v1/{name}/") for name in ("schema", "docs", "redoc")}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Read the document as a client would; making it takes a second and no query."""
    answer = ApiClient().get("schema/", Accept="application/vnd.oai.openapi+json")
    assert answer.status == 200
    read: dict[str, Any] = answer.json
    return read


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    validate_schema(document)  # type: ignore[no-untyped-call]  # drf-spectacular has no types


def test_it_has_every_route(document: dict[str, Any]) -> None:
    described = {(method, path) for method, path, _ in _operations(document)}
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route))
        for method, route in api_operations() - ABOUT_ITSELF
    }
    assert described == routes


def test_every_operation_has_a_name_of_its_own_and_a_summary(document: dict[str, Any]) -> None:
    operations = [operation for _, _, operation in _operations(document)]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]


def test_every_operation_documents_its_errors_as_problems(document: dict[str, Any]) -> None:
    for method, path, operation in _operations(document):
        errors = {
            int(status): response
            for status, response in operation["responses"].items()
            if int(status) >= 400
        }
        for response in errors.values():
            assert set(response["content"]) == {"application/problem+json"}
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}
        expected = {400, 406, 500, 503}
        expected |= {413, 415} if method != "GET" else set()
        expected |= {404} if "{" in path else set()
        expected |= set() if operation["operationId"] in PUBLIC else {401}
        assert expected <= set(errors), (method, path)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("auth_signup", {403, 409}),
        ("auth_signin", {401}),
        ("auth_refresh", {401}),
        ("campaigns_create", {409}),
        ("campaigns_replace", {409, 412}),
        ("campaigns_update", {409, 412}),
        ("campaigns_delete", {412}),
        ("campaigns_duplicate", {409}),
        ("campaigns_restore", {409}),
        ("payouts_create", {409, 412}),
        ("payouts_replace", {409, 412}),
        ("payouts_update", {409, 412}),
        ("payouts_delete", {409, 412}),
        ("campaigns_list", {404}),
    ],
)
def test_an_operation_documents_what_only_it_refuses(
    document: dict[str, Any], name: str, statuses: set[int]
) -> None:
    [operation] = [each for _, _, each in _operations(document) if each["operationId"] == name]
    assert {str(status) for status in statuses} <= set(operation["responses"])


def test_writes_of_campaigns_take_an_idempotency_key_and_no_other_operation(
    document: dict[str, Any],
) -> None:
    for method, path, operation in _operations(document):
        takes = method != "GET" and path.startswith("/api/v1/campaigns/")
        keys = [
            parameter
            for parameter in operation.get("parameters", [])
            if parameter["name"] == "Idempotency-Key"
        ]
        assert [(key["in"], key["schema"]["maxLength"]) for key in keys] == [
            ("header", 255)
        ] * takes
        assert ("422" in operation["responses"]) is takes
        answers = [response for status, response in operation["responses"].items() if status < "3"]
        assert all(("Idempotency-Replayed" in each.get("headers", {})) is takes for each in answers)


def test_the_codes_of_problems_are_all_there(document: dict[str, Any]) -> None:
    text = repr(document["components"]["schemas"])
    assert not [code for code in PROBLEMS if f"'{code}'" not in text]


def test_lists_are_described_as_pages(document: dict[str, Any]) -> None:
    paged = {
        operation["operationId"]: operation["responses"]["200"]["content"]["application/json"]
        for _, _, operation in _operations(document)
        if any(parameter["name"] == "page" for parameter in operation.get("parameters", []))
    }
    assert set(paged) == {
        *("auth_keys_list", "auth_sessions_list", "campaigns_list", "campaigns_history"),
        "payouts_list",
    }
    for content in paged.values():
        assert re.fullmatch(r"#/components/schemas/\w+Page", content["schema"]["$ref"])


def test_only_what_is_public_needs_no_credential(document: dict[str, Any]) -> None:
    open_ = {
        operation["operationId"]
        for _, _, operation in _operations(document)
        if not operation.get("security")
    }
    assert open_ == PUBLIC


def test_answers_have_the_members_that_are_described(
    document: dict[str, Any], api: ApiClient
) -> None:
    created = api.create(payouts=[payout(), payout("EE")])
    path = f"campaigns/{created['id']}/"
    schemas = document["components"]["schemas"]
    for name, answer in {
        "Campaign": created,
        "Payout": created["payouts"][0],
        "CampaignPage": api.get("campaigns/").json,
        "Event": api.get(f"{path}history/").json["results"][0],
        "Rate": api.get(f"{path}rate/", {"country": "EE"}).json,
        "Account": api.get("auth/profile/").json,
        "Session": api.get("auth/sessions/").json["results"][0],
        "NewKey": api.post("auth/keys/", {"name": "x", "scope": "read"}).json,
        "Country": api.get("countries/").json[0],
        "Currency": api.get("currencies/").json[0],
    }.items():
        assert set(schemas[name]["properties"]) == set(answer), name
        assert set(schemas[name].get("required", [])) <= set(answer), name


def test_the_copy_in_the_docs_is_this_document(document: dict[str, Any]) -> None:
    assert yaml.safe_load(COPY.read_text(encoding="utf-8")) == document


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation
