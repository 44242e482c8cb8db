"""How long single requests take, one at a time, each to a host that nothing is kept for."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from statistics import quantiles
from typing import TYPE_CHECKING

from benchmarks.base import HOST, BenchError
from benchmarks.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.contest import Contest
    from benchmarks.servers import Server
    from benchmarks.traffic import Request

WARM_UP = 4
"""How often each side is asked before it is timed."""
_ASKED = count()

Side = tuple["Server", "Callable[[int], Request]"]


def times(contest: Contest, sides: Sequence[Side]) -> list[float]:
    """Return the milliseconds of each side; the sides take turns, request by request.

    Of all times of a side it is the lower quartile: what else happens on the machine only ever
    adds to a request, and half of a long run may have met it.

    :raises BenchError: a request is refused.
    """
    taken: list[list[float]] = [[] for _ in sides]
    plan, (_, first) = contest.plan, sides[0]
    probes_of_each = plan.probes if first(0).method == "GET" else plan.write_probes
    with ExitStack() as stack:
        probes = [stack.enter_context(Probe(server.port)) for server, _ in sides]
        for number in range(-WARM_UP, probes_of_each):
            for (server, ask), probe, found in zip(sides, probes, taken, strict=True):
                probe.host = f"asked{next(_ASKED)}.{HOST}"
                request = ask(number + WARM_UP)
                answer = probe.request(request)
                if not answer.is_good:
                    raise BenchError(
                        f"{server.name} answers {answer.status} to {request.method} "
                        f"{request.path}: {answer.body[:300]!r}\n{server.end_of_log()}"
                    )
                if number >= 0:
                    found.append(answer.milliseconds)
    return [quantiles(found, n=4)[0] for found in taken]
