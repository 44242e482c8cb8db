"""Answers of the API, written when they are made: there is one way to write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from rest_framework.status import HTTP_200_OK

from core.api.renderers import JSONRenderer

if TYPE_CHECKING:
    from collections.abc import Mapping


_JSON = JSONRenderer()


class Answer(HttpResponse):
    """An answer in JSON, or without a body."""

    def __init__(
        self,
        data: Any = None,
        *,
        status: int = HTTP_200_OK,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Write ``data``; None is no body."""
        super().__init__(
            _JSON.render(data),
            status=status,
            content_type=JSONRenderer.media_type,
            headers=headers,
        )
        if data is None:
            del self["Content-Type"]
