"""Fixtures that all tests may ask for."""

from __future__ import annotations

import pytest

from core.caching.answers import memory
from tests.fixtures.api import ApiClient


@pytest.fixture(autouse=True)
def _forget_answers() -> None:
    """Forget what other tests were answered: SQLite gives their accounts' ids again."""
    memory().clear()


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
