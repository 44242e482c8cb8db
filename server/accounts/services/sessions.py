"""Sign in, stay signed in, sign out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import rules
from accounts.exceptions import InvalidCredentials, InvalidToken, TokenReused, TokenSpent
from accounts.models import Account, Session
from accounts.services.needs import account_change
from core.exceptions import NotFound

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from accounts import commands
    from accounts.services.guard import Guard
    from accounts.services.needs import Dependencies
    from accounts.tokens import RefreshClaims, TokenPair
    from core.events import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An account, and the tokens of its new session."""

    account: Account
    tokens: TokenPair
    session_id: UUID


class SessionService:
    """Sign in, stay signed in, sign out."""

    def __init__(self, needs: Dependencies, *, guard: Guard) -> None:
        """Take what the use cases need."""
        self._guard = guard
        self._accounts = needs.accounts
        self._sessions = needs.sessions
        self._tokens = needs.tokens
        self._passwords = needs.passwords
        self._clock = needs.clock
        self._record = needs.record
        self._atomic = needs.atomic

    def sign_in(self, command: commands.SignIn) -> SignedIn:
        """Start a session for the person who knows the password.

        :raises TooManyAttempts: too many have failed; this one was not looked at.
        :raises InvalidCredentials: unknown address, wrong password or shut out: one answer.
        """
        account = self.prove(command)
        with self._atomic():
            # Whoever changes the password or shuts the account out ends its sessions. This one
            # must not begin after that, on the strength of what was true before.
            current = self._accounts.get_for_update(account_id=account.pk)
            if current.password != account.password or not current.is_active:
                raise InvalidCredentials
            return self.start(current, device=command.device)

    def prove(self, command: commands.SignIn) -> Account:
        """Return the account of the person who knows the password, and start nothing.

        :raises TooManyAttempts: too many have failed; this one was not looked at.
        :raises InvalidCredentials: unknown address, wrong password or shut out: one answer.
        """
        attempt = self._guard.admit(address=command.claimed, network=command.network)
        account = self._accounts.find_by_email(command.email)
        known = self._passwords.matches(command.password, account.password if account else None)
        if account is None or not known or not account.is_active:
            raise InvalidCredentials
        self._guard.succeeded(attempt)
        return account

    def start(self, account: Account, *, device: str) -> SignedIn:
        """Start a session within the caller's transaction."""
        now = self._clock()
        session = Session(
            account=account,
            device=device,
            created_at=now,
            last_refreshed_at=now,
        )
        tokens = self._tokens.issue(account_id=account.pk, session_id=session.pk, at=now)
        session.token_digest = tokens.refresh_digest
        session.expires_at = tokens.refresh_expires_at
        self._sessions.add(session)
        self._record(
            [account_change("session.started", account.pk, new={"session": str(session.pk)})],
            actor_id=account.pk,
            at=now,
        )
        return SignedIn(account=account, tokens=tokens, session_id=session.pk)

    def keep(self, session_id: UUID) -> bool:
        """Let a browser's session that is used last on, as a refreshed one would.

        Tell whether it does: where the database is busy, the next page tries again.
        """
        now = self._clock()
        return self._sessions.keep(
            session_id=session_id, at=now, expires_at=now + rules.SESSION_LASTS
        )

    def refresh(self, token: str) -> TokenPair:
        """Exchange a refresh token for a new pair; it works once, also in parallel.

        :raises InvalidToken: it is not ours, too old, or its session has ended.
        :raises TokenSpent: it was exchanged within the last ten seconds.
        :raises TokenReused: it was exchanged before that; the session ends.
        """
        claims = self._tokens.read_refresh(token)
        now = self._clock()
        fresh = self._tokens.issue(
            account_id=claims.account_id, session_id=claims.session_id, at=now
        )
        with self._atomic():
            if self._sessions.rotate(
                session_id=claims.session_id,
                spent=claims.digest,
                fresh=fresh.refresh_digest,
                at=now,
                expires_at=fresh.refresh_expires_at,
            ):
                return fresh
            # Leaving this block commits the end of a session whose token was reused.
            refusal = self._refusal(claims, at=now)
        raise refusal

    def _refusal(self, claims: RefreshClaims, *, at: datetime) -> Exception:
        session = self._sessions.find(session_id=claims.session_id)
        if session is None or not session.is_live(at=at):
            return InvalidToken("The session has ended. Sign in.")
        if self._sessions.was_rotated_since(
            session_id=session.pk, digest=claims.digest, since=at - rules.HONEST_RACE
        ):
            return TokenSpent()
        self._sessions.end(account_id=session.account_id, session_id=session.pk, at=at)
        self._record(
            [account_change("session.token_reused", session.account_id, old=_named(session.pk))],
            actor_id=None,
            at=at,
        )
        return TokenReused()

    def end(self, command: commands.EndSession) -> None:
        """End one session; its tokens stop working at once.

        :raises NotFound: it is not theirs, or has ended.
        """
        with self._atomic():
            now = self._clock()
            if not self._sessions.end(
                account_id=command.account_id, session_id=command.session_id, at=now
            ):
                raise NotFound("There is no such session.")
            self._record(
                [
                    account_change(
                        "session.ended", command.account_id, old=_named(command.session_id)
                    )
                ],
                actor_id=command.actor_id,
                at=now,
            )

    def end_others(self, command: commands.EndOtherSessions) -> None:
        """End every session of the account but one."""
        with self._atomic():
            now = self._clock()
            ended = self._sessions.end_all(
                account_id=command.account_id, at=now, but=command.session_id
            )
            if ended:
                self._record(
                    [
                        account_change(
                            "session.others_ended", command.account_id, new={"ended": ended}
                        )
                    ],
                    actor_id=command.actor_id,
                    at=now,
                )

    def purge(self) -> int:
        """Remove sessions that have expired, for good; return how many.

        Nobody can use or see them any more; what happened to them is in the history.
        """
        with self._atomic():
            return self._sessions.purge(expired_before=self._clock())


def _named(session_id: UUID) -> Values:
    return {"session": str(session_id)}
