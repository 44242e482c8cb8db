"""Races: twenty connections that do the same thing in the same moment, against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.fixtures.live import live_server
from tests.integration.races.arena import PARALLEL, Arena

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

# SQLite has one writer at a time and no row locks: nothing can race there, and every one of these
# tests would pass whatever the code does. They belong to the run on PostgreSQL alone. What SQLite
# promises instead, that writers wait for each other, is in live/test_parallel_writers.py.
if connection.vendor != "postgresql":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """Yield a server of two processes that can answer all connections at once."""
    with live_server(workers=2, threads=PARALLEL) as server:
        yield server


@pytest.fixture
def arena(server: LiveServer) -> Iterator[Arena]:
    """Yield an account of its own with twenty connections."""
    with Arena(server) as arena:
        yield arena
