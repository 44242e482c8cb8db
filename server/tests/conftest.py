"""Fixtures that all tests may ask for."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.cache import cache, caches
from waffle.models import CACHE_EMPTY

from core import flags
from core.api.repeats import repeats
from core.caching.answers import memory
from core.limiting import limits
from core.models import Flag
from tests.fixtures.api import ApiClient


@pytest.fixture(autouse=True)
def _forget_answers() -> None:
    """Forget what other tests were answered and counted: SQLite gives their accounts' ids again.

    Redis has counted their networks.
    """
    cache.clear()
    memory().clear()
    repeats().clear()
    limits.memory().clear()
    flags.forget()
    # Nobody made a flag, and nobody needs to ask: a test that makes one forgets this.
    for name in settings.FLAGS:
        key, *_ = Flag(name=name).get_flush_keys()
        caches["flags"].set(key, CACHE_EMPTY, timeout=None)


@pytest.fixture
def api(db: None) -> ApiClient:
    """Sign Ada up."""
    return ApiClient.signed_up("ada@example.com", display_name="Ada")


@pytest.fixture
def other(db: None) -> ApiClient:
    """Sign Bob up, who has nothing to do with Ada."""
    return ApiClient.signed_up("bob@example.com", display_name="Bob")


@pytest.fixture
def anonymous(db: None) -> ApiClient:
    """Return a client that nobody signed in."""
    return ApiClient()
