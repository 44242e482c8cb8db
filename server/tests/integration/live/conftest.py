"""The server program as operators and integrators meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.fixtures.live import live_server
from tests.fixtures.services import may_mount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

collect_ignore: list[str] = []
# SQLite has no connections that somebody else could close, or use up.
if connection.vendor != "postgresql":
    collect_ignore += [
        "test_canaries.py",
        "test_database_frozen.py",
        "test_database_probes.py",
        "test_database_restarts.py",
        "test_database_waits.py",
    ]
# It fills a small disk that it has to mount, which root may, but not in every container.
if not may_mount():
    collect_ignore += ["test_full_disk.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[LiveServer]:
    """Yield a server with development's settings on the run's kind of database."""
    with live_server() as server:
        yield server
