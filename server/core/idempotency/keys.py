"""What a client sends: the key of a request, and what makes two requests the same."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from core.api.uploads import upload_of
from core.exceptions import DomainError

if TYPE_CHECKING:
    from django.http import HttpRequest

HEADER = "Idempotency-Key"
_IN_META = f"HTTP_{HEADER.upper().replace('-', '_')}"
LONGEST_KEY = 255
PATTERN = r"[!-~]([ -~]*[!-~])?"
"""Printable ASCII. What stands around it is no part of a header's value (RFC 9110, 5.5)."""

_KEY = re.compile(PATTERN)


class InvalidIdempotencyKey(DomainError):
    """The header is there, but what it has is no key."""

    code = "bad_request"

    def __init__(self) -> None:
        """Say what a key is."""
        super().__init__(
            f"The header {HEADER} takes 1 to {LONGEST_KEY} printable ASCII characters, a UUID for "
            "example."
        )


class IdempotencyMismatch(DomainError):
    """The key stands for another request."""

    code = "idempotency_mismatch"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            f"This {HEADER} came with another request within 24 hours. Send that request again as "
            "it was, or this one with a new key."
        )


def idempotency_key(request: HttpRequest) -> str | None:
    """Return the key of a request; None where it has none.

    :raises InvalidIdempotencyKey: it is empty, too long or not printable ASCII.
    """
    sent: str | None = request.META.get(_IN_META)  # ``headers`` would read all of them first
    if sent is None:
        return None
    key = sent.strip(" \t")
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise InvalidIdempotencyKey
    return key


def key_digest(key: str) -> str:
    """Return what is stored of a key: as long for each, and nothing that a client chose."""
    return hashlib.sha256(key.encode("ascii")).hexdigest()


def fingerprint(request: HttpRequest) -> str:
    """Return what two requests have in common only if they ask for the same thing.

    The body counts as it was sent: who tries again sends what was sent before.
    """
    envelope = [
        request.method,
        request.path,
        request.META["QUERY_STRING"],
        request.headers.get("If-Match"),
    ]
    # JSON ends by itself, so that no part can be taken for the beginning of the next.
    digest = hashlib.sha256(json.dumps(envelope).encode("ascii"))
    upload = upload_of(request)
    for piece in upload.pieces() if upload else (request.body,):
        digest.update(piece)
    return digest.hexdigest()
