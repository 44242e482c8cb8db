"""How long something takes, as people say it: programs are told seconds."""

from __future__ import annotations

from typing import Literal

Unit = Literal["second", "minute", "hour", "day"]

_UNITS: tuple[tuple[Unit, int, int], ...] = (
    ("second", 1, 90),
    ("minute", 60, 90),
    ("hour", 3_600, 48),
    ("day", 86_400, 10**9),
)
"""A unit, its seconds, and up to how many of it are told in it."""


def rounded(seconds: int) -> tuple[int, Unit]:
    """Return a wait in a unit that tells it well; up, so that it is over after that."""
    unit, size = next((unit, size) for unit, size, most in _UNITS if seconds <= most * size)
    return -(-seconds // size), unit


def wait(seconds: int) -> str:
    """Return how long to wait, for a sentence: ``42 seconds``, ``about 3 minutes``."""
    count, unit = rounded(seconds)
    about = "" if unit == "second" else "about "
    return f"{about}{_counted(count, unit)}"


def period(seconds: int) -> str:
    """Return a length exactly, in a unit that it is a multiple of: ``60 seconds``, ``24 hours``."""
    count, unit = rounded(seconds)
    size = next(size for name, size, _ in _UNITS if name == unit)
    return _counted(count, unit) if count * size == seconds else _counted(seconds, "second")


def _counted(count: int, unit: Unit) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
