"""Countries and currencies."""

from __future__ import annotations

import re

from campaigns import rules
from core.reference import countries, currencies


def test_countries_are_those_of_iso_3166() -> None:
    assert len(countries()) == 249
    assert all(re.fullmatch("[A-Z]{2}", code) and name for code, name in countries().items())
    assert countries()["EE"] == "Estonia"
    assert list(countries().values()) == sorted(countries().values())


def test_a_rate_card_has_room_for_each_country_and_the_world() -> None:
    assert len(countries()) + 1 == rules.MOST_PAYOUTS


def test_currencies_have_a_minor_unit_or_are_whole() -> None:
    digits = {code: currency.minor_digits for code, currency in currencies().items()}
    assert (digits["EUR"], digits["JPY"], digits["BHD"], digits["CLF"]) == (2, 0, 3, 4)
    assert set(digits.values()) <= set(range(rules.AMOUNT_DECIMALS + 1))
    assert not {"XAU", "XAG", "XPT", "XPD", "XXX", "XTS", "XDR", "XSU", "XUA"} & set(digits)
    assert list(digits) == sorted(digits)
