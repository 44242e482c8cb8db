"""What the use cases of accounts are asked: valid input, as the doors hand it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import rules

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Sign a person in on this device."""

    email: str
    password: str
    device: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Change the password, and end every session but this one."""

    account_id: int
    actor_id: int
    session_id: UUID
    current_password: str
    new_password: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeKey:
    """Make an API key useless, for good."""

    account_id: int
    actor_id: int
    key_id: int
