"""What follows from the settings alone."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from django.core.signals import setting_changed

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found", bound="Callable[..., object]")


def settled(find: Found) -> Found:
    """Find out once what a function makes of the settings, for each of its arguments.

    To ask Django for a setting takes as long as twenty steps of Python, and every request asks.
    Tests change settings: then it is found out anew.
    """
    found = cache(find)
    setting_changed.connect(lambda **_: found.cache_clear(), weak=False)
    return cast("Found", found)
