"""The rules of titles, amounts, countries, currencies and rate cards."""

from __future__ import annotations

from decimal import Decimal

import pytest

from campaigns import rules
from core import reference
from core.exceptions import InvalidInput, RuleViolation


def refusal(violation: pytest.ExceptionInfo[RuleViolation]) -> str:
    assert violation.value.detail
    return violation.value.code


class TestTitle:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Spring", "Spring"),
            ("  Spring \t\n", "Spring"),
            ("\u3000Spring\u00a0", "Spring"),
            ("Two  spaces", "Two  spaces"),
            ("x", "x"),
            ("x" * 200, "x" * 200),
            (" " + "x" * 200 + " ", "x" * 200),
            ("e\u0301te\u0301", "\u00e9t\u00e9"),
            ("e\u0301" * 200, "\u00e9" * 200),  # 200 characters in NFC
            ("Å", "Å"),
            ("Весна", "Весна"),
            ("עסקה", "עסקה"),
            ("عرض", "عرض"),
            ("春のセール", "春のセール"),
            ("बिक्री", "बिक्री"),
            ("👩‍👩‍👧 Family 🎉", "👩‍👩‍👧 Family 🎉"),
            ("<b>&amp;", "<b>&amp;"),
        ],
    )
    def test_is_trimmed_and_composed_in_any_script(self, text: str, expected: str) -> None:
        assert rules.clean_title(text) == expected

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "blank"),
            (" \t\n\u3000", "blank"),
            ("x" * 201, "max_length"),
            ("春" * 201, "max_length"),
            ("a\x00b", "invisible_character"),
            ("a\x07b", "invisible_character"),
            ("a\tb", "invisible_character"),
            ("a\nb", "invisible_character"),
            ("a\x7fb", "invisible_character"),
            ("a\x85b", "invisible_character"),
            ("a\u2028b", "invisible_character"),
            ("a\u2029b", "invisible_character"),
            ("a\ud800b", "invisible_character"),
            ("\u202egnirpS", "invisible_character"),
            ("a\u200eb", "invisible_character"),
            ("a\u200fb", "invisible_character"),
            ("a\u061cb", "invisible_character"),
            ("a\u2066b\u2069", "invisible_character"),
        ],
    )
    def test_is_refused(self, text: str, code: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            rules.clean_title(text)
        assert refusal(violation) == code

    def test_says_which_character_cannot_be_seen_and_where(self) -> None:
        with pytest.raises(RuleViolation, match=r"Character 3 is U\+202E"):
            rules.clean_title("ab\u202ecd")

    def test_says_how_long_it_is(self) -> None:
        with pytest.raises(RuleViolation, match="201 characters; it may have at most 200"):
            rules.clean_title("x" * 201)


class TestTitleKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Spring", "sPRING"),
            ("Spring", "  spring "),
            ("STRASSE", "straße"),
            ("straẞe", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("οδοσ", "οδος"),
            ("ЗИМА", "зима"),
            ("Ёлка", "ёЛКА"),
            ("ÉTÉ", "e\u0301te\u0301"),
            ("ﬁne", "FINE"),
            ("ᾳ", "\u0391\u0399"),
            ("Ωmega", "Ωmega"),
        ],
    )
    def test_is_equal_whatever_the_case(self, one: str, other: str) -> None:
        assert rules.title_key(one) == rules.title_key(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("resume", "résumé"), ("Spring", "Spring 2"), ("зима", "3uma"), ("a  b", "a b")],
    )
    def test_differs_where_more_than_case_differs(self, one: str, other: str) -> None:
        assert rules.title_key(one) != rules.title_key(other)


class TestAmount:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("1", "1.0000"),
            ("1.5", "1.5000"),
            ("1.50", "1.5000"),
            ("0.0001", "0.0001"),
            ("0.5", "0.5000"),
            ("99999999999.9999", "99999999999.9999"),
            ("10000000000", "10000000000.0000"),
            (1, "1.0000"),
            (99_999_999_999, "99999999999.0000"),
            (Decimal("1.10"), "1.1000"),
            (Decimal("99999999999.9999"), "99999999999.9999"),
            (Decimal("0.00010000000"), "0.0001"),
            (Decimal("1e3"), "1000.0000"),
            (Decimal("12.34e-1"), "1.2340"),
        ],
        ids=repr,
    )
    def test_is_exactly_what_was_written(self, value: str | int | Decimal, expected: str) -> None:
        amount = rules.clean_amount(value)
        assert str(amount) == expected

    @pytest.mark.parametrize(
        "text",
        [
            *("", " ", " 1", "1 ", "1\n", "+1", "1_000", "1,5", "1.000,5", "1e3", "1E3", ".5"),
            *("1.", "01", "00.5", "0x1", "1/2", "1.2.3", "NaN", "Infinity", "-Infinity", "one"),
            *("\uff11", "\u0661", "1\u066b5", "½", "1€", "--1", "-", "- 1", "1.\uff15", "\u22121"),
        ],
    )
    def test_refuses_other_ways_of_writing_it(self, text: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            rules.clean_amount(text)
        assert refusal(violation) == "invalid"

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("0", "min_value"),
            ("0.0", "min_value"),
            ("0.0000", "min_value"),
            ("-1", "min_value"),
            ("-0.5", "min_value"),
            (0, "min_value"),
            (-1, "min_value"),
            (Decimal(0), "min_value"),
            (Decimal("-0.0"), "min_value"),
            (Decimal("-0.00001"), "min_value"),
            (Decimal("NaN"), "min_value"),
            (Decimal("sNaN"), "min_value"),
            (Decimal("Infinity"), "min_value"),
            ("100000000000", "max_value"),
            ("100000000000.00001", "max_value"),
            ("9" * 400, "max_value"),
            (100_000_000_000, "max_value"),
            (2**63 - 1, "max_value"),
            (Decimal("99999999999.99991"), "max_value"),
            (Decimal("1e400"), "max_value"),
            ("1.00001", "max_decimal_places"),
            ("0.00001", "max_decimal_places"),
            ("1.00000", "max_decimal_places"),
            (Decimal("1.00001"), "max_decimal_places"),
            (Decimal("99999999999.00001"), "max_decimal_places"),
            (Decimal("1e-400"), "max_decimal_places"),
            (Decimal("0." + "1" * 300), "max_decimal_places"),
        ],
        ids=repr,
    )
    def test_refuses_what_is_out_of_bounds(self, value: str | int | Decimal, code: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            rules.clean_amount(value)
        assert refusal(violation) == code

    @pytest.mark.parametrize(
        ("amount", "currency", "expected"),
        [
            ("1.5", "EUR", "1.50"),
            ("1", "EUR", "1.00"),
            ("0.0005", "EUR", "0.0005"),
            ("1.505", "EUR", "1.505"),
            ("120", "JPY", "120"),
            ("120.5", "JPY", "120.5"),
            ("0.0001", "JPY", "0.0001"),
            ("1.5", "BHD", "1.500"),
            ("1.2345", "BHD", "1.2345"),
            ("1.5", "CLF", "1.5000"),
            ("100", "EUR", "100.00"),
            ("99999999999.9999", "EUR", "99999999999.9999"),
            ("1", "XXX", "1.00"),  # a code that was withdrawn since it was stored
        ],
    )
    def test_is_written_with_the_currencys_digits(
        self, amount: str, currency: str, expected: str
    ) -> None:
        assert rules.amount_text(Decimal(amount), currency) == expected


class TestReferenceData:
    @pytest.mark.parametrize("code", ["EE", "US", "GB"])
    def test_takes_countries(self, code: str) -> None:
        assert reference.clean_country(code) == code

    @pytest.mark.parametrize(
        "code",
        ["", "ee", "Ee", " EE", "EE ", "EST", "E", "XX", "ZZ", "EU", "UK", "AN", "\uff25\uff25"],
    )
    def test_refuses_what_is_no_country(self, code: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            reference.clean_country(code)
        assert refusal(violation) == "unknown_country"

    @pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "BHD", "CLF"])
    def test_takes_currencies(self, code: str) -> None:
        assert reference.clean_currency(code) == code

    @pytest.mark.parametrize(
        "code",
        [
            "",
            "eur",
            " EUR",
            "EURO",
            "XAU",
            "XAG",
            "XXX",
            "XTS",
            "XDR",
            "DEM",
            "BTC",
            "\uff25\uff35\uff32",
        ],
    )
    def test_refuses_what_pays_nobody(self, code: str) -> None:
        with pytest.raises(RuleViolation) as violation:
            reference.clean_currency(code)
        assert refusal(violation) == "unknown_currency"

    @pytest.mark.parametrize(
        ("code", "name"), [("EE", "Estonia"), (None, "Worldwide"), ("XX", "XX")]
    )
    def test_names_countries(self, code: str | None, name: str) -> None:
        assert rules.country_name(code) == name


class TestRateCard:
    @pytest.mark.parametrize("card", [[None], ["EE"], ["EE", None, "AT"]])
    def test_takes_each_country_once(self, card: list[str | None]) -> None:
        rules.require_rate_card(card)

    def test_refuses_an_empty_one(self) -> None:
        with pytest.raises(InvalidInput) as refused:
            rules.require_rate_card([])
        [violation] = refused.value.violations
        assert (violation.path, violation.code) == (("payouts",), "empty")

    @pytest.mark.parametrize(
        ("card", "places"),
        [
            (["EE", "AT", "EE"], [2]),
            ([None, None], [1]),
            (["EE", "EE", "EE"], [1, 2]),
            (["EE", None, "AT", None, "EE"], [3, 4]),
        ],
    )
    def test_points_to_every_one_but_the_first(
        self, card: list[str | None], places: list[int]
    ) -> None:
        with pytest.raises(InvalidInput) as refused:
            rules.require_rate_card(card)
        assert [violation.path for violation in refused.value.violations] == [
            ("payouts", place, "country") for place in places
        ]
        assert {violation.code for violation in refused.value.violations} == {"duplicate_country"}
