"""Count each request."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from core.metrics import IN_FLIGHT, QUERIES, QUERY_SECONDS, REQUESTS, THREADS
from core.metrics.queries import QueryCount, QueryWatch
from core.middleware import route_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase
    from prometheus_client import Counter, Histogram

NOWHERE = "unmatched"
"""The route of addresses that lead nowhere, and of static files."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class MetricsMiddleware:
    """Count each request by its route's pattern; a client cannot choose a label."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response
        self._counts: type[QueryCount] = QueryWatch if settings.DEBUG else QueryCount
        THREADS.set(settings.WEB_THREADS)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and count what it took."""
        started = time.perf_counter()
        queries = self._counts()
        wrappers = connections[DEFAULT_DB_ALIAS].execute_wrappers
        wrappers.append(queries)
        IN_FLIGHT.inc()
        try:
            response = self.get_response(request)
        finally:
            IN_FLIGHT.dec()
            wrappers.remove(queries)
        route = route_of(request) or NOWHERE
        method = request.method if request.method in _METHODS else "other"
        requests = _requests(method, route, response.status_code // 100)
        requests.observe(time.perf_counter() - started)
        if queries.count:
            count, seconds = _queries(route)
            count.inc(queries.count)
            seconds.inc(queries.seconds)
            queries.report(route)
        return response


# To find a series by its labels costs as much as to count.


@cache
def _requests(method: str | None, route: str, status_class: int) -> Histogram:
    return REQUESTS.labels(method, route, f"{status_class}xx")


@cache
def _queries(route: str) -> tuple[Counter, Counter]:
    return QUERIES.labels(route), QUERY_SECONDS.labels(route)
