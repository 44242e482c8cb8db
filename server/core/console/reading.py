"""How a reader sees numbers: in the notation of the language that the browser asks for."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal
from django.utils.translation.trans_real import parse_accept_lang_header

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

_DEFAULT = Locale("en")
_NOTATION: ContextVar[Locale] = ContextVar("notation", default=_DEFAULT)
_LONGEST_HEADER = 200


@contextmanager
def notation(accept_language: str) -> Iterator[None]:
    """Write numbers as readers of the first known language of ``Accept-Language`` do."""
    token = _NOTATION.set(_preferred(accept_language[:_LONGEST_HEADER]))
    try:
        yield
    finally:
        _NOTATION.reset(token)


@lru_cache(maxsize=1000)
def _preferred(accept_language: str) -> Locale:
    for code, _ in parse_accept_lang_header(accept_language):
        try:
            return Locale.parse(code, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    return _DEFAULT


def money(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency, such as ``$1.50``; no decimal is rounded away."""
    return _money(amount, currency, _NOTATION.get())


@lru_cache(maxsize=10_000)
def _money(amount: Decimal, currency: str, locale: Locale) -> str:
    return format_currency(amount, currency, locale=locale, decimal_quantization=False)


def number(value: int | Decimal) -> str:
    """Return a number with the reader's separators."""
    return format_decimal(value, locale=_NOTATION.get(), decimal_quantization=False)
