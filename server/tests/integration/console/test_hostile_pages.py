"""What a hostile client sends to every page: each answer is a page, and none is our fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.headers import Kind, declared_kind
from tests.fixtures.console import fields_of
from tests.fixtures.console_access import ROWS, Who, outcome, path_of
from tests.fixtures.stored import stored
from tests.integration.console.test_access import undone

if TYPE_CHECKING:
    from tests.fixtures.routes import Operation
    from tests.integration.console.conftest import World

pytestmark = pytest.mark.django_db

VALUES = {
    "NUL": "x\0y",
    "line feed": "x\ny",
    "escape": "x\x1by",
    "right-to-left override": "x\u202ey",
    "tag": "x\U000e0041y",
    "10,000 characters": "x" * 10_000,
    "markup": "\"'><script>alert(1)</script>{{ 7|add:7 }}{% debug %}",
    "formula": "=1+1",
    "large number": "9" * 30,
    "negative number": "-1",
    "not a number": "NaN",
    "other digits": "\u0661",
    "nothing": "",
}
FORMS = sorted(operation for operation in ROWS if operation[0] == "POST")
READS = sorted(operation for operation in ROWS if operation[0] == "GET")
PARAMETERS = ("page", "search", "is_running", "country", "currency", "ordering", "next", "sent")
BODIES = {
    "no form": ("text/plain", b"x"),
    "JSON": ("application/json", b'{"a": 1}'),
    "multipart without a boundary": ("multipart/form-data", b"x"),
    "multipart that ends early": ("multipart/form-data; boundary=x", b"--x\r\nContent-"),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"name=\xff\xfe\x80"),
    "an unknown charset": ("application/x-www-form-urlencoded; charset=\xff", b"a=b"),
    "a charset of another kind": ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 2000)),
}


@pytest.mark.parametrize("operation", FORMS, ids=" ".join)
def test_no_value_of_a_form_is_our_fault(world: World, operation: Operation) -> None:
    fields = _filled(world, operation)
    path = path_of(operation).format(**world.ids)
    for name in (*fields, "next", "resume-email", "unexpected"):
        for what, value in VALUES.items():
            with undone():
                client = world.client(Who.OWNER)
                before = stored()
                answer = client.send(path, {**fields, name: value})
                page = answer.content.decode()
                assert answer.status_code < 500, (name, what)
                assert "<script>alert(1)" not in page, name
                assert "14" not in fields_of(page).get(name, ""), name
                if answer.status_code >= 400:
                    assert stored() == before, (name, what)
                if "Location" in answer:
                    assert answer["Location"].startswith("/"), (name, what)


@pytest.mark.parametrize("operation", FORMS, ids=" ".join)
def test_no_body_is_our_fault(world: World, operation: Operation) -> None:
    path = path_of(operation).format(**world.ids)
    for who in (Who.OWNER, Who.NOBODY):
        for what, (media_type, body) in BODIES.items():
            with undone():
                client = world.client(who)
                token = client.token()
                headers = {"X-CSRFToken": token}
                answer = client.generic("POST", path, body, media_type, headers=headers)
                assert answer.status_code < 500, (who, what)
                assert "application/problem" not in answer["Content-Type"], what


@pytest.mark.parametrize("operation", READS, ids=" ".join)
def test_no_query_is_our_fault(world: World, operation: Operation) -> None:
    client, path = world.client(Who.OWNER), path_of(operation).format(**world.ids)
    before = stored()
    for name in PARAMETERS:
        for what, value in VALUES.items():
            answer = client.get(path, {name: value})
            assert answer.status_code < 500, (name, what)
            assert "<script>alert(1)" not in answer.content.decode()
            if what == "NUL":
                assert answer.status_code == 400, name
    assert stored() == before


@pytest.mark.parametrize("operation", sorted(ROWS), ids=" ".join)
def test_no_header_makes_a_request_another(world: World, operation: Operation) -> None:
    method, _ = operation
    path = path_of(operation).format(**world.ids)
    others = {
        "X-HTTP-Method-Override": "DELETE" if method == "POST" else "POST",
        "X-Forwarded-Host": "evil.example",
        "X-Original-URL": "/admin/",
        "HX-Current-URL": "https://evil.example/",
        "HX-Boosted": "true",
        "Accept-Language": "x" * 5000,
        "User-Agent": "\x1b[31m\u202e" + "x" * 5000,
    }
    with undone():
        client = world.client(Who.OWNER)
        if method == "GET":
            before = stored()
            answer = client.get(path, headers=others)
            assert stored() == before
        else:
            answer = client.send(path, _filled(world, operation), headers=others)
        assert answer.status_code == outcome(operation, Who.OWNER)
        assert "evil.example" not in answer.content.decode() + repr(dict(answer.headers))


@pytest.mark.parametrize("number", ["0", "9" * 30, "\u0661", "1%00", "1.0", "-1", "1%2F..%2F2"])
def test_no_address_is_our_fault(world: World, number: str) -> None:
    client = world.client(Who.OWNER)
    for _, route in ROWS:
        if "<int:" in route and declared_kind(route) is Kind.CONSOLE:
            path = route.replace("<int:campaign_id>", number).replace("<int:key_id>", number)
            answer = client.get(path)
            assert answer.status_code in {200, 400, 404, 405}, path
            assert "text/html" in answer["Content-Type"]


def _filled(world: World, operation: Operation) -> dict[str, Any]:
    return {
        name: value.format(**world.ids)
        if isinstance(value, str)
        else [one.format(**world.ids) for one in value]
        for name, value in ROWS[operation].fields.items()
    }
