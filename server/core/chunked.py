"""Bodies of unknown length, and bodies that end before their length.

The WSGI entry point imports this before Django has loaded its apps; it may import none of them.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


_PIECE = 64 * 1024
_CUT_OFF = "The connection was lost before the body had ended."
UNKNOWN_LENGTH = "ratecard.unknown_length"
"""In the environment of a request whose body came in chunks."""


class _Input(Protocol):
    def read(self, size: int, /) -> bytes:
        """Return some of a body, nothing at its end."""

    def readline(self, size: int, /) -> bytes:
        """Return a line of it, or some of one."""


class Spool(SpooledTemporaryFile[bytes]):
    """A file in memory, on the disk where it is large, that closes when nobody needs it."""

    def __del__(self) -> None:
        """Close it; a request ends in too many places to do it there."""
        self.close()


class Whole:
    """A body that ends where its length says, or is an error.

    The server program reads no more from a connection that is lost, and says nothing: half of a
    form, or of a file, would be taken for the whole of it.
    """

    def __init__(self, body: _Input, length: int) -> None:
        """Take a body and its length."""
        self._body = body
        self._left = length

    def read(self, size: int = -1, /) -> bytes:
        """Return as much of it as is asked for.

        :raises OSError: it has ended too early.
        """
        size = self._left if size < 0 else min(size, self._left)
        read = b""
        while len(read) < size:
            piece = self._body.read(size - len(read))
            if not piece:
                raise OSError(_CUT_OFF)
            read += piece
        self._left -= len(read)
        return read

    def readline(self, size: int = -1, /) -> bytes:
        """Return a line of it, or as much of one as is asked for.

        :raises OSError: it has ended too early.
        """
        size = self._left if size < 0 else min(size, self._left)
        line = self._body.readline(size)
        if len(line) < size and not line.endswith(b"\n"):
            raise OSError(_CUT_OFF)
        self._left -= len(line)
        return line


def measured(application: WSGIApplication) -> WSGIApplication:
    """Wrap an application so that chunked bodies (RFC 9112, section 7.1) have a length.

    Django reads as much of a body as Content-Length says, and takes a chunked one for empty: what
    a client sent would be lost without a word. We read one byte more than a body may have, so that
    a longer one is refused like any other. Whether a chunked body is whole, nobody tells us.
    """

    def measuring(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        length = str(environ.get("CONTENT_LENGTH", ""))
        if length.isascii() and length.isdigit():
            environ["wsgi.input"] = Whole(environ["wsgi.input"], int(length))
        if not length and "HTTP_TRANSFER_ENCODING" in environ:
            # Beyond what most bodies have it goes to the disk; it is gone with the request.
            body = Spool(max_size=body_limit())
            left = body_limit(environ.get("PATH_INFO", "")) + 1
            while left and (piece := environ["wsgi.input"].read(min(left, _PIECE))):
                body.write(piece)
                left -= len(piece)
            environ["CONTENT_LENGTH"] = str(body.tell())
            body.seek(0)
            environ["wsgi.input"] = body
            environ[UNKNOWN_LENGTH] = True
        return application(environ, start_response)

    return measuring


def body_limit(path: str = "") -> int:
    """Return how many bytes a body may have, at most addresses or at one."""
    limit: int | None = settings.LARGE_BODIES.get(path, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return limit or 0
