"""Bodies of unknown length.

The WSGI entry point imports this before Django has loaded its apps; it may import none of them.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def measured(application: WSGIApplication) -> WSGIApplication:
    """Wrap an application so that chunked bodies (RFC 9112, section 7.1) have a length.

    Django reads as much of a body as Content-Length says, and takes a chunked one for empty: what
    a client sent would be lost without a word. We read one byte more than a body may have, so that
    a longer one is refused like any other.
    """

    def measuring(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not environ.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in environ:
            body = environ["wsgi.input"].read(body_limit() + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return application(environ, start_response)

    return measuring


def body_limit() -> int:
    """Return how many bytes a body may have."""
    limit: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return limit or 0
