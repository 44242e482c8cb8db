"""What the services of accounts are built from, and the changes they record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from core.events import Change, Values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from accounts.models import Account, ApiKey, Session
    from accounts.resets import ResetLink
    from accounts.rules import Patience, Standing
    from accounts.tokens import KeySecret, RefreshClaims, TokenPair
    from core.events import Atomic, Clock, Recorder
    from core.exceptions import RuleViolation


class AccountStore(Protocol):
    """Where accounts are kept."""

    def add(self, account: Account) -> None:
        """Store a new one; raises EmailTaken."""

    def find_by_email(self, email: str) -> Account | None:
        """Return the one with an address, if there is one."""

    def find(self, *, account_id: int) -> Account | None:
        """Return one, if it is there."""

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

    def keep(self, *, session_id: UUID, at: datetime, expires_at: datetime) -> bool:
        """Note that it is used, and let it last on if it is live; tell whether it does."""

    def was_rotated_since(self, *, session_id: UUID, digest: str, since: datetime) -> bool:
        """Tell whether a refresh token was exchanged lately."""

    def end(self, *, account_id: int, session_id: UUID, at: datetime) -> bool:
        """End one; tell whether it was live."""

    def purge(self, *, expired_before: datetime) -> int:
        """Remove those that expired before a moment; return how many."""

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


class AttemptStore(Protocol):
    """Where attempts are counted; a ``purpose`` such as ``sign-in`` has counts of its own."""

    def standing(
        self, *, purpose: str, address: str, network: str, known_since: datetime
    ) -> Standing:
        """Return what is known of an address before an attempt."""

    def count(
        self, *, purpose: str, address: str, network: str, patience: Patience, at: datetime
    ) -> datetime | None:
        """Count an attempt, in one step; return until when it has to wait instead, if it does."""

    def take_back(self, *, purpose: str, address: str, network: str) -> None:
        """Uncount one attempt."""

    def note_success(self, *, purpose: str, address: str, network: str, at: datetime) -> None:
        """Forget the attempts, and remember when one succeeded."""

    def purge(self, *, at: datetime, known_since: datetime) -> int:
        """Remove what does not matter any more; return how many."""


class ResetTokens(Protocol):
    """What makes and reads the tokens of password resets."""

    def issue(self, account: Account | None) -> ResetLink:
        """Return what leads to the reset; takes as long where there is no account."""

    def account_id(self, uid: str) -> int | None:
        """Return whom a link names, if anybody."""

    def is_good(self, account: Account, token: str) -> bool:
        """Tell whether a token of an account is still good."""


class Postman(Protocol):
    """What sends mail, later."""

    def send_reset(self, *, to: str | None, link: ResetLink) -> None:
        """Send a link, and return before it is sent; takes as long where there is no address."""


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
class Dependencies:
    """What all services of this app are built from."""

    accounts: AccountStore
    sessions: SessionStore
    keys: KeyStore
    attempts: AttemptStore
    tokens: TokenMaker
    passwords: PasswordKeeper
    clock: Clock
    record: Recorder
    atomic: Atomic


def account_change(
    name: str, account_id: int, *, old: Values | None = None, new: Values | None = None
) -> Change:
    """Return a change of an account, for its history."""
    return Change(
        name=name,
        account_id=account_id,
        subject_type="account",
        subject_id=account_id,
        old=old,
        new=new,
    )
