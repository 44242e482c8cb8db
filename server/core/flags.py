"""Feature flags: what is rolled out by account or by percentage, through django-waffle."""

from __future__ import annotations

import time

from django.conf import settings

from core.models import Flag
from core.settled import settled

HELD_SECONDS = 3
"""How long a flag is held, so that asking costs requests nothing. With the two seconds of the cache
``flags``, which waffle asks, every process sees a change within five."""

_held: dict[str, tuple[Flag, float]] = {}
"""What was found of each flag, and until when it holds. There are a few, and each request asks."""


def is_on(name: str, *, account_id: int | None) -> bool:
    """Tell whether a flag is on for an account, or for who is not signed in.

    :param name: one of ``settings.FLAGS``, which has what holds where nobody made the flag.
    """
    now = time.monotonic()
    held = _held.get(name)
    if held is None or held[1] <= now:
        held = _held[name] = (Flag.get(name), now + HELD_SECONDS)
    flag = held[0]
    return flag.is_on_for(account_id) if flag.is_made else _otherwise(name)


@settled
def _otherwise(name: str) -> bool:
    """Tell what the settings say of a flag that nobody made."""
    return bool(settings.FLAGS[name])


def forget() -> None:
    """Ask the database again at the next request, as tests must."""
    _held.clear()
