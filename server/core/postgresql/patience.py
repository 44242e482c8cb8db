"""How long to wait for a PostgreSQL that says nothing.

PostgreSQL ends statements that take too long by itself, as long as it runs. One that is frozen, or
whose host is gone without a word, ends nothing, and libpq waits for as long as TCP does.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any

from psycopg import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGER_SECONDS = 2.0
"""How much longer than PostgreSQL itself: it is to speak first, if it can."""

_STATEMENT_TIMEOUT = re.compile(r"statement_timeout=([0-9]+)(ms|s|min)?", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "": 0.001}
_own: ContextVar[float | None] = ContextVar("patience", default=None)


def statement_seconds(options: str) -> float | None:
    """Return after how many seconds PostgreSQL was told to end a statement; None for never."""
    found = _STATEMENT_TIMEOUT.findall(options)
    seconds: float = int(found[-1][0]) * _SECONDS[found[-1][1]] if found else 0
    return seconds or None


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait for each answer of PostgreSQL for this long at most."""
    token = _own.set(seconds)
    try:
        yield
    finally:
        _own.reset(token)


class PatientConnection(Connection[Any]):
    """A connection that gives up when nothing comes back; its pool does not take it again.

    Commands are told of no statement_timeout (a migration may take hours), and wait for ever.
    """

    def wait(self, *arguments: Any, **options: Any) -> Any:
        """Wait for an answer.

        :raises OperationalError: there was none in time.
        """
        options.setdefault("timeout", _own.get() or _most_seconds())
        return super().wait(*arguments, **options)


@cache
def _most_seconds() -> float | None:
    seconds = statement_seconds(os.environ.get("PGOPTIONS", ""))
    return None if seconds is None else seconds + LONGER_SECONDS
