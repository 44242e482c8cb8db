"""Bodies of unknown length.

The WSGI entry point imports this before Django has loaded its apps; it may import none of them.
"""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


_PIECE = 64 * 1024


class Spool(SpooledTemporaryFile[bytes]):
    """A file in memory, on the disk where it is large, that closes when nobody needs it."""

    def __del__(self) -> None:
        """Close it; a request ends in too many places to do it there."""
        self.close()


def measured(application: WSGIApplication) -> WSGIApplication:
    """Wrap an application so that chunked bodies (RFC 9112, section 7.1) have a length.

    Django reads as much of a body as Content-Length says, and takes a chunked one for empty: what
    a client sent would be lost without a word. We read one byte more than a body may have, so that
    a longer one is refused like any other.
    """

    def measuring(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in environ:
            # Beyond what most bodies have it goes to the disk; it is gone with the request.
            body = Spool(max_size=body_limit())
            left = body_limit(environ.get("PATH_INFO", "")) + 1
            while left and (piece := environ["wsgi.input"].read(min(left, _PIECE))):
                body.write(piece)
                left -= len(piece)
            environ["CONTENT_LENGTH"] = str(body.tell())
            body.seek(0)
            environ["wsgi.input"] = body
        return application(environ, start_response)

    return measuring


def body_limit(path: str = "") -> int:
    """Return how many bytes a body may have, at most addresses or at one."""
    limit: int | None = settings.LARGE_BODIES.get(path, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    return limit or 0
