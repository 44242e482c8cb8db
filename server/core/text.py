"""Text that people type: one form for storing it, one for comparing it."""

from __future__ import annotations

import unicodedata

from core.exceptions import RuleViolation

# Explicit directional formatting can make a text read as another than it is (Unicode Technical
# Report 36, "Bidirectional Text Spoofing"). What has no width or no shape can make two texts look
# the same that are not: Unicode's Default_Ignorable_Code_Point, and what annotates. The joiners and
# the variation selectors are left, since scripts and emoji need them; comparing passes them over.
_REFUSED = frozenset(
    chr(code)
    for first, last in (
        (0x00AD, 0x00AD),
        (0x034F, 0x034F),
        (0x061C, 0x061C),
        (0x115F, 0x1160),
        (0x17B4, 0x17B5),
        (0x180B, 0x180F),
        (0x200B, 0x200B),
        (0x200E, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0x3164, 0x3164),
        (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFFB),
        (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A),
        (0xE0000, 0xE00FF),
    )
    for code in range(first, last + 1)
)
_PASSED_OVER = dict.fromkeys([0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BRAILLE_BLANK = "\u2800"
_SLACK = 4
"""How many times its limit a text may have before it is cleaned: NFC can shorten, and spaces go."""


def clean_line(text: str, *, longest: int, shortest: int = 1) -> str:
    """Return one line of text, trimmed and in Unicode's form NFC.

    :param longest: characters that it may have at most, after trimming; ``shortest`` at least.
    :raises RuleViolation: it is too short or long, or has characters that cannot be seen.
    """
    # Normalising takes time that grows with the square of what an attacker can send.
    if len(text) > _SLACK * longest:
        raise _too_long(len(text), longest)
    line = unicodedata.normalize("NFC", text.strip())
    refuse_invisible(line)
    if len(line) < shortest or (line and not any(_is_visible(character) for character in line)):
        raise RuleViolation("blank", "This may not be blank.")
    if len(line) > longest:
        raise _too_long(len(line), longest)
    return line


def _too_long(length: int, longest: int) -> RuleViolation:
    return RuleViolation(
        "max_length", f"This has {length} characters; it may have at most {longest}."
    )


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
    return unicodedata.category(character)[0] not in "CMZ" and character != _BRAILLE_BLANK


def comparison_key(text: str) -> str:
    """Return the form in which texts are compared: equal but for case means equal here.

    Databases disagree on case (SQLite's LOWER knows ASCII only), so we store this key beside the
    text. It is Unicode's canonical caseless match (The Unicode Standard, section 3.13, D145), less
    the joiners and variation selectors.
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_PASSED_OVER))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed.casefold()))
