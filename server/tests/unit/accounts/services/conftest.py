"""What the tests of the accounts' use cases share."""

from __future__ import annotations

import pytest

from tests.fixtures.fakes import AccountWorld


@pytest.fixture
def world() -> AccountWorld:
    """Build the services on fakes; nobody has an account yet."""
    return AccountWorld()
