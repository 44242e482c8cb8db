"""Creating accounts and changing them; API keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.commands import (
    ChangePassword,
    ChangeProfile,
    CreateKey,
    RevokeKey,
    SetActive,
    SignIn,
    SignUp,
)
from accounts.exceptions import EmailTaken, SignupClosed
from core.exceptions import InvalidInput, NotFound
from tests.fixtures.fakes import COLLEAGUE, EMAIL, HOME, PASSWORD, AccountWorld

if TYPE_CHECKING:
    from accounts.models import Account
    from accounts.services import SignedIn


def sign_up(world: AccountWorld, *, email: str = EMAIL, password: str = PASSWORD) -> SignedIn:
    command = SignUp(
        email=email,
        password=password,
        device="laptop",
        display_name="Ada",
        time_zone="Europe/Tallinn",
        default_currency="JPY",
    )
    return world.account_service.sign_up(command)


class TestSignUp:
    def test_stores_the_account_and_starts_a_session(self, world: AccountWorld) -> None:
        signed_up = sign_up(world)
        stored = world.accounts.stored(signed_up.account.pk)
        assert (stored.email, stored.display_name) == (EMAIL, "Ada")
        assert (stored.time_zone, stored.default_currency) == ("Europe/Tallinn", "JPY")
        assert (stored.created_at, stored.is_active) == (world.clock.now, True)
        assert not stored.is_staff
        assert not stored.is_superuser
        assert world.devices(stored) == ["laptop"]
        world.session_service.refresh(signed_up.tokens.refresh)  # which it would not for another

    def test_stores_a_hash_of_the_password(self, world: AccountWorld) -> None:
        stored = world.accounts.stored(sign_up(world).account.pk)
        assert stored.password == world.passwords.hash(PASSWORD)

    def test_records_both_without_values(self, world: AccountWorld) -> None:
        account = sign_up(world).account
        assert world.memory.names == ["account.signed_up", "session.started"]
        assert {line.actor_id for line in world.memory.history} == {account.pk}
        assert (world.memory.history[0].old, world.memory.history[0].new) == (None, None)

    def test_closed_refuses_before_anything_else(self, world: AccountWorld) -> None:
        world.signup_open = False
        with pytest.raises(SignupClosed):
            sign_up(world, password="")
        assert world.accounts.find_by_email(EMAIL) is None

    def test_a_known_address_leaves_nothing_behind(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        with pytest.raises(EmailTaken):
            sign_up(world)
        assert world.devices(account) == ["laptop"]
        assert world.memory.history == []

    def test_every_weakness_of_the_password_is_told(self, world: AccountWorld) -> None:
        with pytest.raises(InvalidInput) as refused:
            sign_up(world, email="a@b.example", password="Ada")
        assert [(found.path, found.code) for found in refused.value.violations] == [
            (("password",), "password_too_short"),
            (("password",), "password_too_similar"),
        ]
        assert world.accounts.find_by_email("a@b.example") is None


class TestProfile:
    def change(self, world: AccountWorld, account: Account, **values: str) -> Account:
        command = ChangeProfile(account_id=account.pk, actor_id=COLLEAGUE, **values)
        return world.account_service.change_profile(command)

    def test_stores_what_is_given_and_leaves_the_rest(self, world: AccountWorld) -> None:
        account = sign_up(world).account
        changed = self.change(world, account, display_name="", time_zone="UTC")
        stored = world.accounts.stored(account.pk)
        for one in (changed, stored):
            assert (one.display_name, one.time_zone, one.default_currency) == ("", "UTC", "JPY")
            assert one.email == EMAIL

    def test_records_old_and_new_of_what_changed(self, world: AccountWorld) -> None:
        account = sign_up(world).account
        world.memory.history.clear()
        now = world.clock.advance(hours=1)
        self.change(world, account, display_name="Ada", default_currency="EUR")
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("account.profile_changed", COLLEAGUE)
        assert (recorded.old, recorded.new) == (
            {"default_currency": "JPY"},
            {"default_currency": "EUR"},
        )
        assert (recorded.subject, recorded.at) == (("account", account.pk), now)

    def test_the_same_values_leave_no_history(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        self.change(world, account, display_name="", time_zone="UTC", default_currency="EUR")
        assert world.memory.history == []

    def test_needs_an_account(self, world: AccountWorld) -> None:
        with pytest.raises(NotFound):
            world.account_service.change_profile(ChangeProfile(account_id=4711, actor_id=4711))


class TestPassword:
    def change(self, world: AccountWorld, signed_up: SignedIn, *, old: str, new: str) -> None:
        world.account_service.change_password(
            ChangePassword(
                account_id=signed_up.account.pk,
                actor_id=signed_up.account.pk,
                session_id=world.tokens.issued[signed_up.tokens.refresh].session_id,
                current_password=old,
                new_password=new,
                network=HOME,
            )
        )

    def test_ends_every_other_session(self, world: AccountWorld) -> None:
        signed_up, other = world.signed_up(), world.signed_up("bob@example.com").account
        phone = world.signed_in("phone")
        self.change(world, signed_up, old=PASSWORD, new="even longer")
        account = signed_up.account
        assert world.accounts.stored(account.pk).password == world.passwords.hash("even longer")
        assert (world.devices(account), world.devices(other)) == (["laptop"], ["laptop"])
        assert phone.account.pk == account.pk
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("account.password_changed", account.pk)
        assert (recorded.old, recorded.new) == (None, None)

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ("wrong", "even longer", ("current_password", "wrong_password")),
            (PASSWORD, "short", ("new_password", "password_too_short")),
        ],
    )
    def test_a_refusal_changes_nothing(
        self, world: AccountWorld, old: str, new: str, place: tuple[str, str]
    ) -> None:
        signed_up = world.signed_up()
        world.signed_in("phone")
        with pytest.raises(InvalidInput) as refused:
            self.change(world, signed_up, old=old, new=new)
        [violation] = refused.value.violations
        assert (violation.path, violation.code) == ((place[0],), place[1])
        stored = world.accounts.stored(signed_up.account.pk)
        assert stored.password == world.passwords.hash(PASSWORD)
        assert world.devices(stored) == ["laptop", "phone"]
        assert world.memory.history == []


class TestActive:
    def set(self, world: AccountWorld, account: Account, *, is_active: bool) -> bool:
        return world.account_service.set_active(
            SetActive(account_id=account.pk, actor_id=COLLEAGUE, is_active=is_active)
        )

    def test_shutting_out_ends_all_sessions(self, world: AccountWorld) -> None:
        account, other = world.signed_up().account, world.signed_up("bob@example.com").account
        world.signed_in("phone")
        assert self.set(world, account, is_active=False)
        assert not world.accounts.stored(account.pk).is_active
        assert (world.devices(account), world.devices(other)) == ([], ["laptop"])
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("account.deactivated", COLLEAGUE)

    def test_letting_in_again_allows_to_sign_in(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        self.set(world, account, is_active=False)
        assert self.set(world, account, is_active=True)
        assert world.memory.names == ["account.deactivated", "account.activated"]
        assert world.devices(account) == []
        command = SignIn(email=EMAIL, password=PASSWORD, device="phone", network=HOME)
        assert world.session_service.sign_in(command).account.pk == account.pk

    def test_the_same_again_is_nothing(self, world: AccountWorld) -> None:
        account = world.signed_up().account
        assert not self.set(world, account, is_active=True)
        assert world.memory.history == []


class TestKeys:
    def test_a_new_one_is_stored_without_its_text(self, world: AccountWorld) -> None:
        command = CreateKey(account_id=7, actor_id=COLLEAGUE, name="Importer", scope="read")
        key, text = world.key_service.create(command)
        stored = world.keys.stored(key.pk)
        assert (stored.account_id, stored.name, stored.scope) == (7, "Importer", "read")
        assert (stored.digest, stored.hint) == (f"digest of {text}", "rck_1")
        assert (stored.created_at, stored.revoked_at) == (world.clock.now, None)
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("key.created", COLLEAGUE)
        assert recorded.new == {"key": key.pk, "name": "Importer", "scope": "read"}

    def test_a_revoked_one_is_stamped_once(self, world: AccountWorld) -> None:
        command = CreateKey(account_id=7, actor_id=7, name="Importer", scope="write")
        key, _ = world.key_service.create(command)
        world.memory.history.clear()
        now = world.clock.advance(hours=1)
        revoke = RevokeKey(account_id=7, actor_id=COLLEAGUE, key_id=key.pk)
        world.key_service.revoke(revoke)
        assert world.keys.stored(key.pk).revoked_at == now
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("key.revoked", COLLEAGUE)
        assert recorded.old == {"key": key.pk, "name": "Importer", "scope": "write"}
        with pytest.raises(NotFound):
            world.key_service.revoke(revoke)
        assert world.memory.names == ["key.revoked"]

    def test_somebody_elses_is_not_there(self, world: AccountWorld) -> None:
        key, _ = world.key_service.create(
            CreateKey(account_id=7, actor_id=7, name="Importer", scope="read")
        )
        for account_id, key_id in [(8, key.pk), (7, 4711)]:
            with pytest.raises(NotFound):
                world.key_service.revoke(
                    RevokeKey(account_id=account_id, actor_id=8, key_id=key_id)
                )
        assert world.keys.stored(key.pk).revoked_at is None
