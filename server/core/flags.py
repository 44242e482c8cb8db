"""Feature flags: what is rolled out by account or by percentage, through django-waffle."""

from __future__ import annotations

import threading

from cachetools import TTLCache, cached
from django.conf import settings

from core.models import Flag

HELD_SECONDS = 3
"""How long a flag is held, so that asking costs requests nothing. With the two seconds of the cache
``flags``, which waffle asks, every process sees a change within five."""

_seen: TTLCache[str, Flag] = TTLCache(maxsize=100, ttl=HELD_SECONDS)
_lock = threading.Lock()


def is_on(name: str, *, account_id: int | None) -> bool:
    """Tell whether a flag is on for an account, or for who is not signed in.

    :param name: one of ``settings.FLAGS``, which has what holds where nobody made the flag.
    """
    flag = _flag(name)
    if flag.is_made:
        return flag.is_on_for(account_id)
    return bool(settings.FLAGS[name])


def forget() -> None:
    """Ask the database again at the next request, as tests must."""
    with _lock:
        _seen.clear()


@cached(_seen, lock=_lock)
def _flag(name: str) -> Flag:
    return Flag.get(name)
