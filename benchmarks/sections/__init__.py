"""What can be measured by itself, by name: ``make bench ONLY=list,create``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.sections import (
    big,
    memory,
    mix,
    queries,
    rendering,
    scale,
    throughput,
    workers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contest import Contest
    from benchmarks.findings import Findings

SECTIONS: dict[str, Callable[[Contest], Findings]] = {
    "list": throughput.lists,
    "one": throughput.singles,
    "rate": throughput.rates,
    "create": throughput.creating,
    "start": throughput.switching,
    "queries": queries.measure,
    "mix": mix.measure,
    "scale": scale.measure,
    "big": big.measure,
    "rendering": rendering.measure,
    "workers": workers.measure,
    "memory": memory.measure,
}
LEFT_OUT_OF_QUICK = ("memory", "workers")
COMPARING = {"list", "one", "create", "start"}
"""What compares contestants, whose answers must be equal then."""
