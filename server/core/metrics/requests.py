"""Count a request, and what it asks of the database, while it is answered."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from functools import cache
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from core.metrics import QUERIES, QUERY_SECONDS, REQUESTS, in_flight
from core.metrics.queries import QueryCount, QueryWatch

if TYPE_CHECKING:
    from types import TracebackType

    from prometheus_client import Counter

    from core.metrics import Durations

NOWHERE = "unmatched"
"""The route of addresses that lead nowhere, and of static files."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
MOST_NOTED = 50
"""So many requests, at most, are answered and not counted yet."""


class Watch:
    """Count the statements of a block, which answers a request; a client cannot choose a label."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._started = time.perf_counter()
        self._queries = QueryWatch() if settings.DEBUG else QueryCount()
        self._wrappers = connections[DEFAULT_DB_ALIAS].execute_wrappers

    def __enter__(self) -> Self:
        """Begin to count."""
        self._wrappers.append(self._queries)
        in_flight.enter(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Count no more."""
        in_flight.leave(self)
        self._wrappers.remove(self._queries)

    def note(
        self, method: str | None, route: str, status: int, *, found: Counter | None = None
    ) -> None:
        """Note that the request is answered: how, how long it took, and its statements.

        :param route: ``""`` where its address leads nowhere.
        :param found: what counts answers that were found where this one was.
        """
        method = method if method in _METHODS else "other"
        route = route or NOWHERE
        seconds = time.perf_counter() - self._started
        _noted.append((method, route, status // 100, seconds, self._queries, found))
        self._queries.report(route)
        if not in_flight.requests or len(_noted) >= MOST_NOTED:
            count_noted()


_noted: deque[tuple[str, str, int, float, QueryCount, Counter | None]] = deque()
_counting = threading.Lock()


def count_noted() -> None:
    """Count the requests that are answered.

    Whoever is the last to be answered counts for all: what a request counts is written to a file
    five times, and for many at once not more often. Nothing waits where nobody is in flight.
    """
    durations: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    queries: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])
    answers: dict[Counter, int] = defaultdict(int)
    with _counting:
        while _noted:
            method, route, status_class, seconds, asked, found = _noted.popleft()
            durations[method, route, status_class].append(seconds)
            if asked.count:
                queries[route][0] += asked.count
                queries[route][1] += asked.seconds
            if found is not None:
                answers[found] += 1
        for series, taken in durations.items():
            _requests(*series).observe_all(taken)
        for route, (number, waited) in queries.items():
            count, sum_ = _queries(route)
            count.inc(number)
            sum_.inc(waited)
        for counter, times in answers.items():
            counter.inc(times)


# To find a series by its labels costs as much as to count.


@cache
def _requests(method: str, route: str, status_class: int) -> Durations:
    return REQUESTS.labels(method, route, f"{status_class}xx")


@cache
def _queries(route: str) -> tuple[Counter, Counter]:
    return QUERIES.labels(route), QUERY_SECONDS.labels(route)
