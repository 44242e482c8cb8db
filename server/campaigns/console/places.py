"""Countries as people type them: by name, by code, or by a part that only one has.

Nothing is guessed: money follows the country. What could be several is refused, with their names.
"""

from __future__ import annotations

import difflib
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from django.utils import translation
from django.utils.translation import gettext as _
from django_countries.data import COUNTRIES

from campaigns import rules
from core.exceptions import RuleViolation
from core.reference import countries
from core.text import refuse_invisible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WORLD = ""
"""What stands for the world among codes."""
_SHORTEST_PART = 3
"""Two letters are a code: as a part of a name "UK" would be Ukraine."""
_LONGEST = 100
_MOST_NAMED = 5
# What many people write, and no standard has.
_ALSO: Mapping[str, str] = {
    "worldwide": WORLD,
    "everywhere else": WORLD,
    "everywhere": WORLD,
    "rest of world": WORLD,
    "rest of the world": WORLD,
    "uk": "GB",
    "great britain": "GB",
    "usa": "US",
    "united states": "US",
    "uae": "AE",
    "czech republic": "CZ",
    "turkey": "TR",
}


def label(country: str | None) -> str:
    """Return what the form shows for a country, or for the world."""
    if not country:
        return _("Everywhere else (worldwide)")
    return f"{rules.country_name(country)} ({country})"


def labels() -> list[str]:
    """Return all that a country's field can be filled with: the world first."""
    return [label(country) for country in (None, *countries())]


def read_country(text: str) -> str | None:
    """Return the code of a country as it was typed, None for the world.

    :raises RuleViolation: it is none, or could be several; the message says which.
    """
    text = text.strip()
    if not text:
        raise RuleViolation("blank", _("Choose a country, or everywhere else."))
    refuse_invisible(text)
    key = _key(text[:_LONGEST])
    if len(text) > _LONGEST:
        found = set()
    elif key in _exactly():
        found = {_exactly()[key]}
    else:
        found = _with_part(key) if len(key) >= _SHORTEST_PART else set()
    if len(found) == 1:
        return found.pop() or None
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if found:
        message = _("“%(typed)s” could be %(names)s. Choose one.")
        raise RuleViolation("ambiguous", message % {"typed": shown, "names": _either(found)})
    if alike := _alike(key):
        message = _("No country is called “%(typed)s”. Did you mean %(names)s?")
        raise RuleViolation("unknown_country", message % {"typed": shown, "names": _either(alike)})
    message = _("No country is called “%(typed)s”. Choose one of the list, such as %(example)s.")
    raise RuleViolation("unknown_country", message % {"typed": shown, "example": label("EE")})


def _key(text: str) -> str:
    """Return the form in which names are compared: without case, accents and odd spaces."""
    bare = "".join(
        character
        for character in unicodedata.normalize("NFKD", text)
        if unicodedata.category(character) != "Mn"
    )
    plain = bare.casefold().replace("’", "'").replace("&", " and ")
    return " ".join(plain.split())


@cache
def _names() -> Mapping[str, str]:
    """Return each name as it is compared with its code; some countries have two."""
    with translation.override("en"):
        official = {code: str(name) for code, name in COUNTRIES.items() if code in countries()}
    return {
        **{_key(name): code for code, name in official.items()},
        **{_key(name): code for code, name in countries().items()},
        _key(label(None)): WORLD,
    }


@cache
def _exactly() -> Mapping[str, str]:
    """Return what stands for one country and no other: names, codes, and what the form shows."""
    return {
        **_ALSO,
        **_names(),
        **{_key(code): code for code in countries()},
        **{_key(label(code)): code for code in countries()},
    }


def _with_part(key: str) -> set[str]:
    return {code for name, code in _names().items() if key in name}


def _alike(key: str) -> list[str]:
    """Return countries whose names are nearly this, to offer them: typing slips later letters."""
    near = [name for name in _names() if name[:1] == key[:1]]
    return [_names()[name] for name in difflib.get_close_matches(key, near, n=2, cutoff=0.7)]


def _either(codes: Iterable[str]) -> str:
    """Return countries as a sentence names them."""
    names = sorted(label(code) for code in {*codes})
    if len(names) > _MOST_NAMED:
        more = _("%(count)d more") % {"count": len(names) - _MOST_NAMED + 1}
        names = [*names[: _MOST_NAMED - 1], more]
    if len(names) == 1:
        return names[0]
    return _("%(first)s or %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
