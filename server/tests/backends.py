"""Choose what the tests run on, before Django reads its settings.

``TEST_DATABASE=postgresql`` starts a PostgreSQL and a Valkey for the run; ``sqlite``, the default,
runs in memory. Either way the configuration of the developer's shell stays out of the tests.
Each worker of pytest-xdist has databases of its own in both, that nobody else counts or empties.
"""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.services import postgres, valkey

if TYPE_CHECKING:
    from collections.abc import Generator

MOST_WORKERS = 128
"""Workers of pytest-xdist that can have a database of the Valkey each."""
ENV_EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Set the environment up; a wrapper runs before pytest-django, which loads the settings."""
    # A worker of pytest-xdist inherits what the controlling process has set up.
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _set_up(early_config)
    elif "REDIS_URL" in os.environ:  # pytest-django sees to PostgreSQL's
        server = os.environ["REDIS_URL"].rpartition("/")[0]
        os.environ["REDIS_URL"] = f"{server}/{int(worker.removeprefix('gw')) + 1}"
    return (yield)


def pytest_report_header() -> str:
    """Name the database at the top of a run's report."""
    return f"database: {_chosen()}"


def _set_up(config: pytest.Config) -> None:
    for name in _variables():
        os.environ.pop(name, None)
    if _chosen() == "postgresql":
        services = ExitStack()
        config.add_cleanup(services.close)
        os.environ["DATABASE_URL"] = services.enter_context(postgres())
        os.environ["REDIS_URL"] = services.enter_context(
            valkey({"databases": str(MOST_WORKERS + 1)})
        )


def _chosen() -> str:
    database = os.environ.get("TEST_DATABASE", "sqlite")
    if database not in {"sqlite", "postgresql"}:
        raise pytest.UsageError(f"TEST_DATABASE is {database!r}: it takes sqlite or postgresql.")
    return database


def _variables() -> list[str]:
    """Return the name of every variable that Ratecard reads."""
    return re.findall(r"^#? ?([A-Z_]+)=", ENV_EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)
