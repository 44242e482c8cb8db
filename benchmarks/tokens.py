"""Access tokens for the accounts of a store, signed by the bench as Ratecard signs its own."""

from __future__ import annotations

import secrets
import time
from functools import cache

import jwt

from benchmarks.base import TOKENS_LIVE
from benchmarks.layout import session_id

SIGNING_KEY = secrets.token_hex(32)


@cache
def token(account: int) -> str:
    """Return an access token that outlives the bench."""
    now = int(time.time())
    claims = {
        "token_type": "access",
        "iat": now,
        "exp": now + int(TOKENS_LIVE.total_seconds()),
        "jti": f"{account:032x}",
        "iss": "ratecard",
        "aud": "ratecard-api",
        "sub": str(account),
        "sid": str(session_id(account)),
    }
    return jwt.encode(claims, SIGNING_KEY, algorithm="HS256")
