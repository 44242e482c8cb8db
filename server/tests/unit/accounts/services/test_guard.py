"""Guesses have to wait, and nobody is locked out by a stranger."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from accounts import rules
from accounts.commands import ChangePassword, SignIn
from accounts.exceptions import InvalidCredentials, TooManyAttempts
from core.exceptions import InvalidInput
from tests.fixtures.fakes import EMAIL, HOME, PASSWORD, AccountWorld

if TYPE_CHECKING:
    from accounts.services import SignedIn

AWAY = "198.51.100.9"
NOBODY = "nobody@example.com"
MINUTE = timedelta(minutes=1)


def sign_in(
    world: AccountWorld, password: str = PASSWORD, *, email: str = EMAIL, network: str = AWAY
) -> SignedIn:
    command = SignIn(email=email, password=password, device="phone", network=network)
    return world.session_service.sign_in(command)


def guess(world: AccountWorld, times: int = 1, *, email: str = EMAIL, network: str = AWAY) -> None:
    for _ in range(times):
        with pytest.raises(InvalidCredentials):
            sign_in(world, "wrong", email=email, network=network)


def refused(world: AccountWorld, *, email: str = EMAIL, network: str = AWAY) -> int:
    """Try with the right password, which is not looked at; return how long to wait."""
    looked_at = len(world.passwords.compared)
    with pytest.raises(TooManyAttempts) as refusal:
        sign_in(world, email=email, network=network)
    assert len(world.passwords.compared) == looked_at
    assert refusal.value.retry_after is not None
    return refusal.value.retry_after


def strangers_guess(world: AccountWorld, times: int = 50, *, email: str = EMAIL) -> None:
    for number in range(times):
        guess(world, email=email, network=f"192.0.2.{number}")


class TestOneNetwork:
    @pytest.mark.parametrize("email", [EMAIL, NOBODY])
    def test_after_five_it_waits_a_minute_and_then_longer(
        self, world: AccountWorld, email: str
    ) -> None:
        world.signed_up()
        guess(world, 5, email=email)
        for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
            assert refused(world, email=email) == minutes * 60
            world.clock.now += minutes * MINUTE
            guess(world, email=email)

    def test_just_before_the_end_it_still_waits(self, world: AccountWorld) -> None:
        world.signed_up()
        guess(world, 5)
        world.clock.now += MINUTE - timedelta(microseconds=1)
        assert refused(world) == 1
        world.clock.now += timedelta(microseconds=1)
        sign_in(world)

    def test_success_forgets_what_failed(self, world: AccountWorld) -> None:
        world.signed_up()
        for _ in range(3):
            guess(world, 4)
            sign_in(world)

    def test_the_fifth_may_still_be_right(self, world: AccountWorld) -> None:
        world.signed_up()
        guess(world, 4)
        sign_in(world)
        sign_in(world)

    def test_a_day_without_forgets_too(self, world: AccountWorld) -> None:
        world.signed_up()
        guess(world, 4)
        world.clock.advance(days=1)
        guess(world, 4)
        sign_in(world)

    def test_other_networks_and_other_addresses_do_not_wait(self, world: AccountWorld) -> None:
        world.signed_up()
        world.signed_up("bob@example.com")
        guess(world, 5)
        sign_in(world, network=HOME)
        sign_in(world, email="bob@example.com")
        assert refused(world) == 60

    def test_what_waits_does_not_count_for_all(self, world: AccountWorld) -> None:
        world.signed_up()
        guess(world, 5)
        for _ in range(60):
            refused(world)
        sign_in(world, network="192.0.2.77")

    def test_a_shut_out_account_counts_as_any_other(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        world.memory.table("accounts")[account.pk]["is_active"] = False
        for _ in range(5):
            with pytest.raises(InvalidCredentials):
                sign_in(world)
        assert refused(world) == 60


class TestStrangers:
    def test_they_wait_for_each_other_and_the_owner_does_not(self, world: AccountWorld) -> None:
        world.signed_up()
        strangers_guess(world)
        assert refused(world) == 3600
        sign_in(world, network=HOME)
        # The owner may be wrong too, as often as ever.
        guess(world, 4, network=HOME)
        sign_in(world, network=HOME)
        world.clock.advance(hours=1)
        sign_in(world)

    def test_it_is_the_same_without_an_account(self, world: AccountWorld) -> None:
        strangers_guess(world, email=NOBODY)
        assert refused(world, email=NOBODY) == 3600

    def test_refused_for_their_sake_a_network_does_not_wait_longer(
        self, world: AccountWorld
    ) -> None:
        world.signed_up()
        strangers_guess(world)
        for _ in range(9):
            refused(world)
        world.clock.advance(hours=1)
        guess(world, 4)
        sign_in(world)

    def test_what_succeeds_is_taken_back(self, world: AccountWorld) -> None:
        world.signed_up()
        strangers_guess(world, 49)
        sign_in(world)
        sign_in(world, network="192.0.2.99")
        guess(world, network="192.0.2.98")
        assert refused(world, network="192.0.2.97") == 3600

    def test_a_network_where_the_owner_signed_in_is_known_for_90_days(
        self, world: AccountWorld
    ) -> None:
        world.signed_up()
        sign_in(world)
        for passed, known in ((rules.NETWORK_IS_KNOWN_FOR, True), (timedelta(hours=1), False)):
            world.clock.now += passed
            strangers_guess(world)
            if known:
                guess(world, network=AWAY)
            else:
                refused(world, network=AWAY)
                refused(world, network=HOME)

    def test_an_hour_without_forgets_them(self, world: AccountWorld) -> None:
        world.signed_up()
        strangers_guess(world, 49)
        world.clock.advance(hours=1)
        strangers_guess(world, 49)
        sign_in(world)


class TestChangeOfPassword:
    def change(self, world: AccountWorld, signed_up: SignedIn, old: str, new: str) -> None:
        world.account_service.change_password(
            ChangePassword(
                account_id=signed_up.account.pk,
                actor_id=signed_up.account.pk,
                session_id=world.tokens.issued[signed_up.tokens.refresh].session_id,
                current_password=old,
                new_password=new,
                network=AWAY,
            )
        )

    def test_it_is_guessed_there_as_at_the_door(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        for _ in range(5):
            with pytest.raises(InvalidInput):
                self.change(world, signed_up, "wrong", "even longer")
        with pytest.raises(TooManyAttempts):
            self.change(world, signed_up, PASSWORD, "even longer")
        assert refused(world) == 60
        assert world.memory.history == []

    def test_a_weak_new_one_is_no_guess(self, world: AccountWorld) -> None:
        signed_up = world.signed_up()
        for _ in range(9):
            with pytest.raises(InvalidInput):
                self.change(world, signed_up, PASSWORD, "short")
        self.change(world, signed_up, PASSWORD, "even longer")


def test_purging_keeps_what_makes_wait_and_what_is_known(world: AccountWorld) -> None:
    world.signed_up()
    guess(world, 5)
    assert world.guard.purge() == 0
    world.clock.advance(days=1, seconds=1)
    assert world.guard.purge() == 2  # of the one network, and of all
    world.clock.now += rules.NETWORK_IS_KNOWN_FOR
    assert world.guard.purge() == 1  # home
