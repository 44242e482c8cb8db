"""Every page of the console, whoever asks: exact statuses, and what is stored afterwards.

The rows are in ``tests/fixtures/console_access.py``, which says how a new page gets its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.urls import resolve

from core.caching.answers import memory
from core.headers import Kind, declared_kind
from tests.fixtures.console_access import ROWS, SIGNED_IN, Who, outcome, path_of
from tests.fixtures.routes import Operation, operations
from tests.fixtures.stored import stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.console.conftest import World

pytestmark = pytest.mark.django_db

POSTS = sorted(operation for operation in ROWS if operation[0] == "POST")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def console_operations() -> set[Operation]:
    """Return each method of each page of the console, as the URL configuration has them."""
    return {row for row in operations() if declared_kind(row[1]) is Kind.CONSOLE}


def test_every_page_has_a_row() -> None:
    assert set(ROWS) == console_operations()


@pytest.mark.parametrize("operation", sorted(ROWS), ids=" ".join)
def test_a_page_answers_each_as_the_matrix_says(world: World, operation: Operation) -> None:
    row = ROWS[operation]
    for who in Who:
        with undone():
            client = world.client(who)
            everything, hers = stored(), stored(of=world.owner.account_id)
            answer = _ask(world, client, operation)
            status = outcome(operation, who)
            assert answer.status_code == status, (who, answer.content.decode())
            is_refused = status >= 400 or (not row.public and who not in SIGNED_IN)
            if is_refused and status == 302:
                assert answer["Location"].startswith("/sign-in/"), who
            if is_refused:
                assert b"Secret" not in answer.content, who
            if is_refused or operation[0] == "GET":
                assert stored() == everything, who
            elif who is Who.OWNER and row.changes:
                assert stored(of=world.owner.account_id) != hers
            else:
                assert stored(of=world.owner.account_id) == hers, who
            assert answer["Cache-Control"] == "no-store"
            assert "RateLimit" in answer, who


@pytest.mark.parametrize("operation", POSTS, ids=" ".join)
def test_a_form_of_another_site_does_nothing(world: World, operation: Operation) -> None:
    for who in Who:
        with undone():
            client = world.client(who)
            client.token()  # there is a cookie, and the form knows nothing of it
            everything = stored()
            for fields in (_filled(world, operation), {"csrfmiddlewaretoken": "x" * 64}):
                answer = client.post(_path(world, operation), fields)
                assert answer.status_code == 403, who
                assert "form has expired" in answer.content.decode()
            assert stored() == everything, who


@pytest.mark.parametrize("route", sorted({route for _, route in ROWS}))
def test_a_page_is_asked_with_its_own_methods_only(world: World, route: str) -> None:
    operation = next(operation for operation in sorted(ROWS) if operation[1] == route)
    path = _path(world, operation)
    taken = {method for method, known in ROWS if known == route}
    taken |= {"HEAD"} if "GET" in taken else set()
    for who in (Who.OWNER, Who.NOBODY):
        client = world.client(who)
        token = client.token()
        before = stored()
        for method in (name for name in METHODS if name not in taken):
            answer = client.generic(method, path, headers={"X-CSRFToken": token})
            assert answer.status_code == 405, (who, method)
            assert set(answer["Allow"].split(", ")) == taken
        assert stored() == before
    view: Any = resolve(path.partition("?")[0]).func
    assert set(view.methods) == taken - {"HEAD"}


def _ask(world: World, client: Any, operation: Operation) -> Any:
    path = _path(world, operation)
    if operation[0] == "GET":
        return client.get(path)
    return client.send(path, _filled(world, operation))


def _path(world: World, operation: Operation) -> str:
    return path_of(operation).format(**world.ids)


def _filled(world: World, operation: Operation) -> dict[str, Any]:
    return {
        name: value.format(**world.ids)
        if isinstance(value, str)
        else [one.format(**world.ids) for one in value]
        for name, value in ROWS[operation].fields.items()
    }


@contextmanager
def undone() -> Iterator[None]:
    """Undo what a block stores, and forget what was kept of it: versions are given again."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)
        memory().clear()
