"""Print what all processes of the server have counted."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT_TYPE = CONTENT_TYPE_LATEST
DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own variable: where processes write what they count. ``serve`` sets it."""


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format, of this process alone outside ``serve``."""
    directory = os.environ.get(DIRECTORY)
    if not directory:
        return generate_latest(REGISTRY)
    for path in _of_the_dead(Path(directory)):
        # Another process may be cleaning up too.
        path.unlink(missing_ok=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]  # it has no types
    return generate_latest(registry)


def _of_the_dead(directory: Path) -> Iterator[Path]:
    """Find gauges of processes that have ended: they say what is, and nothing is there any more.

    What the dead have counted stays: a counter must not fall.
    """
    for path in directory.glob("gauge_live*_*.db"):
        process = int(path.stem.rpartition("_")[2])
        with suppress(PermissionError):  # it is somebody else's by now
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                pass
            else:
                continue
        yield path
