"""Find a country as people call it: by its code, or by part of its name."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from core.reference import countries

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 100
"""Characters of a name that are looked at."""


def found(text: str) -> list[str]:
    """Return the codes of the countries that a text may mean, the likeliest first.

    Neither case nor accents count: "cote" finds Côte d'Ivoire.
    """
    wanted = _plain(text[:LONGEST])
    if not wanted:
        return []
    ranked = []
    for code, name in _names().items():
        rank = _rank(wanted, code.lower(), name)
        if rank is not None:
            ranked.append((rank, name, code))
    return [code for _, _, code in sorted(ranked)]


def _rank(wanted: str, code: str, name: str) -> int | None:
    """Return how well a name fits, 0 best; None where it does not."""
    if wanted in {code, name}:
        return 0
    if name.startswith(wanted):
        return 1
    if f" {wanted}" in name:
        return 2
    return 3 if wanted in name else None


@cache
def _names() -> Mapping[str, str]:
    return {code: _plain(name) for code, name in countries().items()}


def _plain(text: str) -> str:
    """Return a text in small letters, without accents and marks, with single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(
        "".join(
            letter if letter.isalnum() else " "
            for letter in letters
            if not unicodedata.combining(letter)
        ).split()
    )
