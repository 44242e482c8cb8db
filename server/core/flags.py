"""Feature flags: what is rolled out by account or by percentage, through django-waffle."""

from __future__ import annotations

import time

from django.conf import settings

from core.models import Flag

HELD_SECONDS = 3
"""How long a flag is held, so that asking costs requests nothing. With the two seconds of the cache
``flags``, which waffle asks, every process sees a change within five."""

_held: dict[str, tuple[Flag, bool, float]] = {}
"""Each flag, what the settings say of it, and until when both hold. There are a few, and each
request asks."""


def is_on(name: str, *, account_id: int | None) -> bool:
    """Tell whether a flag is on for an account, or for who is not signed in.

    :param name: one of ``settings.FLAGS``, which has what holds where nobody made the flag.
    """
    now = time.monotonic()
    held = _held.get(name)
    if held is None or held[2] <= now:
        held = _held[name] = (Flag.get(name), bool(settings.FLAGS[name]), now + HELD_SECONDS)
    flag, otherwise, _ = held
    return flag.is_on_for(account_id) if flag.is_made else otherwise


def forget() -> None:
    """Ask the database again at the next request, as tests must."""
    _held.clear()
