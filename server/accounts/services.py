"""The use cases of accounts: one public method is one use case and one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from accounts import rules
from accounts.exceptions import (
    InvalidCredentials,
    InvalidToken,
    SignupClosed,
    TokenReused,
    TokenSpent,
)
from accounts.models import Account, ApiKey, Session
from core.events import Change, Values
from core.exceptions import InvalidInput, NotFound, Violation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from accounts import commands
    from accounts.tokens import KeySecret, RefreshClaims, TokenPair
    from core.events import Atomic, Clock, Recorder
    from core.exceptions import RuleViolation

PROFILE_FIELDS = ("display_name", "time_zone", "default_currency")


class AccountStore(Protocol):
    """Where accounts are kept."""

    def add(self, account: Account) -> None:
        """Store a new one; raises EmailTaken."""

    def find_by_email(self, email: str) -> Account | None:
        """Return the one with an address, if there is one."""

    def get_for_update(self, *, account_id: int) -> Account:
        """Return one, locked; raises NotFound."""

    def save(self, account: Account, *, fields: Sequence[str]) -> None:
        """Store some fields of one."""


class SessionStore(Protocol):
    """Where sessions are kept."""

    def add(self, session: Session) -> None:
        """Store a new one."""

    def find(self, *, session_id: UUID) -> Session | None:
        """Return one, live or not."""

    def rotate(
        self, *, session_id: UUID, spent: str, fresh: str, at: datetime, expires_at: datetime
    ) -> bool:
        """Replace its refresh token if that is current; tell whether it was."""

    def was_rotated_since(self, *, session_id: UUID, digest: str, since: datetime) -> bool:
        """Tell whether a refresh token was exchanged lately."""

    def end(self, *, account_id: int, session_id: UUID, at: datetime) -> bool:
        """End one; tell whether it was live."""

    def end_all(self, *, account_id: int, at: datetime, but: UUID | None = None) -> int:
        """End all of an account, or all but one; return how many."""


class KeyStore(Protocol):
    """Where API keys are kept."""

    def add(self, key: ApiKey) -> None:
        """Store a new one."""

    def get_for_update(self, *, account_id: int, key_id: int) -> ApiKey:
        """Return one that is not revoked, locked; raises NotFound."""

    def save(self, key: ApiKey) -> None:
        """Store its revocation."""


class TokenMaker(Protocol):
    """What makes and reads the tokens of sessions and the secrets of keys."""

    def issue(self, *, account_id: int, session_id: UUID, at: datetime) -> TokenPair:
        """Return a new pair for a session."""

    def read_refresh(self, text: str) -> RefreshClaims:
        """Return what a refresh token says; raises InvalidToken."""

    def new_key(self) -> KeySecret:
        """Return a new secret."""


class PasswordKeeper(Protocol):
    """What hashes, compares and judges passwords."""

    def hash(self, password: str) -> str:
        """Return the salted hash to store."""

    def matches(self, password: str, encoded: str | None) -> bool:
        """Tell whether it is the stored one; takes as long where there is none."""

    def weaknesses(
        self, password: str, *, email: str, display_name: str
    ) -> Sequence[RuleViolation]:
        """Return what is wrong with a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """An account, and the tokens of its new session."""

    account: Account
    tokens: TokenPair


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What all services of this app are built from."""

    accounts: AccountStore
    sessions: SessionStore
    keys: KeyStore
    tokens: TokenMaker
    passwords: PasswordKeeper
    clock: Clock
    record: Recorder
    atomic: Atomic


class SessionService:
    """Sign in, stay signed in, sign out."""

    def __init__(self, needs: Dependencies) -> None:
        """Take what the use cases need."""
        self._accounts = needs.accounts
        self._sessions = needs.sessions
        self._tokens = needs.tokens
        self._passwords = needs.passwords
        self._clock = needs.clock
        self._record = needs.record
        self._atomic = needs.atomic

    def sign_in(self, command: commands.SignIn) -> SignedIn:
        """Start a session for the person who knows the password.

        :raises InvalidCredentials: unknown address, wrong password or shut out: one answer.
        """
        account = self._accounts.find_by_email(command.email)
        known = self._passwords.matches(command.password, account.password if account else None)
        if account is None or not known or not account.is_active:
            raise InvalidCredentials
        with self._atomic():
            tokens = self.start(account, device=command.device)
        return SignedIn(account=account, tokens=tokens)

    def start(self, account: Account, *, device: str) -> TokenPair:
        """Start a session within the caller's transaction, and return its tokens."""
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
            [_change("session.started", account.pk, new={"session": str(session.pk)})],
            actor_id=account.pk,
            at=now,
        )
        return tokens

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
            [_change("session.token_reused", session.account_id, old=_named(session.pk))],
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
                [_change("session.ended", command.account_id, old=_named(command.session_id))],
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
                    [_change("session.others_ended", command.account_id, new={"ended": ended})],
                    actor_id=command.actor_id,
                    at=now,
                )


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
                [_change("account.signed_up", account.pk)],
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
                    [_change("account.profile_changed", account.pk, old=old, new=new)],
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
                [_change("account.password_changed", account.pk)],
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
            self._record([_change(name, account.pk)], actor_id=command.actor_id, at=now)
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


class KeyService:
    """Make and revoke the API keys of programs."""

    def __init__(self, needs: Dependencies) -> None:
        """Take what the use cases need."""
        self._keys = needs.keys
        self._tokens = needs.tokens
        self._clock = needs.clock
        self._record = needs.record
        self._atomic = needs.atomic

    def create(self, command: commands.CreateKey) -> tuple[ApiKey, str]:
        """Make a key; return it and its text, which is never to be had again."""
        secret = self._tokens.new_key()
        key = ApiKey(
            account_id=command.account_id,
            name=command.name,
            scope=command.scope,
            digest=secret.digest,
            hint=secret.hint,
            created_at=self._clock(),
        )
        with self._atomic():
            self._keys.add(key)
            self._record(
                [_change("key.created", key.account_id, new=_described(key))],
                actor_id=command.actor_id,
                at=key.created_at,
            )
        return key, secret.text

    def revoke(self, command: commands.RevokeKey) -> None:
        """Make a key useless at once.

        :raises NotFound: it is not theirs, or revoked.
        """
        with self._atomic():
            key = self._keys.get_for_update(account_id=command.account_id, key_id=command.key_id)
            key.revoked_at = self._clock()
            self._keys.save(key)
            self._record(
                [_change("key.revoked", key.account_id, old=_described(key))],
                actor_id=command.actor_id,
                at=key.revoked_at,
            )


def _change(
    name: str, account_id: int, *, old: Values | None = None, new: Values | None = None
) -> Change:
    return Change(
        name=name,
        account_id=account_id,
        subject_type="account",
        subject_id=account_id,
        old=old,
        new=new,
    )


def _named(session_id: UUID) -> Values:
    return {"session": str(session_id)}


def _described(key: ApiKey) -> Values:
    return {"key": key.pk, "name": key.name, "scope": key.scope}


def _invalid(field: str, code: str, detail: str) -> InvalidInput:
    return InvalidInput([Violation(path=(field,), code=code, detail=detail)])
