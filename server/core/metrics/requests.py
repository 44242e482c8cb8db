"""Count a request, and what it asks of the database, while it is answered."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from core.metrics import IN_FLIGHT, QUERIES, QUERY_SECONDS, REQUESTS
from core.metrics.queries import QueryCount, QueryWatch

if TYPE_CHECKING:
    from types import TracebackType

    from prometheus_client import Counter, Histogram

NOWHERE = "unmatched"
"""The route of addresses that lead nowhere, and of static files."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


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
        IN_FLIGHT.inc()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Count no more."""
        IN_FLIGHT.dec()
        self._wrappers.remove(self._queries)

    def note(self, method: str | None, route: str, status: int) -> None:
        """Note that the request is answered: how, how long it took, and its statements.

        :param route: ``""`` where its address leads nowhere.
        """
        method = method if method in _METHODS else "other"
        route = route or NOWHERE
        requests = _requests(method, route, status // 100)
        requests.observe(time.perf_counter() - self._started)
        if self._queries.count:
            count, seconds = _queries(route)
            count.inc(self._queries.count)
            seconds.inc(self._queries.seconds)
            self._queries.report(route)


# To find a series by its labels costs as much as to count.


@cache
def _requests(method: str | None, route: str, status_class: int) -> Histogram:
    return REQUESTS.labels(method, route, f"{status_class}xx")


@cache
def _queries(route: str) -> tuple[Counter, Counter]:
    return QUERIES.labels(route), QUERY_SECONDS.labels(route)
