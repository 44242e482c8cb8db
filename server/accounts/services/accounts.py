"""Create accounts and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.exceptions import SignupClosed
from accounts.models import Account
from accounts.services.needs import account_change
from accounts.services.sessions import SignedIn
from core.exceptions import InvalidInput, Violation

if TYPE_CHECKING:
    from accounts import commands
    from accounts.services.needs import Dependencies
    from accounts.services.sessions import SessionService
    from core.events import Values

PROFILE_FIELDS = ("display_name", "time_zone", "default_currency")


class AccountService:
    """Create accounts and change them."""

    def __init__(self, needs: Dependencies, *, sessions: SessionService, signup_open: bool) -> None:
        """Take what the use cases need; ``signup_open`` is the operator's decision."""
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
        self._require_strength(
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
            tokens = self._sessions.start(account, device=command.device)
        return SignedIn(account=account, tokens=tokens)

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

        :raises InvalidInput: the current password is wrong, or the new one is weak.
        """
        with self._atomic():
            account = self._accounts.get_for_update(account_id=command.account_id)
            if not self._passwords.matches(command.current_password, account.password):
                raise _invalid("current_password", "wrong_password", "This is not your password.")
            self._require_strength(
                command.new_password,
                email=account.email,
                display_name=account.display_name,
                field="new_password",
            )
            account.password = self._passwords.hash(command.new_password)
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

    def _require_strength(
        self, password: str, *, email: str, display_name: str, field: str
    ) -> None:
        weaknesses = self._passwords.weaknesses(password, email=email, display_name=display_name)
        if weaknesses:
            raise InvalidInput(
                Violation(path=(field,), code=weakness.code, detail=weakness.detail)
                for weakness in weaknesses
            )


def _invalid(field: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([Violation(path=(field,), code=code, detail=detail)])
