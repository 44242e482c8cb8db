"""What the use cases of accounts are asked: valid input, as the doors hand it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accounts import rules
from core.reference import clean_currency

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """Create an account, and sign its person in on this device."""

    email: str
    password: str
    device: str
    display_name: str = ""
    time_zone: str = rules.DEFAULT_TIME_ZONE
    default_currency: str = rules.DEFAULT_CURRENCY
    network: str = ""
    """Where it comes from, as limits tell networks apart; nothing where it does not matter."""

    def __post_init__(self) -> None:
        """Clean the values.

        :raises RuleViolation: one is wrong.
        """
        object.__setattr__(self, "email", rules.clean_email(self.email))
        object.__setattr__(self, "display_name", rules.clean_display_name(self.display_name))
        rules.clean_time_zone(self.time_zone)
        clean_currency(self.default_currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Sign a person in on this device."""

    email: str
    password: str
    device: str
    network: str
    """Where it comes from, as limits tell networks apart."""
    claimed: str = field(init=False)
    """What the attempt is counted by."""

    def __post_init__(self) -> None:
        """Take the address as it would be stored; one that never could be finds nobody."""
        object.__setattr__(self, "claimed", rules.claimed_email(self.email))
        object.__setattr__(self, "email", rules.lookup_email(self.email))


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForReset:
    """Send a link that resets the password to an address, if it has an account."""

    email: str
    claimed: str = field(init=False)
    """What the mail is counted by."""

    def __post_init__(self) -> None:
        """Take the address as it would be stored; one that never could be finds nobody."""
        object.__setattr__(self, "claimed", rules.claimed_email(self.email))
        object.__setattr__(self, "email", rules.lookup_email(self.email))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword:
    """Set a new password with what the mail said, and end every session."""

    uid: str
    token: str
    password: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """End one session of an account."""

    account_id: int
    actor_id: int
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOtherSessions:
    """End every session of an account but this one."""

    account_id: int
    actor_id: int
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeProfile:
    """Change the values that are given; None leaves one as it is."""

    account_id: int
    actor_id: int
    display_name: str | None = None
    time_zone: str | None = None
    default_currency: str | None = None

    def __post_init__(self) -> None:
        """Clean the values.

        :raises RuleViolation: one is wrong.
        """
        if self.display_name is not None:
            object.__setattr__(self, "display_name", rules.clean_display_name(self.display_name))
        if self.time_zone is not None:
            rules.clean_time_zone(self.time_zone)
        if self.default_currency is not None:
            clean_currency(self.default_currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Change the password, and end every session but this one."""

    account_id: int
    actor_id: int
    session_id: UUID
    current_password: str
    new_password: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetActive:
    """Let an account sign in, or shut it out and end its sessions."""

    account_id: int
    actor_id: int
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateKey:
    """Make an API key."""

    account_id: int
    actor_id: int
    name: str
    scope: str

    def __post_init__(self) -> None:
        """Clean the name.

        :raises RuleViolation: it is none.
        """
        object.__setattr__(self, "name", rules.clean_key_name(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeKey:
    """Make an API key useless, for good."""

    account_id: int
    actor_id: int
    key_id: int
