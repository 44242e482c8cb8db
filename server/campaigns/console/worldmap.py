"""The map of the world: where a campaign pays, by shade. ``tools/world_map.py`` draws the land."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from campaigns.console.card import answer
from core.console import reading
from core.reference import countries

if TYPE_CHECKING:
    from campaigns.console.card import Answer, Card

FILE = "console/world.svg"
_BOX = re.compile(r'viewBox="([^"]+)"')
_SHAPE = re.compile(r'id="(\w+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Land:
    """One country on the map."""

    code: str
    shade: str
    """``s1`` to ``s5`` by its own payout, ``rest`` by the worldwide one, else ``none``."""
    text: str
    """What hovering shows; empty for land that has no country."""


@cache
def geometry() -> tuple[str, tuple[str, ...]]:
    """Return the size of the drawing, and what is in it in the order to draw it."""
    path = finders.find(FILE)
    if path is None:
        raise FileNotFoundError(FILE)
    drawing = Path(path).read_text(encoding="utf-8")
    box = _BOX.search(drawing)
    return (box[1] if box else ""), tuple(_SHAPE.findall(drawing))


def lands(card: Card) -> list[Land]:
    """Return every country with its shade and what it is paid."""
    _box, shapes = geometry()
    return [
        _land(answer(card, code)) if code in countries() else Land(code=code, shade="none", text="")
        for code in shapes
    ]


def _land(answer: Answer) -> Land:
    shade = {"country": "", "worldwide": "rest", "none": "none"}[answer.reason]
    return Land(
        code=answer.country,
        shade=shade or f"s{answer.row.shade if answer.row else 0}",
        text=f"{answer.name}: {_pays(answer)}",
    )


def _pays(answer: Answer) -> str:
    if answer.row is None:
        return _("not paid")
    amount = reading.money(answer.row.amount, answer.row.currency)
    if answer.reason == "worldwide":
        return _("%(amount)s, as everywhere else") % {"amount": amount}
    return amount
