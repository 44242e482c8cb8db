"""What is counted about requests (docs/adr/0020-metrics.md).

Labels are words of ours: route patterns, names of limits, codes of problems. Never an account, a
path, or anything else that a client can choose.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter as Tally
from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram

from core.exceptions import DomainError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class Durations(Histogram):
    """A histogram that takes many at once: the library writes to its file twice for each."""

    def observe_all(self, seconds: Collection[float]) -> None:
        """Observe each."""
        self._sum.inc(sum(seconds))
        buckets = Tally(bisect_left(self._upper_bounds, one) for one in seconds)
        for bucket, times in buckets.items():
            self._buckets[bucket].inc(times)


REQUESTS = Durations(
    "ratecard_request_seconds",
    "Requests by their answers, and how long they took.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
THREADS = Gauge(
    "ratecard_threads",
    "Requests that can be answered at once, each with a database connection.",
    multiprocess_mode="livesum",
)
QUERIES = Counter("ratecard_queries", "Statements sent to the database.", ["route"])
QUERY_SECONDS = Counter(
    "ratecard_query_seconds", "How long requests waited for the database.", ["route"]
)
ANSWERS = Counter(
    "ratecard_cache_answers",
    "Answers that may be kept: found near (this process), far (Redis), built, or built while Redis "
    "was away.",
    ["source"],
)
BREAKER_OPEN = Gauge(
    "ratecard_redis_breaker_open",
    "1 while a process leaves Redis alone, because it did not answer.",
    multiprocess_mode="livemax",
)
LIMITED = Counter("ratecard_rate_limited", "Requests that a limit refused.", ["limit"])
SIGN_INS = Counter(
    "ratecard_sign_ins", "Attempts to sign in, by door and outcome.", ["door", "outcome"]
)
READINESS = Counter("ratecard_readiness_checks", "Answers of /readyz.", ["status"])

SIGNED_IN = "signed_in"


@contextmanager
def counted_sign_in(door: str) -> Iterator[None]:
    """Count an attempt to sign in; its outcome is the code of the error that the block raises."""
    try:
        yield
    except DomainError as error:
        SIGN_INS.labels(door, error.code).inc()
        raise
    SIGN_INS.labels(door, SIGNED_IN).inc()
