"""Write JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from rest_framework.renderers import BaseRenderer

if TYPE_CHECKING:
    from collections.abc import Mapping


class JSONRenderer(BaseRenderer):
    """Write an answer as JSON in UTF-8; times are RFC 3339 in UTC, ending in ``Z``."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002 -- DRF's signature
        renderer_context: Mapping[str, Any] | None = None,  # noqa: ARG002 -- DRF's signature
    ) -> bytes:
        """Return the bytes; no data is no body."""
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)
