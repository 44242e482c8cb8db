"""Who sends a request: the session behind an access token, or the program behind an API key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from accounts import composition
from accounts.exceptions import InvalidToken
from accounts.tokens import KEY_PREFIX, digest, session_of_access_token
from core import facts

if TYPE_CHECKING:
    from uuid import UUID

    from rest_framework.request import Request

    from accounts.models import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a request proved itself with; DRF keeps it as ``request.auth``."""

    session_id: UUID | None
    """The session of a person; null for a program."""
    may_write: bool


class BearerAuthentication(BaseAuthentication):
    """``Authorization: Bearer``, with an access token or an API key (RFC 6750). One query."""

    def authenticate(self, request: Request) -> tuple[Account, Credential] | None:
        """Return the account and its credential; None where no token was sent.

        :raises InvalidToken: there is one, and it is not good.
        """
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer" or not token.strip():
            raise InvalidToken("The header is not of the form 'Authorization: Bearer <token>'.")
        found = _program(token.strip()) if token.startswith(KEY_PREFIX) else _person(token.strip())
        facts.add(account_id=found[0].id)
        return found

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- DRF's signature
        """Return the challenge of a 401."""
        return 'Bearer realm="ratecard"'


def _person(token: str) -> tuple[Account, Credential]:
    session_id = session_of_access_token(token)
    account = composition.sessions().authenticate(session_id=session_id)
    if account is None:
        raise InvalidToken("The session has ended. Sign in.")
    return account, Credential(session_id=session_id, may_write=True)


def _program(token: str) -> tuple[Account, Credential]:
    keys = composition.keys()
    key = keys.authenticate(digest=digest(token))
    if key is None:
        raise InvalidToken("There is no such API key, or it is revoked.")
    keys.note_use(key, at=timezone.now())
    return key.account, Credential(session_id=None, may_write=key.may_write)
