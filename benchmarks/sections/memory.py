"""Whether a web process grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import traffic, wrk
from benchmarks.base import BenchError
from benchmarks.findings import Findings, at_most
from benchmarks.say import say
from benchmarks.sections import mix

if TYPE_CHECKING:
    from benchmarks.contest import Contest
    from benchmarks.servers import Server

MOST = 10
WARM_UP = 10_000
_SECONDS = 5
_MIB = 1024 * 1024


def measure(contest: Contest) -> Findings:
    """Load a server with a mix of requests, and look at its processes before and after.

    :raises BenchError: the system does not tell.
    """
    server = contest.server("ratecard")
    if not server.workers:
        raise BenchError("The memory of processes is measured on Linux only.")
    _send(contest, server, WARM_UP, seed=1_000)
    before = server.workers
    _send(contest, server, contest.plan.memory_requests, seed=2_000)
    after = server.workers
    growth = {pid: (after[pid] / before[pid] - 1) * 100 for pid in before}
    return Findings(
        title="Memory of web processes",
        explanation=f"Resident memory after a warm-up of {WARM_UP:,} mixed requests, and after "
        f"{contest.plan.memory_requests:,} more.",
        header=("process", "before (MiB)", "after (MiB)", "growth"),
        rows=[
            [f"{place}", f"{before[pid] / _MIB:.1f}", f"{after[pid] / _MIB:.1f}", f"{more:+.1f} %"]
            for place, (pid, more) in enumerate(growth.items(), start=1)
        ],
        verdicts=[at_most("growth of a web process", MOST, max(growth.values()), "%")],
    )


def _send(contest: Contest, server: Server, requests: int, *, seed: int) -> None:
    """Send mixed requests until they are as many."""
    sent = 0
    while sent < requests:
        seed += 1
        asked = mix.requests(contest, many=traffic.QUICKEST * _SECONDS, seed=seed)
        file = traffic.write(contest.directory / "memory", asked)
        sent += wrk.load(server, file, seconds=_SECONDS).requests
        say(f"   {sent:,} of {requests:,} requests")
