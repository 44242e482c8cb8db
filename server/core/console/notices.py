"""What a page tells about what was just done, once, with the way to undo it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

_KEY = "notices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """A form that takes back what was done: where it is sent, with which values."""

    url: str
    label: str
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


def notify(request: HttpRequest, text: str, *, undo: Undo | None = None) -> None:
    """Tell this on the next page, or the next part of one, that is shown in this session."""
    notice = {"text": text, "undo": asdict(undo) if undo else None}
    request.session[_KEY] = [*request.session.get(_KEY, []), notice]


def told(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what there is to tell, and forget it."""
    found: list[dict[str, Any]] = request.session.pop(_KEY, [])
    return found
