"""Amounts and currencies as people type them.

What can be read in one way only is understood: "42,50", "1,234.50", "1.234,50", and the sign of the
row's own currency. What can be read in two is refused and never guessed: "1,234" is a thousand and
more to some, and one and a bit to others.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from babel.numbers import get_currency_symbol
from django.utils.translation import gettext as _

from campaigns import rules
from core.exceptions import RuleViolation
from core.reference import currencies
from core.text import refuse_invisible

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

_LONGEST = 60
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))
_WITH_SIGN = re.compile(
    r"(?P<before>[^0-9.,\s'’+-]*)\s*(?P<number>-?[0-9][0-9., '’]*)(?P<after>[^0-9.,\s'’]*)"
)
_APART = re.compile(r"[0-9]{1,3}([ '’][0-9]{3})+([.,][0-9]+)?", re.ASCII)
_EITHER = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+", re.ASCII)
_THOUSANDS_COMMA = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(,[0-9]{3}){2,}", re.ASCII)
_THOUSANDS_POINT = re.compile(
    r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(\.[0-9]{3}){2,}", re.ASCII
)


def read_amount(text: str, currency: str) -> Decimal:
    """Return an amount as it was typed beside its currency.

    :raises RuleViolation: it is none, or could be two; the message says what would be right.
    """
    text = text.strip()
    if not text:
        raise RuleViolation("blank", _("Say what one conversion pays, such as 1.50."))
    refuse_invisible(text)
    if len(text) > _LONGEST:
        raise RuleViolation("invalid", _("An amount is written like 12, 1.50 or 0.0005."))
    sign, number = _split(text)
    number = _plain(number)
    if sign and not _fits(sign, currency):
        message = _("Write %(number)s alone: the currency stands beside it.")
        raise RuleViolation("invalid", message % {"number": number})
    return rules.clean_amount(number)


def currency_beside(amount: str) -> str:
    """Return the currency that an amount itself names without doubt, else nothing."""
    sign, _number = _split(amount.strip()[:_LONGEST])
    if sign.upper() in currencies():
        return sign.upper()
    return _one_sign().get(sign, "")


def read_currency(text: str) -> str:
    """Return the code of a currency as it was typed: a code in any case, or a name.

    :raises RuleViolation: it is none.
    """
    text = text.strip()
    if not text:
        raise RuleViolation("blank", _("Choose a currency, such as EUR."))
    refuse_invisible(text)
    if text.upper() in currencies():
        return text.upper()
    for currency in currencies().values():
        if text.casefold() == currency.name.casefold():
            return currency.code
    message = _("“%(typed)s” is no currency. Choose one of the list, such as EUR.")
    raise RuleViolation("unknown_currency", message % {"typed": text[:_LONGEST]})


def _split(text: str) -> tuple[str, str]:
    """Return the currency that stands at an amount, and the rest."""
    found = _WITH_SIGN.fullmatch(text.translate(_SPACES))
    if not found or (found["before"] and found["after"]):
        return "", text
    return found["before"] or found["after"], found["number"].strip()


def _fits(sign: str, currency: str) -> bool:
    return sign.upper() == currency or (
        currency in currencies() and sign == get_currency_symbol(currency, locale="en")
    )


@cache
def _one_sign() -> Mapping[str, str]:
    """Return signs that only one currency has; dollars, pounds and crowns are many."""
    return {"€": "EUR"}


def _plain(number: str) -> str:
    """Return a number with a point and nothing else, where it can be read in one way only.

    :raises RuleViolation: it can be read in two.
    """
    if _APART.fullmatch(number):
        number = re.sub(r"[ '’]", "", number)
        return number.replace(",", ".")
    if _EITHER.fullmatch(number):
        message = _("“%(typed)s” can be read in two ways. Write %(large)s or %(small)s.")
        large, small = number.replace(",", ""), number.replace(",", ".")
        raise RuleViolation(
            "ambiguous", message % {"typed": number, "large": large, "small": small}
        )
    if _DECIMAL_COMMA.fullmatch(number):
        return number.replace(",", ".")
    if _THOUSANDS_COMMA.fullmatch(number):
        return number.replace(",", "")
    if _THOUSANDS_POINT.fullmatch(number):
        return number.replace(".", "").replace(",", ".")
    return number
