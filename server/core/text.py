"""Text that people type: one form for storing it, one for comparing it."""

from __future__ import annotations

import unicodedata

from core.exceptions import RuleViolation

# Explicit directional formatting: it can make a text read as another than it is
# (Unicode Technical Report 36, "Bidirectional Text Spoofing").
_BIDIRECTIONAL = frozenset(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
)
# Without width: two texts that look the same could differ in nothing else. The joiners are not
# among them, since scripts and emoji need them.
_WITHOUT_WIDTH = frozenset("\u00ad\u180e\u200b\u2060\ufeff")
_REFUSED = _BIDIRECTIONAL | _WITHOUT_WIDTH
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean_line(text: str, *, longest: int, shortest: int = 1) -> str:
    """Return one line of text, trimmed and in Unicode's form NFC.

    :param longest: characters that it may have at most, after trimming; ``shortest`` at least.
    :raises RuleViolation: it is too short or long, or has characters that cannot be seen.
    """
    line = unicodedata.normalize("NFC", text.strip())
    refuse_invisible(line)
    if len(line) < shortest or (line and not any(_is_visible(character) for character in line)):
        raise RuleViolation("blank", "This may not be blank.")
    if len(line) > longest:
        raise RuleViolation(
            "max_length", f"This has {len(line)} characters; it may have at most {longest}."
        )
    return line


def refuse_invisible(text: str) -> None:
    """Refuse control characters, lone surrogates, bidirectional overrides and empty spaces.

    :raises RuleViolation: there is one; the message says which and where.
    """
    for position, character in enumerate(text, start=1):
        if character in _REFUSED or unicodedata.category(character) in _REFUSED_CATEGORIES:
            raise RuleViolation(
                "invisible_character",
                f"Character {position} is U+{ord(character):04X}, which cannot be seen and may "
                "mislead; remove it.",
            )


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CMZ"


def comparison_key(text: str) -> str:
    """Return the form in which texts are compared: equal but for case means equal here.

    Databases disagree on case (SQLite's LOWER knows ASCII only), so we store this key beside the
    text. It is Unicode's canonical caseless match (The Unicode Standard, section 3.13, D145).
    """
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed.casefold()))
