"""Every operation, whatever a request comes with: exact answers, and what is stored afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, Session
from accounts.tokens import Tokens
from core.caching.answers import memory
from tests.factories.accounts import AccountFactory
from tests.fixtures.access import NAMES, PAGES, ROWS, Access, Who, outcome, path_of
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.routes import Operation, api_operations, operations
from tests.fixtures.stored import stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = pytest.mark.django_db

# A form's token has a cookie beside it.
OPEN = ("/sign-in/", "/sign-up/", "/forgotten/", "/reset/")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Two accounts, one of everything that the first one owns, and tokens of every kind."""

    owner: ApiClient
    tokens: Mapping[Who, str]
    ids: Mapping[str, Any]


@pytest.fixture
def world(api: ApiClient, other: ApiClient) -> World:
    """Store one of everything for Ada, and collect what requests may come with."""
    card = [payout(), payout("EE", "7.77"), payout("LV", "7.77")]
    running = api.create("Secret", payouts=card, is_running=True)
    stopped = api.create("Secret, stopped", payouts=card)
    deleted = api.create("Secret, deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    keys = {
        name: api.post("auth/keys/", {"name": name, "scope": scope}).json
        for name, scope in (("reading", "read"), ("writing", "write"), ("revoked", "write"))
    }
    assert api.delete(f"auth/keys/{keys['revoked']['id']}/").status == 204
    second, ended = api.signed_in(), api.signed_in()
    assert ended.post("auth/signout/").status == 204
    imported = api.post("campaigns/import/", "title\n", Content_Type="text/csv")
    sessions = second.get("auth/sessions/").json["results"]
    live = Session.objects.filter(account_id=api.account_id, ended_at=None).earliest("created_at")
    return World(
        owner=api,
        tokens={
            Who.NOBODY: "",
            Who.OWNER: api.token,
            Who.OTHER: other.token,
            Who.STAFF: _superuser().token,
            Who.DISABLED: api.token,
            Who.DELETED: _deleted_token(),
            Who.EXPIRED: Tokens()
            .issue(
                account_id=api.account_id,
                session_id=live.pk,
                at=timezone.now() - timedelta(minutes=5, seconds=1),
            )
            .access,
            Who.REFRESH: api.refresh_token,
            Who.ENDED: ended.token,
            Who.READING_KEY: keys["reading"]["key"],
            Who.WRITING_KEY: keys["writing"]["key"],
            Who.REVOKED_KEY: keys["revoked"]["key"],
        },
        ids={
            "campaign": running["id"],
            "payout": running["payouts"][1]["id"],
            "stopped": stopped["id"],
            "deleted": deleted["id"],
            "import": imported.json["id"],
            "key": keys["reading"]["id"],
            "session": next(row["id"] for row in sessions if row["is_current"]),
            "refresh": other.refresh_token,
        },
    )


def _superuser() -> ApiClient:
    staff = ApiClient.signed_up("staff@example.com")
    Account.objects.filter(pk=staff.account_id).update(is_staff=True, is_superuser=True)
    return staff


def _deleted_token() -> str:
    """Sign an account in whose row is gone: it did nothing that history would keep it for."""
    account = AccountFactory.create(email="gone@example.com")
    now = timezone.now()
    session = Session.objects.create(
        account=account,
        token_digest="0" * 64,
        created_at=now,
        last_refreshed_at=now,
        expires_at=now + timedelta(days=7),
    )
    token = Tokens().issue(account_id=account.pk, session_id=session.pk, at=now).access
    assert ApiClient(token).get("auth/profile/").status == 200
    account.delete()
    return token


def test_every_operation_has_a_row() -> None:
    assert set(ROWS) == api_operations()
    elsewhere = {row for row in operations() - api_operations() if "/admin/" not in row[1]}
    assert set(PAGES) == elsewhere


@pytest.mark.parametrize("operation", sorted(ROWS), ids=" ".join)
def test_an_operation_answers_each_as_the_matrix_says(world: World, operation: Operation) -> None:
    method, _ = operation
    path = path_of(operation).format(**world.ids)
    body = _filled(ROWS[operation].body, world.ids)
    for who in Who:
        with _undone():
            if who is Who.DISABLED:
                Account.objects.filter(pk=world.owner.account_id).update(is_active=False)
            everything, hers = stored(), stored(of=world.owner.account_id)
            headers = {"Content-Type": ROWS[operation].content_type}
            answer = ApiClient(world.tokens[who]).send(method, path, body, headers=headers)
            status, code = outcome(operation, who)
            assert answer.status == status, (who, answer)
            if code:
                assert answer.code == code, who
            challenge = 'Bearer realm="ratecard"' if status == 401 else None
            assert answer.headers.get("WWW-Authenticate") == challenge, who
            if code or method == "GET":
                assert stored() == everything, who
            elif ROWS[operation].access is Access.PUBLIC or who in {Who.OTHER, Who.STAFF}:
                assert stored(of=world.owner.account_id) == hers, who
            else:
                assert stored(of=world.owner.account_id) != hers, who


@pytest.mark.parametrize("page", sorted(PAGES), ids=" ".join)
def test_a_page_is_the_same_for_everybody(world: World, page: Operation) -> None:
    path = page[1].replace("<slug:code>", "validation").replace("<str:uid>/<str:token>", "MQ/no")
    for parameter, name in NAMES.items():
        path = path.replace(parameter, str(world.ids[name.strip("{}")]))
    before = stored()
    for who in Who:
        answer = ApiClient(world.tokens[who]).send(page[0], path)
        assert answer.status == PAGES[page], who
        if not page[1].startswith(OPEN) and PAGES[page] != 403:
            assert "Set-Cookie" not in answer.headers
    assert stored() == before


@contextmanager
def _undone() -> Iterator[None]:
    """Undo what a block stores, and forget what was kept of it: versions are given again."""
    savepoint = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(savepoint)
        memory().clear()


def _filled(body: Any, ids: Mapping[str, Any]) -> Any:
    """Fill names into a body; one that is all of a value becomes what it stands for."""
    if isinstance(body, dict):
        return {name: _filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, ids) for value in body]
    if isinstance(body, str) and body[:1] == "{" and body[1:-1] in ids:
        return ids[body[1:-1]]
    return body
