"""Rounds in which the contestants take turns, so that a slow minute is slow for all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import wrk
from benchmarks.base import HOST, BenchError
from benchmarks.plan import CONNECTIONS
from benchmarks.probe import Probe
from benchmarks.say import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.servers import Server
    from benchmarks.traffic import Request


FILLED = 3
"""How often each read is sent to warm a server. Its processes remember for themselves, and it is
chance to which of them a connection leads: once would leave half of what each remembers cold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What each contestant did in each round."""

    title: str
    loads: Mapping[str, list[wrk.Load]] = field(default_factory=dict)

    def per_second(self, name: str) -> float:
        """Return the median of a contestant's requests per second."""
        return median(load.per_second for load in self.loads[name])

    def mean_ms(self, name: str) -> float:
        """Return the median of a contestant's mean answer times."""
        return median(load.mean_ms for load in self.loads[name])

    def cpu_ms(self, name: str) -> float:
        """Return the median of the processor time that a contestant takes for a request."""
        return median(load.cpu_ms for load in self.loads[name])

    def ratio(self, name: str, other: str) -> float:
        """Return the median over rounds of how many times as much one did as the other."""
        pairs = zip(self.loads[name], self.loads[other], strict=True)
        return median(mine.per_second / theirs.per_second for mine, theirs in pairs)


def race(  # noqa: PLR0913 -- each is one side of a race
    title: str,
    contestants: Sequence[Server],
    *,
    rounds: int,
    seconds: int,
    requests: Callable[[Server, int], Path],
    before: Callable[[Server], None] | None = None,
    once: bool = False,
) -> Race:
    """Load the contestants in turns.

    :param requests: returns the file of requests for a contestant in a round.
    :param before: prepares a contestant for its turn; it is not timed.
    :param once: whether no request may come twice; it is said if one did.
    """
    loads: dict[str, list[wrk.Load]] = {server.name: [] for server in contestants}
    for number in range(rounds):
        line = f"   {title}, round {number + 1} of {rounds}:"
        for server in contestants:
            file = requests(server, number)
            if before:
                before(server)
            # What was kept in an earlier round was kept for another host: this one starts cold.
            host = f"round{number}.{HOST}" if once else HOST
            load = wrk.load(server, file, seconds=seconds, host=host)
            loads[server.name].append(load)
            line += f"  {server.name} {load.per_second:,.0f}/s"
            if once and load.walked:
                line += " (requests came twice)"
        say(line)
    return Race(title=title, loads=loads)


def warm(server: Server, requests: Sequence[Request]) -> None:
    """Send requests once, over as many connections as are timed later.

    :raises BenchError: one is refused.
    """
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for done in [
            pool.submit(_send_all, server, requests[share::CONNECTIONS])
            for share in range(CONNECTIONS)
        ]:
            done.result()


def _send_all(server: Server, requests: Sequence[Request]) -> None:
    with Probe(server.port) as probe:
        for request in requests:
            answer = probe.request(request)
            if not answer.is_good:
                raise BenchError(f"{server.name} answers {answer.status} to {request.path}.")
