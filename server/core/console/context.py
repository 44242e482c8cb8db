"""What every template of the console knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import SimpleLazyObject

from core.console import theme
from core.console.notices import told

if TYPE_CHECKING:
    from django.http import HttpRequest


def console(request: HttpRequest) -> dict[str, Any]:
    """Return who is signed in, the chosen theme, and what there is to tell (once it is shown)."""
    return {
        "account": getattr(request, "account", None),
        "theme": theme.chosen(request),
        "notices": SimpleLazyObject(lambda: told(request)),
    }
