"""Each limit that the OpenAPI document states is enforced, and each value has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from core.api.input import MOST_VIOLATIONS
from core.api.parsers import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

DOCUMENT: Any = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # untyped
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
# A pattern, a format and a few words bound a value as well as a length does.
BOUNDS = {"maxLength", "maxItems", "maximum", "enum", "pattern"}
Value = tuple[str, str, tuple[str, ...], Any]


def _resolved(schema: Any) -> Any:
    if "$ref" in schema:
        return SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return _resolved(schema["allOf"][0]) if "allOf" in schema else schema


def _values(schema: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    schema = _resolved(schema)
    if path:
        yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from _values(inner, (*path, name))
    if "items" in schema:
        yield from _values(schema["items"], (*path, "0"))


def _body_values() -> Iterator[Value]:
    for method, path, operation in OPERATIONS:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for where, schema in _values(content["schema"]):
                yield method, path, where, schema


def _query_values() -> Iterator[Value]:
    for method, path, operation in OPERATIONS:
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                yield method, path, (parameter["name"],), _resolved(parameter["schema"])


def _stated(values: Iterator[Value], limit: str) -> list[Any]:
    return [
        pytest.param(method, path, where, schema[limit], id=f"{method} {path} {'/'.join(where)}")
        for method, path, where, schema in values
        if limit in schema
    ]


def test_every_text_and_list_of_a_request_is_bounded() -> None:
    unbounded = [
        (method, path, where)
        for method, path, where, schema in [*_body_values(), *_query_values()]
        if not BOUNDS & set(schema)
        and schema.get("type") not in {"boolean", "object"}
        and not all(BOUNDS & set(choice) for choice in schema.get("oneOf", [{}]))
    ]
    assert unbounded == []


@pytest.mark.parametrize(
    ("method", "path", "where", "longest"), _stated(_body_values(), "maxLength")
)
def test_a_text_longer_than_it_may_be_is_refused(
    api: ApiClient, method: str, path: str, where: tuple[str, ...], longest: int
) -> None:
    answer = api.send(method, _filled(path), _nested(where, "a" * (longest + 1)))
    assert answer.status == 400
    assert f"/{'/'.join(where)}" in {place for place, _ in answer.places}


@pytest.mark.parametrize(("method", "path", "where", "most"), _stated(_body_values(), "maxItems"))
def test_a_list_longer_than_it_may_be_is_refused(
    api: ApiClient, method: str, path: str, where: tuple[str, ...], most: int
) -> None:
    answer = api.send(method, _filled(path), _nested(where, [{}] * (most + 1)))
    assert answer.status == 400
    assert (f"/{'/'.join(where)}", "max_length") in answer.places


@pytest.mark.parametrize(
    ("method", "path", "where", "longest"), _stated(_query_values(), "maxLength")
)
def test_a_parameter_longer_than_it_may_be_is_refused(
    api: ApiClient, method: str, path: str, where: tuple[str, ...], longest: int
) -> None:
    answer = api.send(method, _filled(path), query={where[0]: "a" * (longest + 1)})
    assert answer.status == 400
    assert where[0] in {place for place, _ in answer.places}


def test_what_holds_for_every_body_is_stated_and_enforced(api: ApiClient) -> None:
    text = DOCUMENT["info"]["description"]
    assert f"at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024} MiB" in text
    assert f"at most {DEEPEST} levels" in text
    assert f"at most {MOST_VIOLATIONS} wrong values" in text
    deep = "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)
    large = json.dumps(" " * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    for method, path, operation in OPERATIONS:
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            assert api.send(method, _filled(path), deep).code == "malformed_json"
            assert api.send(method, _filled(path), large).code == "body_too_large"


def _filled(path: str) -> str:
    for name in ("campaign_id", "payout_id", "key_id"):
        path = path.replace(f"{{{name}}}", "1")
    return path


def _nested(where: tuple[str, ...], value: Any) -> Any:
    for step in reversed(where):
        value = [value] if step == "0" else {step: value}
    return value
