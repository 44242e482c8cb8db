"""Count what a request asks of the database; in development, say loudly what is too much of it."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger("ratecard.queries")

SLOW_SECONDS = 0.1
MOST_OF_A_KIND = 10

# Literals of SQL: texts (a quote inside is doubled) and numbers that are no part of a name.
_LITERAL = re.compile(r"'(?:[^']|'')*'|(?<![\w$%])-?\d+(?:\.\d+)?(?!\w)")
_PLACES = re.compile(r"(?:%s|\?)(?:\s*,\s*(?:%s|\?))+")


class QueryCount:
    """How many statements, and how long they took: an execute wrapper of Django's."""

    __slots__ = ("count", "seconds")

    def __init__(self) -> None:
        """Start with none."""
        self.count = 0
        self.seconds = 0.0

    def __call__(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001 -- Django's signature
        context: dict[str, Any],
    ) -> Any:
        """Run a statement."""
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.noted(sql, time.perf_counter() - started)

    def noted(self, sql: str, seconds: float) -> None:  # noqa: ARG002 -- a subclass looks at it
        """Count a statement that has run."""
        self.count += 1
        self.seconds += seconds

    def report(self, route: str) -> None:
        """Say what was too much; nothing here."""


class QueryWatch(QueryCount):
    """Warn of slow statements, and of those that one request sends again and again (N+1)."""

    __slots__ = ("_shapes", "_slow")

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self._shapes: Counter[str] = Counter()
        self._slow: list[tuple[str, float]] = []

    def noted(self, sql: str, seconds: float) -> None:
        """Remember the shape of a statement."""
        super().noted(sql, seconds)
        shape = shape_of(sql)
        self._shapes[shape] += 1
        if seconds > SLOW_SECONDS:
            self._slow.append((shape, seconds))

    def report(self, route: str) -> None:
        """Log a line for each statement that was slow, or sent too often."""
        for shape, seconds in self._slow:
            milliseconds = round(seconds * 1000, 1)
            log.warning("slow_query", route=route, duration_ms=milliseconds, statement=shape)
        for shape, times in self._shapes.items():
            if times > MOST_OF_A_KIND:
                log.warning("repeated_query", route=route, times=times, statement=shape)


def shape_of(sql: str) -> str:
    """Return a statement without values; lists of any length have one shape."""
    return _PLACES.sub("...", _LITERAL.sub("?", " ".join(str(sql).split())))
