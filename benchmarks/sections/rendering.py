"""Ways to render a list, compared in a process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import base, servers
from benchmarks.findings import Findings

if TYPE_CHECKING:
    from benchmarks.contest import Contest


def measure(contest: Contest) -> Findings:
    """Run ``benchmarks/rendering.py`` on the large store."""
    store = contest.twins  # which has the helper tables of the SQL too
    accounts = [*store.layout.hundreds, *store.layout.others][: contest.plan.probes]
    printed = base.run_django(
        servers.variables("ratecard", store.url),
        *("-m", "benchmarks.rendering", *map(str, accounts)),
    )
    found: dict[str, float] = json.loads(printed.splitlines()[-1])
    slowest = max(found.values())
    return Findings(
        title="Ways to render a list of 50 campaigns with 5 payouts each",
        explanation="In one process, without HTTP: query, rows, bytes. All ways write the same "
        "JSON; they take turns, and the times are medians.",
        header=("way", "ms", "times as fast as the slowest"),
        rows=[[way, f"{ms:.2f}", f"{slowest / ms:.1f}"] for way, ms in found.items()],
    )
