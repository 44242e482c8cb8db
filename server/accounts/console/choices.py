"""What can be chosen on the pages of accounts, in an order that people find things in."""

from __future__ import annotations

import zoneinfo
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.reference import currencies

_REGIONS = frozenset(
    (
        *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
        *("Australia", "Europe", "Indian", "Pacific"),
    )
)
"""What the IANA database has beside these are old names, and offsets with the sign reversed."""

Choices = list[tuple[str, str]]


@cache
def time_zones() -> list[tuple[str, Choices | str]]:
    """Return the time zones by region, UTC first."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _REGIONS
    )
    regions = groupby(names, key=lambda name: name.partition("/")[0])
    return [
        ("UTC", "UTC"),
        *((region, [(name, _readable(name)) for name in zones]) for region, zones in regions),
    ]


def _readable(name: str) -> str:
    """Return the place, with its country where the name has one."""
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")


def time_zones_and(current: str) -> list[tuple[str, Choices | str]]:
    """Return the time zones, and the one that is set if it goes by an old name."""
    known = current == "UTC" or current.partition("/")[0] in _REGIONS
    return time_zones() if known else [(current, current), *time_zones()]


@cache
def currency_choices() -> Choices:
    """Return the currencies by their codes."""
    return [(code, f"{code} – {currency.name}") for code, currency in currencies().items()]


class ShortSelect(forms.Select):
    """A list of hundreds to choose from, in half the bytes, and written once for all pages.

    HTML lets an option end where the next begins. Django would render a template for each.
    """

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002 -- Django's signature
    ) -> SafeString:
        """Write it, with one option chosen."""
        written = _options(_hashable(self.choices))
        chosen = format_html('value="{}"', value)
        options = mark_safe(written.replace(chosen, f"{chosen} selected", 1))  # noqa: S308  # nosec B308, B703 -- both are escaped
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, options)


def _hashable(choices: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (value, _hashable(label) if isinstance(label, list | tuple) else label)
        for value, label in choices
    )


@lru_cache(maxsize=20)
def _options(choices: tuple[tuple[str, Any], ...]) -> SafeString:
    """Write options; what has others in it is a group of them."""
    return format_html_join(
        "",
        "{}",
        (
            (
                format_html('<optgroup label="{}">{}</optgroup>', value, _options(label))
                if isinstance(label, tuple)
                else format_html('<option value="{}">{}', value, label),
            )
            for value, label in choices
        ),
    )
