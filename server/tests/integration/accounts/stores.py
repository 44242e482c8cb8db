"""The two places where accounts are kept, behind one face, so that one suite can ask both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from accounts.models import Account, ApiKey, Session
from accounts.repositories import (
    AccountRepository,
    AttemptRepository,
    KeyRepository,
    SessionRepository,
)
from tests.factories.accounts import AccountFactory
from tests.fixtures.account_stores import FakeAccounts, FakeAttempts, FakeKeys, FakeSessions
from tests.fixtures.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from uuid import UUID

    from core.events import Atomic


@dataclass(frozen=True, kw_only=True)
class Stores:
    """The stores with two accounts in them, and a look at what is really in there."""

    accounts: AccountRepository | FakeAccounts
    sessions: SessionRepository | FakeSessions
    keys: KeyRepository | FakeKeys
    attempts: AttemptRepository | FakeAttempts
    atomic: Atomic
    owner: Account
    other: Account
    account: Callable[[int], Account]
    session: Callable[[UUID], Session]
    key: Callable[[int], ApiKey]


def fake_stores() -> Stores:
    """Return the fakes."""
    memory = Memory()
    accounts, sessions, keys = FakeAccounts(memory), FakeSessions(memory), FakeKeys(memory)
    owner, other = AccountFactory.build_batch(2)
    for account in (owner, other):
        accounts.add(account)

    def session(session_id: UUID) -> Session:
        found = sessions.find(session_id=session_id)
        assert found is not None
        return found

    return Stores(
        accounts=accounts,
        sessions=sessions,
        keys=keys,
        attempts=FakeAttempts(memory),
        atomic=memory.atomic,
        owner=owner,
        other=other,
        account=accounts.stored,
        session=session,
        key=keys.stored,
    )


def real_stores() -> Stores:
    """Return the repositories, on a database."""

    def atomic() -> AbstractContextManager[None]:
        return transaction.atomic()

    def read(model: type[Any]) -> Callable[[Any], Any]:
        return lambda key: model.objects.get(pk=key)

    owner, other = AccountFactory.create_batch(2)
    return Stores(
        accounts=AccountRepository(),
        sessions=SessionRepository(),
        keys=KeyRepository(),
        attempts=AttemptRepository(),
        atomic=atomic,
        owner=owner,
        other=other,
        account=read(Account),
        session=read(Session),
        key=read(ApiKey),
    )
