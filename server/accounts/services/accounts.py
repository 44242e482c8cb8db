"""Create accounts and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.exceptions import SignupClosed
from accounts.models import Account
from accounts.services.needs import account_change
from accounts.services.strength import require_strength
from core.exceptions import InvalidInput, NotFound, Violation

if TYPE_CHECKING:
    from accounts import commands
    from accounts.services.guard import Guard
    from accounts.services.needs import Dependencies
    from accounts.services.sessions import SessionService, SignedIn
    from core.events import Values

PROFILE_FIELDS = ("display_name", "time_zone", "default_currency")


class AccountService:
    """Create accounts and change them."""

    def __init__(
        self, needs: Dependencies, *, guard: Guard, sessions: SessionService, signup_open: bool
    ) -> None:
        """Take what the use cases need; ``signup_open`` is the operator's decision."""
        self._guard = guard
        self._accounts = needs.accounts
        self._session_store = needs.sessions
        self._sessions = sessions
        self._passwords = needs.passwords
        self._clock = needs.clock
        self._record = needs.record
        self._atomic = needs.atomic
        self._signup_open = signup_open

    def sign_up(self, command: commands.SignUp) -> SignedIn:
        """Create an account and start its first session.

        :raises SignupClosed: the operator creates the accounts here.
        :raises InvalidInput: the password is weak.
        :raises EmailTaken: the address has an account.
        """
        if not self._signup_open:
            raise SignupClosed
        require_strength(
            self._passwords,
            command.password,
            email=command.email,
            display_name=command.display_name,
            field="password",
        )
        account = Account(
            email=command.email,
            password=self._passwords.hash(command.password),
            display_name=command.display_name,
            time_zone=command.time_zone,
            default_currency=command.default_currency,
            created_at=self._clock(),
        )
        with self._atomic():
            self._accounts.add(account)
            self._record(
                [account_change("account.signed_up", account.pk)],
                actor_id=account.pk,
                at=account.created_at,
            )
            signed_in = self._sessions.start(account, device=command.device)
            self._guard.trust(address=account.email, network=command.network)
        return signed_in

    def change_profile(self, command: commands.ChangeProfile) -> Account:
        """Change the values that are given; what is the same already is not recorded.

        :raises NotFound: there is no such account.
        """
        with self._atomic():
            account = self._accounts.get_for_update(account_id=command.account_id)
            old: Values = {}
            new: Values = {}
            for field in PROFILE_FIELDS:
                value = getattr(command, field)
                if value is not None and value != getattr(account, field):
                    old[field], new[field] = getattr(account, field), value
                    setattr(account, field, value)
            if new:
                self._accounts.save(account, fields=list(new))
                self._record(
                    [account_change("account.profile_changed", account.pk, old=old, new=new)],
                    actor_id=command.actor_id,
                    at=self._clock(),
                )
        return account

    def change_password(self, command: commands.ChangePassword) -> None:
        """Change the password and end every other session.

        :raises NotFound: there is no such account.
        :raises TooManyAttempts: too many guesses; the current password was not looked at.
        :raises InvalidInput: the current password is wrong, or the new one is weak.
        """
        found = self._accounts.find(account_id=command.account_id)
        if found is None:
            raise NotFound("There is no such account.")
        attempt = self._guard.admit(address=found.email, network=command.network)
        if not self._passwords.matches(command.current_password, found.password):
            raise _wrong_password()
        self._guard.succeeded(attempt)
        require_strength(
            self._passwords,
            command.new_password,
            email=found.email,
            display_name=found.display_name,
            field="new_password",
        )
        password = self._passwords.hash(command.new_password)
        with self._atomic():
            account = self._accounts.get_for_update(account_id=command.account_id)
            # Somebody may have changed it, or reset it, since it was compared.
            if account.password != found.password:
                raise _wrong_password()
            account.password = password
            self._accounts.save(account, fields=["password"])
            now = self._clock()
            self._session_store.end_all(account_id=account.pk, at=now, but=command.session_id)
            self._record(
                [account_change("account.password_changed", account.pk)],
                actor_id=command.actor_id,
                at=now,
            )

    def set_active(self, command: commands.SetActive) -> bool:
        """Let an account in or shut it out, and tell whether that changed anything.

        :raises NotFound: there is no such account.
        """
        with self._atomic():
            account = self._accounts.get_for_update(account_id=command.account_id)
            if account.is_active == command.is_active:
                return False
            now = self._clock()
            account.is_active = command.is_active
            self._accounts.save(account, fields=["is_active"])
            if not account.is_active:
                self._session_store.end_all(account_id=account.pk, at=now)
            name = "account.activated" if account.is_active else "account.deactivated"
            self._record([account_change(name, account.pk)], actor_id=command.actor_id, at=now)
        return True


def _wrong_password() -> InvalidInput:
    return InvalidInput(
        [
            Violation(
                path=("current_password",),
                code="wrong_password",
                detail="This is not your password.",
            )
        ]
    )
