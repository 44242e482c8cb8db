"""Reset a forgotten password by e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts import rules
from accounts.exceptions import InvalidResetToken
from accounts.services.needs import account_change
from accounts.services.strength import require_strength
from core.exceptions import NotFound

if TYPE_CHECKING:
    from accounts import commands
    from accounts.models import Account
    from accounts.services.guard import Guard
    from accounts.services.needs import Dependencies, Postman, ResetTokens

MAIL = "reset-mail"


class ResetService:
    """Reset a forgotten password by e-mail."""

    def __init__(
        self, needs: Dependencies, *, guard: Guard, tokens: ResetTokens, postman: Postman
    ) -> None:
        """Take what the use cases need."""
        self._accounts = needs.accounts
        self._sessions = needs.sessions
        self._attempts = needs.attempts
        self._passwords = needs.passwords
        self._clock = needs.clock
        self._record = needs.record
        self._atomic = needs.atomic
        self._guard = guard
        self._tokens = tokens
        self._postman = postman

    def ask(self, command: commands.AskForReset) -> None:
        """Send a link to an address that has an account; say and take the same for any other.

        Each step is taken for every address. Nothing is recorded: nothing has changed, and the
        history would tell the difference.
        """
        account = self._accounts.find_by_email(command.email)
        waits = self._attempts.count(
            purpose=MAIL,
            address=command.claimed,
            network="",
            patience=rules.RESET_MAILS,
            at=self._clock(),
        )
        link = self._tokens.issue(account)
        gets_mail = account is not None and account.is_active and waits is None
        self._postman.send_reset(to=account.email if account and gets_mail else None, link=link)

    def reset(self, command: commands.ResetPassword) -> None:
        """Set the password, end every session, and trust the network. A token works once.

        :raises InvalidResetToken: the token is not good, for whatever reason.
        :raises InvalidInput: the password is weak; the token stays good.
        """
        account_id = self._tokens.account_id(command.uid)
        account = None if account_id is None else self._accounts.find(account_id=account_id)
        if account is None or not self._is_good(account, command.token):
            raise InvalidResetToken
        require_strength(
            self._passwords,
            command.password,
            email=account.email,
            display_name=account.display_name,
            field="password",
        )
        password = self._passwords.hash(command.password)
        with self._atomic():
            # Of any number in parallel one finds the password that its token was made for.
            try:
                account = self._accounts.get_for_update(account_id=account.pk)
            except NotFound as error:
                raise InvalidResetToken from error
            if not self._is_good(account, command.token):
                raise InvalidResetToken
            account.password = password
            self._accounts.save(account, fields=["password"])
            now = self._clock()
            self._sessions.end_all(account_id=account.pk, at=now)
            self._record(
                [account_change("account.password_reset", account.pk)], actor_id=account.pk, at=now
            )
        # Whoever reads the address's mail owns it: the way back in for who was made to wait.
        self._guard.trust(address=account.email, network=command.network)

    def _is_good(self, account: Account, token: str) -> bool:
        return account.is_active and self._tokens.is_good(account, token)
