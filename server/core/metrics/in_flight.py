"""How many requests are being answered: a gauge that each request changes twice.

prometheus_client's own gauge takes a hundred steps of Python for each change. Here a process writes
one number into a file of its own that it has mapped, beside those of the library
(docs/adr/0020-metrics.md).
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own variable: where processes write what they count. ``serve`` sets it."""
FILES = "in_flight_*.bin"
"""Of each process one, with its number in the name."""
_BYTES = 4
requests: set[object] = set()
"""Those that this process is answering."""
_changing = threading.Lock()


def enter(request: object) -> None:
    """Note that a request is being answered."""
    with _changing:
        requests.add(request)
        _shown[0] = len(requests)


def leave(request: object) -> None:
    """Note that it is answered."""
    with _changing:
        requests.discard(request)
        _shown[0] = len(requests)


class InFlight(Collector):
    """The gauge: of all processes that write into the directory; without one, of this one."""

    def collect(self) -> Iterator[Metric]:
        """Yield it."""
        directory = os.environ.get(DIRECTORY)
        numbers: Iterable[int] = (
            [_read(path) for path in Path(directory).glob(FILES)] if directory else _shown
        )
        yield GaugeMetricFamily(
            "ratecard_requests_in_flight", "Requests that are being answered.", sum(numbers)
        )


def _mapped() -> memoryview:
    """Return where this process writes its number."""
    directory = os.environ.get(DIRECTORY)
    if not directory:
        return memoryview(bytearray(_BYTES)).cast("I")
    with (Path(directory) / FILES.replace("*", str(os.getpid()))).open("w+b") as file:
        file.write(bytes(_BYTES))  # on a full disk this fails; to write into a hole would kill us
        file.flush()
        return memoryview(mmap(file.fileno(), _BYTES)).cast("I")


def _read(path: Path) -> int:
    """Return the number in a file: none in one that begins, or that another process cleaned up."""
    with suppress(FileNotFoundError):
        held = path.read_bytes()
        if len(held) == _BYTES:
            return memoryview(held).cast("I")[0]
    return 0


_shown = _mapped()
REGISTRY.register(InFlight())
