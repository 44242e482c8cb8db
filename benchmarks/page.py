"""docs/performance.md, as a full run writes it."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import base, servers, stores
from benchmarks.plan import CONNECTIONS
from benchmarks.report import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.findings import Findings
    from benchmarks.plan import Plan

PAGE = base.PROJECT / "docs" / "performance.md"

_PAGE = """# Performance

`make bench` wrote this page. It says how fast Ratecard is beside others, on one machine in one
run, and whether it keeps its budgets. [development.md](development.md#measuring) says how to
measure yourself.

## How to read it

Ratios count: whoever was faster here will be faster elsewhere, by about as much. Absolute figures
are noise: another machine, or this one on another day, has others.

- **Ratecard** runs with production's settings behind a pretended proxy, with Valkey as its cache,
  and logs every request.
- The **twin** is the same API as a good tutorial would have it: `ModelViewSet`, serializers made
  from the models, `prefetch_related`, indexes, a connection pool, no cache (`benchmarks/twin/`). It
  has the django-countries of the replaced server; *twin, today* is the same with today's
  ([ADR 0017](adr/0017-which-twin.md)).
- **SQL** is what could be: one statement by hand, which checks the session and writes the whole
  answer as JSON, in a Django without middleware (`benchmarks/ceiling/`). Ratecard passes it
  with lists, whose rate cards it has stored ([ADR 0012](adr/0012-stored-rate-cards.md)).
- The **replaced** server is the one that Ratecard took the place of. Its figures were measured
  before.

All have the same server program, granian, with {workers} processes of {threads} threads, as is
[proposed](operations.md#workers-threads-connections) where PostgreSQL is on the same machine; the
same PostgreSQL; and {connections} connections. Before anything is timed, their answers are
compared. They take turns in {rounds} rounds of {seconds} seconds; figures are medians, and ratios
are medians of the rounds' ratios.

PostgreSQL runs with `{settings}`.

| | |
| --- | --- |
{facts}

## Budgets

{verdicts}
"""


def write(plan: Plan, findings: Sequence[Findings], versions: Mapping[str, str]) -> Path:
    """Write the page, and return where it is."""
    facts = {
        "Date": datetime.now(tz=UTC).date().isoformat(),
        "Processor": f"{processor()}, {os.cpu_count()} cores",
        "Memory": f"{base.memory_gib():.0f} GiB",
        "System": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name.lower()) for name in ("Django", "granian", "psycopg", "orjson")},
        "Django REST framework": version("djangorestframework"),
        **versions,
    }
    settings = stores.POSTGRES_SETTINGS.items()
    text = _PAGE.format(
        workers=servers.WORKERS,
        threads=servers.THREADS,
        connections=CONNECTIONS,
        rounds=plan.rounds,
        seconds=plan.seconds,
        settings=", ".join(f"{name}={value}" for name, value in settings),
        facts="\n".join(f"| {name} | {value} |" for name, value in facts.items()),
        verdicts=_table(
            VERDICTS,
            [
                (
                    verdict.what,
                    verdict.budget,
                    verdict.measured,
                    "met" if verdict.met else "**not met**",
                )
                for section in findings
                for verdict in section.verdicts
            ],
        ),
    )
    for section in findings:
        text += f"\n## {section.title}\n\n{section.explanation}\n\n"
        text += f"{_table(section.header, section.rows)}\n"
    PAGE.write_text(text, encoding="utf-8")
    return PAGE


def processor() -> str:
    """Return the name of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
