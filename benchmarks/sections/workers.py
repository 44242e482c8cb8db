"""How many processes and threads serve best on this machine."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks import servers, traffic
from benchmarks.findings import Findings
from benchmarks.rounds import race, warm

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.contest import Contest
    from benchmarks.servers import Server

SHAPES = [(1, 4), (2, 1), (2, 2), (2, 4), (2, 8), (4, 2)]
_ROUNDS = 3


def measure(contest: Contest) -> Findings:
    """Load Ratecard in several shapes, with cold and with warm lists."""
    layout, seconds = contest.large.layout, contest.plan.seconds
    filling = list(traffic.each_once(layout, traffic.pages_of))

    def cold_file(server: Server, number: int) -> Path:
        asked = traffic.first_pages(layout, seed=number)
        return traffic.write(contest.directory / f"cold-{server.port}-{number}", asked)

    def warm_file(server: Server, number: int) -> Path:
        asked = traffic.browsing(
            layout,
            traffic.pages_of,
            requests=traffic.QUICKEST * seconds,
            part=number,
            parts=_ROUNDS,
        )
        return traffic.write(contest.directory / f"warm-{server.port}-{number}", asked)

    with ExitStack() as stack:
        shapes = [
            dataclasses.replace(
                stack.enter_context(
                    servers.serving(
                        "ratecard",
                        servers.variables("ratecard", contest.large.url, contest.valkey_url),
                        contest.directory,
                        database=contest.database,
                        workers=workers,
                        threads=threads,
                    )
                ),
                name=f"{workers} × {threads}",
            )
            for workers, threads in SHAPES
        ]
        cold = race(
            "list, cold",
            shapes,
            rounds=_ROUNDS,
            seconds=seconds,
            requests=cold_file,
            before=lambda _: contest.flush(),
        )
        hot = race(
            "list, warm",
            shapes,
            rounds=_ROUNDS,
            seconds=seconds,
            requests=warm_file,
            before=lambda server: warm(server, filling),
        )
    return Findings(
        title="Processes × threads of Ratecard",
        explanation="At 8 connections. Each shape has as many database connections as threads. "
        f"{_ROUNDS} rounds.",
        header=("", "cold list/s", "mean (ms)", "warm list/s", "mean (ms)"),
        rows=[
            [
                shape.name,
                f"{cold.per_second(shape.name):,.0f}",
                f"{cold.mean_ms(shape.name):.1f}",
                f"{hot.per_second(shape.name):,.0f}",
                f"{hot.mean_ms(shape.name):.1f}",
            ]
            for shape in shapes
        ],
    )
