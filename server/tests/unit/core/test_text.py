"""Lines of text, and the form in which texts are compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import RuleViolation
from core.text import clean_line, comparison_key, refuse_invisible


class TestCleanLine:
    def test_may_be_blank_where_that_is_allowed(self) -> None:
        assert clean_line("  ", longest=5, shortest=0) == ""

    def test_counts_after_trimming_and_composing(self) -> None:
        assert clean_line(" e\u0301a ", longest=2) == "\u00e9a"
        with pytest.raises(RuleViolation, match="has 3 characters; it may have at most 2"):
            clean_line("abc", longest=2)

    def test_spaces_are_visible_and_line_ends_are_not(self) -> None:
        refuse_invisible("a b\u00a0c\u3000d")
        with pytest.raises(RuleViolation, match=r"Character 2 is U\+000A"):
            refuse_invisible("a\nb")

    @pytest.mark.parametrize("text", ["\u2800", "\u200d", "\ufe0f", "\u0301", "\u00a0"], ids=ascii)
    def test_what_shows_nothing_is_blank(self, text: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            clean_line(text, longest=10)
        assert violation.value.code == "blank"

    @pytest.mark.parametrize(
        "character",
        [
            "\u00ad",
            "\u034f",
            "\u115f",
            "\u200b",
            "\u2060",
            "\u3164",
            "\ufeff",
            "\ufff9",
            "\U000e0061",
        ],
        ids=ascii,
    )
    def test_what_has_no_shape_is_refused(self, character: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            clean_line(f"a{character}b", longest=10)
        assert violation.value.code == "invisible_character"

    def test_a_text_far_too_long_is_not_even_composed(self) -> None:
        """Composing it would take minutes: this test would not end."""
        with pytest.raises(RuleViolation) as violation:
            clean_line("a" + "\u0301\u0316" * 500_000, longest=200)
        assert violation.value.code == "max_length"


class TestComparisonKey:
    def test_joiners_and_variation_selectors_make_no_difference(self) -> None:
        assert comparison_key("a\u200db\ufe0f") == comparison_key("AB")

    @given(text=st.text())
    def test_is_its_own_key(self, text: str) -> None:
        key = comparison_key(text)
        assert comparison_key(key) == key

    @given(text=st.text(alphabet=st.characters(exclude_characters="\u0131")))
    def test_is_the_same_whatever_the_case(self, text: str) -> None:
        assert comparison_key(text.upper()) == comparison_key(text.lower()) == comparison_key(text)

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("STRASSE", "strasse"),
            ("Straße", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ"),
            ("e\u0301", "\u00e9"),
            ("\u0345\u0313", "\u0313\u03b9"),
            ("İ", "i\u0307"),
        ],
    )
    def test_is_folded_and_composed(self, text: str, key: str) -> None:
        assert comparison_key(text) == key
