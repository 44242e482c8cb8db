"""Signed tokens (RFC 7519), through simplejwt: what is in them, and whether one is ours."""

from __future__ import annotations

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from accounts.exceptions import InvalidToken

if TYPE_CHECKING:
    from datetime import datetime

_SESSION_CLAIM = "sid"
KEY_PREFIX = "rck_"
_HINT_LENGTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """The tokens of a session. The digest stands for the refresh token in the database."""

    access: str
    refresh: str
    refresh_digest: str
    refresh_expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshClaims:
    """What a refresh token of ours says."""

    session_id: uuid.UUID
    account_id: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    """An API key: its text, which is shown once, and what we keep of it."""

    text: str
    digest: str
    hint: str


class Tokens:
    """Issue tokens and read them."""

    def issue(self, *, account_id: int, session_id: uuid.UUID, at: datetime) -> TokenPair:
        """Return a new pair for a session: 5 minutes of access, 7 days to refresh."""
        access, refresh = AccessToken(), RefreshToken()
        token: Token
        for token in (access, refresh):
            token.set_iat(at_time=at)
            token.set_exp(from_time=at, lifetime=token.lifetime)
            token["sub"] = str(account_id)
            token[_SESSION_CLAIM] = str(session_id)
        return TokenPair(
            access=str(access),
            refresh=str(refresh),
            refresh_digest=digest(refresh["jti"]),
            refresh_expires_at=at + refresh.lifetime,
        )

    def read_refresh(self, text: str) -> RefreshClaims:
        """Return what a refresh token says.

        :raises InvalidToken: its signature, kind, issuer, audience or time is wrong.
        """
        token = _verified(RefreshToken, text)
        try:
            account_id = int(token["sub"])
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidToken from error
        return RefreshClaims(
            session_id=_session_id(token), account_id=account_id, digest=digest(token["jti"])
        )

    def new_key(self) -> KeySecret:
        """Return a new API key with 256 random bits."""
        text = KEY_PREFIX + secrets.token_urlsafe(32)
        return KeySecret(text=text, digest=digest(text), hint=text[:_HINT_LENGTH])


def session_of_access_token(text: str) -> uuid.UUID:
    """Return the session that an access token names.

    :raises InvalidToken: its signature, kind, issuer, audience or time is wrong.
    """
    session_id, expires_at = _verified_session(text)
    if expires_at <= time.time():
        raise InvalidToken
    return session_id


@lru_cache(maxsize=10_000)
def _verified_session(text: str) -> tuple[uuid.UUID, int]:
    """Return the session that a token names, and when the token expires.

    A signature that was right stays right; checking it took longer than asking the database.
    """
    token = _verified(AccessToken, text)
    return _session_id(token), int(token["exp"])


def digest(text: str) -> str:
    """Return what we store of a secret with 128 random bits or more (SHA-256, hexadecimal).

    Such a secret cannot be guessed, so that a slow hash would protect nothing.
    """
    return hashlib.sha256(text.encode()).hexdigest()


def address_digest(address: str, purpose: str) -> str:
    """Return what stands for an e-mail address where attempts are counted (hexadecimal).

    Addresses can be guessed: it is keyed, so that who reads the table cannot try them.
    """
    return salted_hmac(
        f"accounts.attempts.{purpose}", address.encode(errors="replace"), algorithm="sha256"
    ).hexdigest()


def _verified(kind: type[Token], text: str) -> Token:
    try:
        return kind(text)  # type: ignore[arg-type]  # simplejwt annotates the text as a Token
    except TokenError as error:
        raise InvalidToken from error


def _session_id(token: Token) -> uuid.UUID:
    try:
        return uuid.UUID(token[_SESSION_CLAIM])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidToken from error
