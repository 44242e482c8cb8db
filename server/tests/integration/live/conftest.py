"""The server program as operators and integrators meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """Yield a server with development's settings on the run's kind of database."""
    with live_server() as server:
        yield server
