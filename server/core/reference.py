"""Countries and currencies: the reference data of ISO 3166-1 and ISO 4217.

The names come from packages that follow the standards; which codes count is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import iso4217
from django.db.models import F, Q, Value
from django.db.models.functions import Length, StrIndex
from django.db.models.lookups import Exact
from django.utils import translation
from django_countries.base import CountriesBase
from django_countries.data import COUNTRIES

from core.exceptions import RuleViolation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_COUNTRY = "This takes a country code of ISO 3166-1 alpha-2 in capitals, such as EE."
NO_CURRENCY = "This takes a currency code of ISO 4217 in capitals, such as EUR."


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency of ISO 4217; ``minor_digits`` is 2 for EUR and 0 for JPY."""

    code: str
    name: str
    minor_digits: int


@cache
def countries() -> Mapping[str, str]:
    """Return the English name of each country by its ISO 3166-1 alpha-2 code, ordered by name."""
    with translation.override("en"):
        names = {code: str(name) for code, name in COUNTRIES.items()}
        # The standard's names are for treaties ("Bolivia (Plurinational State of)").
        names |= {code: str(name) for code, name in CountriesBase.COMMON_NAMES.items()}
    return MappingProxyType(dict(sorted(names.items(), key=lambda item: item[1])))


@cache
def currencies() -> Mapping[str, Currency]:
    """Return each current currency that has a minor unit or is whole, by its code.

    Metals, test codes and baskets (XAU, XTS, XDR) have neither, and pay nobody.
    """
    return MappingProxyType(
        {
            currency.code: Currency(
                code=currency.code,
                name=currency.currency_name,
                minor_digits=currency.exponent,
            )
            for currency in sorted(iso4217.Currency, key=lambda currency: str(currency.code))
            if currency.exponent is not None
        }
    )


def is_among(column: str, codes: Iterable[str]) -> Q:
    """Return the condition that a column holds one of some codes, all of them equally long.

    It is for constraints. PostgreSQL reads a constraint's tree anew for each statement that writes
    to the table, whichever column, and an array of codes takes longer to read than a row takes to
    write. A single text does not: a code is in it where a code begins.
    """
    text = " ".join(sorted(codes))
    length = text.index(" ")
    place = StrIndex(Value(text), F(column))
    return Q(Exact(place % (length + 1), 1)) & Q(Exact(Length(column), length))


def clean_country(code: str) -> str:
    """Return a country's code.

    :raises RuleViolation: ISO 3166-1 does not have it.
    """
    if code not in countries():
        raise RuleViolation("unknown_country", NO_COUNTRY)
    return code


def clean_currency(code: str) -> str:
    """Return a currency's code.

    :raises RuleViolation: it is no current currency of ISO 4217 that pays anybody.
    """
    if code not in currencies():
        raise RuleViolation("unknown_currency", NO_CURRENCY)
    return code
