"""Read a body that is larger than others may be: to the disk, piece by piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http.request import UnreadablePostError

from core.chunked import UNKNOWN_LENGTH, Spool, body_limit
from core.exceptions import DomainError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from rest_framework.request import Request

_PIECE = 64 * 1024
_IN_MEMORY = 1024 * 1024


class BodyTooLarge(DomainError):
    """The body has more bytes than its length said it would, or none said so."""

    code = "body_too_large"


class UnknownLength(DomainError):
    """Nobody said how long the body is, so that nobody can tell whether it is whole."""

    code = "bad_request"


class WrongMediaType(DomainError):
    """The body is not of the kind that this takes."""

    code = "unsupported_media_type"


class Upload:
    """The body of a request, on the disk until the request has been answered."""

    def __init__(self, file: Spool) -> None:
        """Take it."""
        self._file = file

    def pieces(self, size: int = _PIECE) -> Iterator[bytes]:
        """Return it from its beginning, in pieces of some bytes."""
        self._file.seek(0)
        while piece := self._file.read(size):
            yield piece


def upload_of(request: HttpRequest | Request) -> Upload | None:
    """Return the body of a request that was taken in as an upload."""
    inner: HttpRequest = getattr(request, "_request", request)
    found: Upload | None = inner.__dict__.get("upload")
    return found


def take_upload(request: Request, *, media_type: str) -> None:
    """Take in the body of a request, which no parser reads then.

    :raises WrongMediaType: it is of another kind.
    :raises UnknownLength: it came in chunks; a file that is cut off is a file all the same.
    :raises BodyTooLarge: it has more bytes than the address takes.
    """
    inner: HttpRequest = request._request  # noqa: SLF001 -- DRF's own would parse the body
    sent = str(inner.META.get("CONTENT_TYPE", ""))
    if sent.partition(";")[0].strip().lower() != media_type:
        raise WrongMediaType(f"Send the file itself, as `Content-Type: {media_type}`.")
    if UNKNOWN_LENGTH in inner.META:
        raise UnknownLength(
            "Say how long the file is with Content-Length; in chunks, half of it looks whole."
        )
    file = Spool(max_size=_IN_MEMORY)
    left = body_limit(inner.path_info)
    try:
        while piece := inner.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise BodyTooLarge("The file is larger than it may be. Split it.")
            file.write(piece)
    except OSError as error:
        raise UnreadablePostError(*error.args) from error
    inner.__dict__["upload"] = Upload(file)
