"""The server program as operators and integrators meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

# SQLite has no connections that somebody else could close, or use up.
if connection.vendor != "postgresql":
    collect_ignore = ["test_database_restarts.py", "test_database_waits.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """Yield a server with development's settings on the run's kind of database."""
    with live_server() as server:
        yield server
