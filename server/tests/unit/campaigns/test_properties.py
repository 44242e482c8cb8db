"""What holds for every amount and every title."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import rules
from core.exceptions import RuleViolation
from core.reference import currencies

amounts = st.decimals(
    min_value=Decimal("0.0001"),
    max_value=rules.LARGEST_AMOUNT,
    places=rules.AMOUNT_DECIMALS,
    allow_nan=False,
    allow_infinity=False,
)
codes = st.sampled_from(sorted(currencies()))


@given(amount=amounts, currency=codes)
def test_the_text_of_an_amount_is_the_amount(amount: Decimal, currency: str) -> None:
    assert rules.clean_amount(rules.amount_text(amount, currency)) == amount


@given(amount=amounts, currency=codes)
def test_the_text_of_an_amount_has_the_currencys_digits_and_no_zeros_beyond(
    amount: Decimal, currency: str
) -> None:
    text = rules.amount_text(amount, currency)
    _, point, decimals = text.partition(".")
    minor_digits = currencies()[currency].minor_digits
    assert minor_digits <= len(decimals) <= rules.AMOUNT_DECIMALS
    assert bool(point) == bool(decimals)
    assert len(decimals) == minor_digits or not decimals.endswith("0")


@given(amount=amounts)
def test_a_number_and_its_text_are_one_amount(amount: Decimal) -> None:
    assert rules.clean_amount(amount) == rules.clean_amount(f"{amount:f}") == amount


@given(number=st.decimals(allow_nan=True, allow_infinity=True))
def test_any_number_is_taken_exactly_or_refused(number: Decimal) -> None:
    try:
        amount = rules.clean_amount(number)
    except RuleViolation:
        within = number.is_finite() and 0 < number <= rules.LARGEST_AMOUNT
        assert not within or number.normalize().as_tuple().exponent < -rules.AMOUNT_DECIMALS  # type: ignore[operator]  # a finite number's exponent is one
    else:
        assert amount == number


@given(text=st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        amount = rules.clean_amount(text)
    except RuleViolation:
        return
    assert text == rules.amount_text(amount, "JPY") or Decimal(text) == amount


@given(text=st.text(max_size=250))
def test_a_clean_title_stays_as_it_is(text: str) -> None:
    try:
        title = rules.clean_title(text)
    except RuleViolation:
        return
    assert rules.clean_title(title) == title
    assert rules.title_key(title) == rules.title_key(text)


# Letters by their category, which nobody sees: no title has them.
EMPTY_LETTERS = "\u115f\u1160\u3164\uffa0"


@pytest.mark.parametrize("change", [str.upper, str.lower, str.casefold, str.title])
@given(
    text=st.text(
        alphabet=st.characters(exclude_characters=f"\u0131{EMPTY_LETTERS}", categories=["L", "N"])
    )
)
def test_case_does_not_make_another_key(change: type[str], text: str) -> None:
    """Only the dotless i of Turkish changes its letter with its case."""
    for form in (text, f"x{text}"):
        if form:
            assert rules.title_key(change(form[:60])) == rules.title_key(form[:60])
