"""What the use cases may rely on, asked of repositories and fakes alike, locks aside."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest

from accounts.exceptions import EmailTaken
from accounts.models import ApiKey, Session
from accounts.rules import HONEST_RACE, Patience
from core.exceptions import NotFound
from tests.factories.accounts import AccountFactory
from tests.fixtures.memory import START
from tests.integration.accounts.stores import Stores, fake_stores, real_stores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from accounts.models import Account
    from accounts.rules import Standing

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
UNUSED = 987_654_321


@pytest.fixture(
    params=[
        pytest.param(fake_stores, id="fake"),
        pytest.param(real_stores, id="real", marks=pytest.mark.django_db),
    ]
)
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.param()
    return made


class TestAccounts:
    def test_an_added_one_is_stored_and_found_whatever_the_case(self, stores: Stores) -> None:
        account = AccountFactory.build(email="ada@example.com", display_name="Ada")
        with stores.atomic():
            stores.accounts.add(account)
        for email in ("ada@example.com", "ADA@Example.com"):
            found = stores.accounts.find_by_email(email)
            assert found is not None
            assert (found.pk, found.display_name) == (account.pk, "Ada")
            assert (found.password, found.is_active) == (account.password, True)
        assert stores.account(account.pk).email == "ada@example.com"

    @pytest.mark.parametrize("email", ["nobody@example.com", ""])
    def test_an_unknown_address_finds_nobody(self, stores: Stores, email: str) -> None:
        assert stores.accounts.find_by_email(email) is None

    @pytest.mark.parametrize("change", [str, str.upper])
    def test_an_address_is_taken_once(self, stores: Stores, change: type[str]) -> None:
        again = AccountFactory.build(email=change(stores.owner.email))
        with pytest.raises(EmailTaken), stores.atomic():
            stores.accounts.add(again)

    def test_returns_one_to_change(self, stores: Stores) -> None:
        with stores.atomic():
            found = stores.accounts.get_for_update(account_id=stores.owner.pk)
        assert (found.pk, found.email) == (stores.owner.pk, stores.owner.email)

    def test_an_unused_id_is_not_there(self, stores: Stores) -> None:
        with pytest.raises(NotFound), stores.atomic():
            stores.accounts.get_for_update(account_id=UNUSED)

    def test_finds_one_by_its_id(self, stores: Stores) -> None:
        found = stores.accounts.find(account_id=stores.owner.pk)
        assert found is not None
        assert (found.pk, found.email) == (stores.owner.pk, stores.owner.email)
        assert stores.accounts.find(account_id=UNUSED) is None

    def test_saves_the_fields_that_are_named_and_no_others(self, stores: Stores) -> None:
        email = stores.owner.email
        stores.owner.display_name, stores.owner.email = "Ada", "other@example.com"
        stores.owner.is_active = False
        with stores.atomic():
            stores.accounts.save(stores.owner, fields=["display_name", "is_active"])
        found = stores.account(stores.owner.pk)
        assert (found.display_name, found.is_active, found.email) == ("Ada", False, email)
        assert stores.account(stores.other.pk).is_active


def started(stores: Stores, account: Account | None = None, *, digest: str = "first") -> Session:
    """Store a session that lives for a week."""
    session = Session(
        account=account or stores.owner,
        token_digest=digest,
        device="laptop",
        created_at=START,
        last_refreshed_at=START,
        expires_at=START + WEEK,
    )
    with stores.atomic():
        stores.sessions.add(session)
    return session


def rotated(stores: Stores, session: Session, spent: str, fresh: str, *, at: datetime) -> bool:
    with stores.atomic():
        return stores.sessions.rotate(
            session_id=session.pk, spent=spent, fresh=fresh, at=at, expires_at=at + WEEK
        )


class TestSessions:
    def test_an_added_one_is_stored_and_found(self, stores: Stores) -> None:
        session = started(stores)
        found = stores.sessions.find(session_id=session.pk)
        assert found is not None
        for one in (found, stores.session(session.pk)):
            assert (one.pk, one.account_id) == (session.pk, stores.owner.pk)
            assert (one.token_digest, one.device, one.ended_at) == ("first", "laptop", None)
            assert (one.created_at, one.last_refreshed_at) == (START, START)
            assert one.expires_at == START + WEEK

    def test_an_unused_id_finds_nothing(self, stores: Stores) -> None:
        assert stores.sessions.find(session_id=uuid.uuid4()) is None

    def test_one_that_ended_is_found_too(self, stores: Stores) -> None:
        session = started(stores)
        stores.sessions.end(account_id=stores.owner.pk, session_id=session.pk, at=START)
        found = stores.sessions.find(session_id=session.pk)
        assert found is not None
        assert found.ended_at == START

    def test_rotating_stores_the_fresh_token_and_prolongs(self, stores: Stores) -> None:
        session, neighbour = started(stores), started(stores)
        at = START + SECOND
        assert rotated(stores, session, "first", "second", at=at)
        found = stores.session(session.pk)
        assert (found.token_digest, found.last_refreshed_at) == ("second", at)
        assert (found.expires_at, found.created_at) == (at + WEEK, START)
        assert stores.session(neighbour.pk).token_digest == "first"

    def test_a_token_rotates_once(self, stores: Stores) -> None:
        session = started(stores)
        assert rotated(stores, session, "first", "second", at=START)
        assert not rotated(stores, session, "first", "third", at=START)
        assert rotated(stores, session, "second", "fourth", at=START)
        assert stores.session(session.pk).token_digest == "fourth"

    def test_another_sessions_token_rotates_nothing(self, stores: Stores) -> None:
        session = started(stores)
        started(stores, digest="others")
        assert not rotated(stores, session, "others", "second", at=START)
        assert stores.session(session.pk).token_digest == "first"

    def test_an_ended_or_expired_one_rotates_nothing(self, stores: Stores) -> None:
        ended, expired = started(stores), started(stores)
        stores.sessions.end(account_id=stores.owner.pk, session_id=ended.pk, at=START)
        assert not rotated(stores, ended, "first", "second", at=START + SECOND)
        assert not rotated(stores, expired, "first", "second", at=START + WEEK)
        assert stores.session(expired.pk).token_digest == "first"

    @pytest.mark.parametrize(
        ("later", "expected"),
        [(timedelta(0), True), (HONEST_RACE, True), (HONEST_RACE + SECOND, False)],
    )
    def test_a_spent_token_is_known_for_a_while(
        self, stores: Stores, *, later: timedelta, expected: bool
    ) -> None:
        session, neighbour = started(stores), started(stores)
        rotated(stores, session, "first", "second", at=START)
        since = START + later - HONEST_RACE

        def knows(one: Session, digest: str) -> bool:
            return stores.sessions.was_rotated_since(session_id=one.pk, digest=digest, since=since)

        assert knows(session, "first") is expected
        assert not knows(session, "second")
        assert not knows(neighbour, "first")

    def test_rotating_forgets_tokens_that_were_spent_long_ago(self, stores: Stores) -> None:
        session = started(stores)
        at = START
        for spent, fresh in [("first", "second"), ("second", "third"), ("third", "fourth")]:
            rotated(stores, session, spent, fresh, at=at)
            at += HONEST_RACE
        known = [
            stores.sessions.was_rotated_since(session_id=session.pk, digest=digest, since=START)
            for digest in ("first", "second", "third")
        ]
        assert known == [False, True, True]

    def test_ends_once(self, stores: Stores) -> None:
        session, neighbour = started(stores), started(stores)
        ended = [
            stores.sessions.end(
                account_id=stores.owner.pk, session_id=session.pk, at=START + second * SECOND
            )
            for second in range(2)
        ]
        assert ended == [True, False]
        assert stores.session(session.pk).ended_at == START
        assert stores.session(neighbour.pk).ended_at is None

    def test_somebody_elses_expired_or_unused_ones_do_not_end(self, stores: Stores) -> None:
        session = started(stores)
        for account, session_id, at in [
            (stores.other, session.pk, START),
            (stores.owner, session.pk, START + WEEK),
            (stores.owner, uuid.uuid4(), START),
        ]:
            assert not stores.sessions.end(account_id=account.pk, session_id=session_id, at=at)
        assert stores.session(session.pk).ended_at is None

    @pytest.mark.parametrize(("spare", "expected"), [(False, 2), (True, 1)])
    def test_all_of_an_account_end_but_one(
        self, stores: Stores, *, spare: bool, expected: int
    ) -> None:
        sessions = [started(stores), started(stores)]
        foreign = started(stores, stores.other)
        ended_before = started(stores)
        stores.sessions.end(account_id=stores.owner.pk, session_id=ended_before.pk, at=START)
        at = START + SECOND
        ended = stores.sessions.end_all(
            account_id=stores.owner.pk, at=at, but=sessions[0].pk if spare else None
        )
        assert ended == expected
        assert ended_at(stores, sessions) == [None if spare else at, at]
        assert ended_at(stores, [foreign, ended_before]) == [None, START]


def ended_at(stores: Stores, sessions: Sequence[Session]) -> list[datetime | None]:
    return [stores.session(session.pk).ended_at for session in sessions]


MINUTE = timedelta(minutes=1)
PATIENCE = Patience(locks={2: MINUTE, 3: 2 * MINUTE}, forgotten_after=5 * MINUTE)


class TestAttempts:
    where: ClassVar = {"purpose": "sign-in", "address": "ada@example.com", "network": "192.0.2.1"}

    def count(
        self, stores: Stores, at: datetime = START, *, other: dict[str, str] | None = None
    ) -> datetime | None:
        return stores.attempts.count(**self.where | (other or {}), patience=PATIENCE, at=at)

    def standing(self, stores: Stores, since: datetime = START, **where: str) -> Standing:
        return stores.attempts.standing(**self.where | where, known_since=since)

    def test_are_refused_while_locked_and_not_counted_then(self, stores: Stores) -> None:
        assert [self.count(stores) for _ in range(4)] == [None, None, *[START + MINUTE] * 2]
        assert self.count(stores, START + MINUTE - SECOND) == START + MINUTE
        assert self.count(stores, START + MINUTE) is None
        assert self.count(stores, START + MINUTE) == START + 3 * MINUTE

    def test_further_ones_are_locked_as_long_as_the_last(self, stores: Stores) -> None:
        at = START
        for minutes in (0, 1, 2, 2, 2):
            assert self.count(stores, at) is None
            if minutes:
                assert self.count(stores, at) == at + minutes * MINUTE
            at += minutes * MINUTE

    def test_are_forgotten_a_while_after_the_last(self, stores: Stores) -> None:
        assert self.count(stores) is None
        assert self.count(stores, START + 5 * MINUTE) is None
        assert self.count(stores, START + 10 * MINUTE - SECOND) is None
        assert self.count(stores, START + 10 * MINUTE - SECOND) is not None

    @pytest.mark.parametrize(
        "other", [{"purpose": "mail"}, {"address": "bob@example.com"}, {"network": ""}], ids=str
    )
    def test_count_apart(self, stores: Stores, other: dict[str, str]) -> None:
        for _ in range(2):
            self.count(stores)
        assert self.count(stores) is not None
        assert self.count(stores, other=other) is None

    def test_success_forgets_and_is_remembered(self, stores: Stores) -> None:
        assert not self.standing(stores).is_known
        for _ in range(2):
            self.count(stores)
        assert not self.standing(stores).is_known
        stores.attempts.note_success(**self.where, at=START)
        assert [self.count(stores) for _ in range(3)] == [None, None, START + MINUTE]
        assert self.standing(stores).is_known
        assert not self.standing(stores, START + SECOND).is_known
        assert not self.standing(stores, network="192.0.2.2").is_known

    def test_success_needs_no_attempt(self, stores: Stores) -> None:
        stores.attempts.note_success(**self.where, at=START)
        stores.attempts.note_success(**self.where, at=START + SECOND)
        assert self.standing(stores, START + SECOND).is_known

    def test_one_is_taken_back(self, stores: Stores) -> None:
        for _ in range(2):
            self.count(stores)
        stores.attempts.take_back(**self.where)
        assert self.count(stores) is None
        assert self.count(stores) == START + MINUTE

    def test_no_more_is_taken_back_than_was_counted(self, stores: Stores) -> None:
        stores.attempts.take_back(**self.where)
        self.count(stores)
        for _ in range(3):
            stores.attempts.take_back(**self.where)
        assert [self.count(stores) for _ in range(3)] == [None, None, START + MINUTE]

    def test_strangers_wait_for_what_was_counted_everywhere(self, stores: Stores) -> None:
        assert self.standing(stores).strangers_wait_until is None
        for _ in range(2):
            self.count(stores, other={"network": ""})
        assert self.standing(stores).strangers_wait_until == START + MINUTE

    def test_purging_leaves_what_matters(self, stores: Stores) -> None:
        self.count(stores)
        self.count(stores, START + MINUTE, other={"address": "bob@example.com"})
        stores.attempts.note_success(**self.where | {"network": "192.0.2.9"}, at=START)
        at = START + 5 * MINUTE + SECOND
        purge = stores.attempts.purge
        assert [purge(at=at, known_since=START) for _ in range(2)] == [1, 0]
        assert self.standing(stores, network="192.0.2.9").is_known
        assert purge(at=at + MINUTE, known_since=START + SECOND) == 2


class TestKeys:
    def added(self, stores: Stores, digest: str = "digest") -> ApiKey:
        key = ApiKey(
            account_id=stores.owner.pk,
            name="Importer",
            scope="read",
            digest=digest,
            hint="rck_",
            created_at=START,
        )
        with stores.atomic():
            stores.keys.add(key)
        return key

    def test_an_added_one_is_stored(self, stores: Stores) -> None:
        found = stores.key(self.added(stores).pk)
        assert (found.account_id, found.name, found.scope) == (stores.owner.pk, "Importer", "read")
        assert (found.digest, found.hint, found.created_at) == ("digest", "rck_", START)
        assert (found.last_used_at, found.revoked_at) == (None, None)

    def test_a_revoked_one_is_stored_and_not_there_any_more(self, stores: Stores) -> None:
        key, neighbour = self.added(stores), self.added(stores, "neighbour")
        with stores.atomic():
            found = stores.keys.get_for_update(account_id=stores.owner.pk, key_id=key.pk)
            found.revoked_at, found.name = START, "Renamed"
            stores.keys.save(found)
        assert (stores.key(key.pk).revoked_at, stores.key(key.pk).name) == (START, "Importer")
        assert stores.key(neighbour.pk).revoked_at is None
        with pytest.raises(NotFound), stores.atomic():
            stores.keys.get_for_update(account_id=stores.owner.pk, key_id=key.pk)

    def test_somebody_elses_is_as_little_there_as_an_unused_id(self, stores: Stores) -> None:
        key = self.added(stores)
        for account_id, key_id in [(stores.other.pk, key.pk), (stores.owner.pk, UNUSED)]:
            with pytest.raises(NotFound), stores.atomic():
                stores.keys.get_for_update(account_id=account_id, key_id=key_id)
