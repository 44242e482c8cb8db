"""A forgotten password."""

from __future__ import annotations

import pytest

from accounts.commands import AskForReset, ResetPassword, SignIn
from accounts.exceptions import InvalidCredentials, InvalidResetToken
from core.exceptions import InvalidInput
from tests.fixtures.account_stores import FakeAccounts
from tests.fixtures.fakes import EMAIL, HOME, PASSWORD, AccountWorld

AWAY = "198.51.100.9"
NEW = "even longer"


def ask(world: AccountWorld, email: str = EMAIL) -> str | None:
    """Ask for a reset; return who gets a mail."""
    world.reset_service.ask(AskForReset(email=email))
    return world.postman.given[-1][0]


def reset(world: AccountWorld, *, uid: str, token: str, password: str = NEW) -> None:
    command = ResetPassword(uid=uid, token=token, password=password, network=AWAY)
    world.reset_service.reset(command)


def mailed(world: AccountWorld) -> dict[str, str]:
    assert ask(world) == EMAIL
    link = world.postman.given[-1][1]
    return {"uid": link.uid, "token": link.token}


class TestAsking:
    def test_an_account_gets_a_mail_and_the_same_is_done_for_others(
        self, world: AccountWorld
    ) -> None:
        account = world.signed_up().account
        world.signed_up("shut@example.com")
        shut = world.accounts.find_by_email("shut@example.com")
        assert shut is not None
        world.memory.table("accounts")[shut.pk]["is_active"] = False
        emails = [" ADA@example.com", "nobody@example.com", "no address", "shut@example.com"]
        assert [ask(world, email) for email in emails] == [EMAIL, None, None, None]
        owners = [issued and issued.pk for issued in world.reset_tokens.issued]
        assert owners == [account.pk, None, None, shut.pk]
        counted = {key[1] for key in world.memory.table("attempts") if key[0] == "reset-mail"}
        assert counted == {EMAIL, "nobody@example.com", "no address", "shut@example.com"}
        assert world.memory.history == []

    def test_three_mails_an_hour_go_to_an_address(self, world: AccountWorld) -> None:
        world.signed_up()
        assert [ask(world) for _ in range(5)] == [EMAIL, EMAIL, EMAIL, None, None]
        world.clock.advance(minutes=59, seconds=59)
        assert ask(world) is None
        world.clock.advance(seconds=1)
        assert [ask(world) for _ in range(4)] == [EMAIL, EMAIL, EMAIL, None]


class TestResetting:
    def test_sets_the_password_and_ends_every_session(self, world: AccountWorld) -> None:
        account, other = world.signed_up().account, world.signed_up("bob@example.com").account
        world.signed_in("phone")
        link = mailed(world)
        now = world.clock.advance(minutes=1)
        reset(world, **link)
        assert world.accounts.stored(account.pk).password == world.passwords.hash(NEW)
        assert (world.devices(account), world.devices(other)) == ([], ["laptop"])
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("account.password_reset", account.pk)
        assert (recorded.old, recorded.new, recorded.at) == (None, None, now)

    def test_works_once(self, world: AccountWorld) -> None:
        world.signed_up()
        link = mailed(world)
        reset(world, **link)
        with pytest.raises(InvalidResetToken):
            reset(world, **link, password="yet another one")

    def test_a_weak_password_leaves_the_link_good(self, world: AccountWorld) -> None:
        world.signed_up()
        link = mailed(world)
        with pytest.raises(InvalidInput) as refused:
            reset(world, **link, password="short")
        assert [found.path for found in refused.value.violations] == [("password",)]
        assert world.memory.history == []
        reset(world, **link)

    def test_every_bad_link_is_refused_alike(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        other = world.signed_up("bob@example.com").account
        link = mailed(world)
        refusals = []
        for wrong in (
            {"token": "forged"},
            {"uid": "nonsense"},
            {"uid": "4711"},
            {"uid": str(other.pk), "token": "forged"},
        ):
            with pytest.raises(InvalidResetToken) as refused:
                reset(world, **link | wrong)
            refusals.append(refused.value.detail)
        world.memory.table("accounts")[account.pk]["is_active"] = False
        with pytest.raises(InvalidResetToken) as refused:
            reset(world, **link)
        assert {*refusals, refused.value.detail} == {refusals[0]}

    def test_does_not_rest_on_what_was_true_a_moment_ago(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        link = mailed(world)

        class Changing(FakeAccounts):
            def get_for_update(self, *, account_id: int) -> object:  # type: ignore[override]  # as it is
                self.memory.table("accounts")[account_id]["password"] = "hash of another"
                return super().get_for_update(account_id=account_id)

        world.accounts = Changing(world.memory)
        with pytest.raises(InvalidResetToken):
            reset(world, **link)
        assert world.devices(account) == ["laptop"]

    def test_is_the_way_back_in_for_who_has_to_wait(self, world: AccountWorld) -> None:
        world.signed_up()

        def attempt(password: str, network: str) -> None:
            command = SignIn(email=EMAIL, password=password, device="", network=network)
            world.session_service.sign_in(command)

        for number in range(50):
            with pytest.raises(InvalidCredentials):
                attempt("wrong", f"192.0.2.{number}")
        reset(world, **mailed(world))
        attempt(NEW, AWAY)
        with pytest.raises(InvalidCredentials):
            attempt(PASSWORD, HOME)
