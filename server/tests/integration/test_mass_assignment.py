"""Every field of every model, stuffed into every body: none is stored that no door takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from drf_spectacular.generators import SchemaGenerator

from tests.fixtures.access import ROWS, path_of
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.stored import stored

if TYPE_CHECKING:
    from tests.fixtures.routes import Operation

pytestmark = pytest.mark.django_db

DOCUMENT: Any = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]  # untyped
PLANTED = 987_654_321
BODIES = sorted(
    operation
    for operation, row in ROWS.items()
    if operation[0] in {"POST", "PUT", "PATCH"} and row.content_type == "application/json"
)
AT_ONCE = 90
"""Fields stuffed into a body at a time: an answer names a hundred wrong ones."""


def _fields() -> set[str]:
    """Return the names that any model of ours has for anything, and some that none has."""
    ours = [apps.get_app_config(label) for label in ("core", "accounts", "campaigns")]
    names = {"owner", "owner_id", "user", "user_id", "role", "roles", "admin", "__class__"}
    for model in (model for app in ours for model in app.get_models()):
        for field in model._meta.get_fields():
            names |= {field.name, getattr(field, "attname", field.name)}
    return names


def _taken(operation: Operation) -> set[str]:
    """Return the names that the document has for the fields of a body."""
    path = operation[1]
    for converter in ("int:", "uuid:"):
        path = path.replace(f"<{converter}", "<")
    described = DOCUMENT["paths"][path.replace("<", "{").replace(">", "}")]
    body = described[operation[0].lower()].get("requestBody")
    if body is None:
        return set()
    name = body["content"]["application/json"]["schema"].get("$ref", "").rpartition("/")[2]
    return set(DOCUMENT["components"]["schemas"].get(name, {}).get("properties", {}))


@pytest.fixture
def ids(api: ApiClient, other: ApiClient) -> dict[str, Any]:
    """Store one of everything for Ada."""
    campaign = api.create("Loans", payouts=[payout(), payout("EE")])
    stopped, deleted = api.create("Stopped"), api.create("Deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    return {
        "campaign": campaign["id"],
        "payout": campaign["payouts"][0]["id"],
        "stopped": stopped["id"],
        "deleted": deleted["id"],
        "refresh": other.refresh_token,
    }


@pytest.mark.parametrize("operation", BODIES, ids=" ".join)
def test_a_body_sets_only_what_it_is_said_to_set(
    api: ApiClient, ids: dict[str, Any], operation: Operation
) -> None:
    row, path = ROWS[operation], path_of(operation).format(**ids)
    body = _filled(row.body or {}, ids)
    stuffed = _fields() - _taken(operation)
    before = stored()
    places: dict[str, str] = {}
    for some in _parts(stuffed):
        refused = api.send(operation[0], path, body | dict.fromkeys(some, PLANTED))
        assert refused.status == 400
        places |= dict(refused.places)
    assert set(places.values()) == {"unknown_field"}
    assert stored() == before
    # What was passed over is what the answer of the same resource has; nothing of it is taken.
    ignored = stuffed - {place.removeprefix("/") for place in places}
    answer = api.send(operation[0], path, body | dict.fromkeys(ignored, PLANTED))
    assert answer.status == row.status, answer
    assert str(PLANTED) not in repr(stored())


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_payout_inside_a_campaign_sets_no_more_either(
    api: ApiClient, ids: dict[str, Any], method: str
) -> None:
    path = "campaigns/" if method == "POST" else f"campaigns/{ids['campaign']}/"
    body: dict[str, Any] = {"title": "New", "landing_page_url": "https://example.com/"}
    stuffed = dict.fromkeys(_fields() - {"country", "amount", "currency"}, PLANTED)
    named: set[str] = set()
    for some in _parts({*stuffed}):
        worse = payout() | dict.fromkeys(some, PLANTED)
        refused = api.send(method, path, body | {"payouts": [worse]})
        assert refused.status == 400
        named |= {place.rpartition("/")[2] for place, _ in refused.places}
    assert {"campaign", "campaign_id", "account_id", "is_staff"} <= named
    passed = {name: value for name, value in stuffed.items() if name not in named}
    answer = api.send(method, path, body | {"payouts": [payout() | passed]})
    assert answer.status in {200, 201}
    assert str(PLANTED) not in repr(stored())


def _parts(names: set[str]) -> list[list[str]]:
    ordered = sorted(names)
    return [ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE)]


def _filled(body: Any, ids: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value, ids) for name, value in body.items()}


def _value(value: Any, ids: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_value(item, ids) for item in value]
    if isinstance(value, str) and value[:1] == "{" and value[1:-1] in ids:
        return ids[value[1:-1]]
    return value
