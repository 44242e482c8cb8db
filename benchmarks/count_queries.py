"""Count the queries of requests, in a process with a contestant's settings.

It reads a file of ``[name, line]`` and prints ``{name: [cold, warm]}``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from django.core.cache import cache
from django.db import connection
from django.test import Client

from benchmarks.base import HOST, BenchError

if TYPE_CHECKING:
    from collections.abc import Callable

_FRAMES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def main() -> None:
    """Count."""
    django.setup()
    client = Client(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https")
    # Connecting asks for settings of its own; afterwards the connection stays.
    counts: dict[str, tuple[int, int]] = {}
    for name, line in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        cache.clear()
        counts[name] = (_count(client, line), _count(client, line) if line.startswith("GET") else 0)
    sys.stdout.write(f"{json.dumps(counts)}\n")


def _count(client: Client, line: str) -> int:
    method, path, token, body = line.split("\t")
    statements: list[str] = []

    def note(
        execute: Callable[..., Any], statement: str, values: Any, many: Any, context: Any
    ) -> Any:
        if not statement.lstrip().upper().startswith(_FRAMES):
            statements.append(statement)
        return execute(statement, values, many, context)

    with connection.execute_wrapper(note):
        answer = client.generic(
            method,
            path,
            body,
            content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {token}",
        )
    if answer.status_code >= 400:  # noqa: PLR2004 -- HTTP's classes of errors
        raise BenchError(f"{method} {path}: {answer.status_code} {answer.content[:300]!r}")
    return len(statements)


if __name__ == "__main__":
    main()
