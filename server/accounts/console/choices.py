"""What can be chosen on the pages of accounts, in an order that people find things in."""

from __future__ import annotations

import zoneinfo
from functools import cache
from itertools import groupby

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
