"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from accounts.commands import EndOtherSessions, EndSession, SetActive, SignIn
from accounts.exceptions import InvalidCredentials, InvalidToken, TokenReused, TokenSpent
from accounts.rules import HONEST_RACE
from core.exceptions import NotFound
from tests.fixtures.account_stores import FakeAccounts
from tests.fixtures.fakes import COLLEAGUE, EMAIL, HOME, PASSWORD, AccountWorld

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Account
    from accounts.services import SignedIn
    from tests.fixtures.memory import Memory

WEEK = timedelta(days=7)
TICK = timedelta(microseconds=1)


def sign_in(world: AccountWorld, *, email: str = EMAIL, password: str = PASSWORD) -> SignedIn:
    command = SignIn(email=email, password=password, device="phone", network=HOME)
    return world.session_service.sign_in(command)


def session_of(world: AccountWorld, refresh: str) -> UUID:
    return world.tokens.issued[refresh].session_id


class TestSignIn:
    def test_starts_a_session_on_the_device(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        signed_in = sign_in(world)
        assert signed_in.account.pk == account.pk
        assert world.devices(account) == ["laptop", "phone"]
        session = world.sessions.find(session_id=session_of(world, signed_in.tokens.refresh))
        assert session is not None
        assert session.created_at == session.last_refreshed_at == world.clock.now
        assert session.expires_at == world.clock.now + WEEK
        assert session.token_digest == signed_in.tokens.refresh_digest
        assert session.account_id == account.pk

    def test_records_it_without_secrets(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        signed_in = sign_in(world)
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("session.started", account.pk)
        assert recorded.subject == ("account", account.pk)
        session = str(session_of(world, signed_in.tokens.refresh))
        assert (recorded.old, recorded.new) == (None, {"session": session})

    def test_refuses_everybody_else_alike(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        shut_out = world.signed_up("shut@example.com").account
        world.account_service.set_active(
            SetActive(account_id=shut_out.pk, actor_id=COLLEAGUE, is_active=False)
        )
        world.memory.history.clear()
        refusals = []
        for email, password in [
            ("nobody@example.com", PASSWORD),
            (EMAIL, "wrong"),
            ("shut@example.com", PASSWORD),
            ("shut@example.com", "wrong"),
        ]:
            with pytest.raises(InvalidCredentials) as refusal:
                sign_in(world, email=email, password=password)
            refusals.append(refusal.value.detail)
        assert len(set(refusals)) == 1
        assert world.devices(account) == ["laptop"]
        assert world.memory.history == []

    def test_compares_a_password_even_where_there_is_no_account(self, world: AccountWorld) -> None:
        with pytest.raises(InvalidCredentials):
            sign_in(world)
        assert world.passwords.compared == [None]

    @pytest.mark.parametrize("change", [{"password": "hash of another"}, {"is_active": False}])
    def test_does_not_rest_on_what_was_true_a_moment_ago(
        self, world: AccountWorld, change: dict[str, object]
    ) -> None:
        account = world.signed_up().account
        world.accounts = Changing(world.memory, change)
        with pytest.raises(InvalidCredentials):
            sign_in(world)
        assert world.devices(account) == ["laptop"]


class Changing(FakeAccounts):
    """A store in which somebody changes the account in the moment before we lock it."""

    def __init__(self, memory: Memory, change: dict[str, object]) -> None:
        super().__init__(memory)
        self.change = change

    def get_for_update(self, *, account_id: int) -> Account:
        self.memory.table("accounts")[account_id].update(self.change)
        return super().get_for_update(account_id=account_id)


class TestRefresh:
    def test_gives_a_fresh_pair_and_prolongs_the_session(self, world: AccountWorld) -> None:
        first = world.signed_up().tokens
        now = world.clock.advance(days=6)
        fresh = world.session_service.refresh(first.refresh)
        assert fresh.refresh != first.refresh
        session = world.sessions.find(session_id=session_of(world, first.refresh))
        assert session is not None
        assert (session.last_refreshed_at, session.expires_at) == (now, now + WEEK)
        assert session.token_digest == fresh.refresh_digest
        assert session_of(world, fresh.refresh) == session.pk

    def test_goes_on_and_on(self, world: AccountWorld) -> None:
        tokens = world.signed_up().tokens
        for _ in range(5):
            world.clock.advance(days=6)
            tokens = world.session_service.refresh(tokens.refresh)
        assert world.sessions.find(session_id=session_of(world, tokens.refresh)) is not None

    def test_is_not_history(self, world: AccountWorld) -> None:
        world.session_service.refresh(world.signed_up().tokens.refresh)
        assert world.memory.history == []

    @pytest.mark.parametrize("later", [timedelta(0), TICK, HONEST_RACE])
    def test_within_ten_seconds_a_spent_token_is_an_honest_race(
        self, world: AccountWorld, later: timedelta
    ) -> None:
        signed_up = world.signed_up()
        fresh = world.session_service.refresh(signed_up.tokens.refresh)
        world.clock.now += later
        with pytest.raises(TokenSpent):
            world.session_service.refresh(signed_up.tokens.refresh)
        assert world.devices(signed_up.account) == ["laptop"]
        assert world.memory.history == []
        assert world.session_service.refresh(fresh.refresh).refresh != fresh.refresh

    def test_later_it_is_a_theft_and_ends_the_session(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        fresh = world.session_service.refresh(signed_up.tokens.refresh)
        world.signed_in("phone")
        world.clock.now += HONEST_RACE + TICK
        with pytest.raises(TokenReused):
            world.session_service.refresh(signed_up.tokens.refresh)
        assert world.devices(signed_up.account) == ["phone"]
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("session.token_reused", None)
        assert recorded.account_id == signed_up.account.pk
        assert recorded.old == {"session": str(session_of(world, fresh.refresh))}
        with pytest.raises(InvalidToken):
            world.session_service.refresh(fresh.refresh)

    def test_a_token_of_two_rotations_ago_is_a_theft_too(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        tokens = signed_up.tokens
        for _ in range(2):
            world.clock.advance(hours=1)
            tokens = world.session_service.refresh(tokens.refresh)
        with pytest.raises(TokenReused):
            world.session_service.refresh(signed_up.tokens.refresh)
        assert world.devices(signed_up.account) == []

    def test_an_expired_session_is_over(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        world.clock.now += WEEK
        with pytest.raises(InvalidToken):
            world.session_service.refresh(signed_up.tokens.refresh)
        assert world.memory.history == []

    def test_an_ended_or_unknown_session_is_over(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        session_id = session_of(world, signed_up.tokens.refresh)
        world.sessions.end(
            account_id=signed_up.account.pk, session_id=session_id, at=world.clock.now
        )
        claims = world.tokens.issued[signed_up.tokens.refresh]
        world.tokens.issued["lost"] = replace(claims, session_id=uuid.uuid4())
        for token in (signed_up.tokens.refresh, "lost", "forged"):
            with pytest.raises(InvalidToken):
                world.session_service.refresh(token)
        assert world.memory.history == []


class TestEnd:
    def test_ends_one_session_and_records_it(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        session_id = session_of(world, world.signed_in("phone").tokens.refresh)
        account = signed_up.account
        command = EndSession(account_id=account.pk, actor_id=COLLEAGUE, session_id=session_id)
        world.session_service.end(command)
        assert world.devices(account) == ["laptop"]
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("session.ended", COLLEAGUE)
        assert recorded.old == {"session": str(session_id)}
        with pytest.raises(NotFound):
            world.session_service.end(command)
        assert world.memory.names == ["session.ended"]

    def test_somebody_elses_is_as_little_there_as_an_unused_one(self, world: AccountWorld) -> None:
        signed_up, other = world.signed_up(), world.signed_up("bob@example.com").account
        session_id = session_of(world, signed_up.tokens.refresh)
        refusals = []
        for one in (session_id, uuid.uuid4()):
            with pytest.raises(NotFound) as refusal:
                world.session_service.end(
                    EndSession(account_id=other.pk, actor_id=other.pk, session_id=one)
                )
            refusals.append(refusal.value.detail)
        assert len(set(refusals)) == 1
        assert world.devices(signed_up.account) == ["laptop"]

    def test_ends_the_others_of_the_account_only(self, world: AccountWorld) -> None:
        signed_up, other = world.signed_up(), world.signed_up("bob@example.com").account
        world.signed_in("phone")
        world.signed_in("tablet")
        account = signed_up.account
        command = EndOtherSessions(
            account_id=account.pk,
            actor_id=COLLEAGUE,
            session_id=session_of(world, signed_up.tokens.refresh),
        )
        world.session_service.end_others(command)
        assert (world.devices(account), world.devices(other)) == (["laptop"], ["laptop"])
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("session.others_ended", COLLEAGUE)
        assert recorded.new == {"ended": 2}
        world.session_service.end_others(command)
        assert world.memory.names == ["session.others_ended"]
