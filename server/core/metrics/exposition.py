"""Print what all processes of the server have counted."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.metrics.in_flight import DIRECTORY, FILES, InFlight
from core.metrics.requests import count_noted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format, of this process alone outside ``serve``."""
    count_noted()
    directory = os.environ.get(DIRECTORY)
    if not directory:
        return generate_latest(REGISTRY)
    for path in _of_the_dead(Path(directory)):
        # Another process may be cleaning up too.
        path.unlink(missing_ok=True)
    registry = CollectorRegistry()
    registry.register(_Counted(Path(directory)))
    registry.register(InFlight())
    return generate_latest(registry)


class _Counted(Collector):
    """Add up what the files of all processes hold.

    prometheus_client's own collector fails at a file that is empty yet, as one is for a moment when
    a process starts, and for good when that process was killed in it: its issue 1199.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        files = [str(path) for path in self._directory.glob("*.db") if _size(path)]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]  # it has no types
        return merged


def _size(path: Path) -> int:
    """Return the bytes of a file, none if another process has cleaned it up meanwhile."""
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _of_the_dead(directory: Path) -> Iterator[Path]:
    """Find gauges of processes that have ended: they say what is, and nothing is there any more.

    What the dead have counted stays: a counter must not fall.
    """
    for path in (*directory.glob("gauge_live*_*.db"), *directory.glob(FILES)):
        process = int(path.stem.rpartition("_")[2])
        with suppress(PermissionError):  # it is somebody else's by now
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                pass
            else:
                continue
        yield path
