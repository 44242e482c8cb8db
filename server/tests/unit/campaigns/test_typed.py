"""Countries, amounts and pasted lines, as people type them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from campaigns.console.amounts import currency_beside, read_amount, read_currency
from campaigns.console.paste import read_lines
from campaigns.console.places import label, labels, read_country
from core.exceptions import RuleViolation
from core.reference import countries


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Estonia (EE)", "EE"),
        ("EE", "EE"),
        (" ee ", "EE"),
        ("Esto", "EE"),
        ("ESTONIA", "EE"),
        ("Worldwide", None),
        ("everywhere else", None),
        ("Everywhere else (worldwide)", None),
        ("Niger", "NE"),  # also a part of Nigeria
        ("uk", "GB"),  # also a part of Ukraine
        ("United States", "US"),  # also a part of its Minor Outlying Islands
        ("Russian Federation", "RU"),
        ("cote d’ivoire", "CI"),
        ("Türkiye", "TR"),
    ],
)
def test_a_country_is_found_by_name_code_or_part(typed: str, code: str | None) -> None:
    assert read_country(typed) == code


def test_what_the_form_shows_is_read_back() -> None:
    assert [read_country(shown) for shown in labels()] == [None, *countries()]


@pytest.mark.parametrize(
    ("typed", "code", "named"),
    [
        ("korea", "ambiguous", "North Korea (KP) or South Korea (KR)"),
        ("land", "ambiguous", "more"),
        ("Estonai", "unknown_country", "Estonia (EE)"),
        ("Atlantis", "unknown_country", "such as Estonia (EE)"),
        ("xx", "unknown_country", "xx"),
        ("", "blank", "Choose a country"),
        ("EE\u202e", "invisible_character", "U+202E"),
        ("E\x00", "invisible_character", "U+0000"),
        ("e" * 5000, "unknown_country", "…"),
    ],
)
def test_what_is_no_country_says_which_it_could_be(typed: str, code: str, named: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_country(typed)
    assert refused.value.code == code
    assert named in refused.value.detail


@pytest.mark.parametrize(
    ("typed", "currency", "amount"),
    [
        ("42", "EUR", "42"),
        ("42.00", "EUR", "42"),
        ("42,00", "EUR", "42"),
        ("42,5", "EUR", "42.5"),
        ("0,123", "EUR", "0.123"),
        ("1234,567", "EUR", "1234.567"),
        ("1,234.50", "EUR", "1234.5"),
        ("1.234,50", "EUR", "1234.5"),
        ("1,234,567", "EUR", "1234567"),
        ("1\u00a0234,50", "EUR", "1234.5"),
        ("1’234.50", "CHF", "1234.5"),
        ("$42", "USD", "42"),
        ("42,50 €", "EUR", "42.5"),
        ("SEK 42", "SEK", "42"),
    ],
)
def test_an_amount_that_can_be_read_in_one_way_is(typed: str, currency: str, amount: str) -> None:
    assert read_amount(typed, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "currency", "code", "named"),
    [
        ("1,234", "EUR", "ambiguous", "Write 1234 or 1.234"),
        ("$42", "EUR", "invalid", "Write 42 alone"),
        ("$42", "CAD", "invalid", "Write 42 alone"),
        ("$1,234", "USD", "ambiguous", "Write 1234 or 1.234"),
        ("12,34,56", "EUR", "invalid", "An amount is written like"),
        ("-1", "EUR", "min_value", "greater than 0"),
        ("0", "EUR", "min_value", "greater than 0"),
        ("1.23456", "EUR", "max_decimal_places", "at most 4 decimals"),
        ("", "EUR", "blank", "such as 1.50"),
        ("4\x072", "EUR", "invisible_character", "U+0007"),
        ("4" * 5000, "EUR", "invalid", "An amount is written like"),
        ("forty", "EUR", "invalid", "An amount is written like"),
    ],
)
def test_an_amount_that_is_none_or_two_says_what_would_be_right(
    typed: str, currency: str, code: str, named: str
) -> None:
    with pytest.raises(RuleViolation) as refused:
        read_amount(typed, currency)
    assert refused.value.code == code
    assert named in refused.value.detail


@pytest.mark.parametrize(
    ("amount", "currency"), [("42 €", "EUR"), ("usd 42", "USD"), ("$42", ""), ("42", "")]
)
def test_an_amount_names_its_currency_only_without_doubt(amount: str, currency: str) -> None:
    assert currency_beside(amount) == currency


def test_a_currency_is_read_in_any_case_and_by_name() -> None:
    assert [read_currency(typed) for typed in ("EUR", " eur ", "euro")] == ["EUR"] * 3
    for typed, code in [
        ("", "blank"),
        ("€€", "unknown_currency"),
        ("E\x00", "invisible_character"),
    ]:
        with pytest.raises(RuleViolation) as refused:
            read_currency(typed)
        assert refused.value.code == code


def test_lines_are_read_with_tabs_semicolons_and_commas() -> None:
    found, unread = read_lines('EE\t42,00\r\nSweden;5;sek\n\n"Korea, South",7,USD\nFI,3.5,')
    assert [(line.number, line.country, line.amount, line.currency) for line in found] == [
        (1, "EE", "42,00", ""),
        (2, "Sweden", "5", "sek"),
        (4, "Korea, South", "7", "USD"),
        (5, "FI", "3.5", ""),
    ]
    assert not unread


def test_lines_that_cannot_be_read_are_named_by_their_number() -> None:
    _, unread = read_lines("EE\t1\nfoo bar\nDE,42,00\nFR\tmany\na;b;1;d\n;5")
    assert [line.number for line in unread] == [2, 3, 4, 5, 6]
    assert "separate with tabs" in unread[1].problem


def test_a_heading_is_passed_over_only_at_the_top() -> None:
    found, unread = read_lines("Country\tPayout\nEE\t1\nCountry\tPayout")
    assert [line.number for line in found] == [2]
    assert [line.number for line in unread] == [3]


def test_no_country_is_the_world() -> None:
    assert label(None) == "Everywhere else (worldwide)"
