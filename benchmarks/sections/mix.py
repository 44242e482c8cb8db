"""All routes together: how long an answer takes, and how many queries all of them need."""

from __future__ import annotations

import random
from itertools import cycle
from typing import TYPE_CHECKING

from benchmarks import routes, traffic
from benchmarks.findings import Findings, at_most
from benchmarks.rounds import race
from benchmarks.sections import queries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.contest import Contest
    from benchmarks.servers import Server
    from benchmarks.traffic import Request

MOST_MS = 200
MOST_OF_QUERIES = 0.5
SHARES = {
    "first page": 36,
    "second page": 6,
    "first page by title": 4,
    "search, a word": 4,
    "filter by country": 2,
    "filter running": 2,
    "one campaign": 24,
    "rate": 8,
    "create": 4,
    "replace": 3,
    "change the URL": 1,
    "start": 3,
    "stop": 3,
}
"""Of a hundred requests."""


def requests(contest: Contest, *, many: int, seed: int) -> Iterator[Request]:
    """Yield requests of all routes, by their shares."""
    chance = random.Random(seed)
    layout = contest.large.layout
    accounts = cycle(chance.sample(traffic.busy_accounts(layout), traffic.WARM_ACCOUNTS))
    names = chance.choices(list(SHARES), list(SHARES.values()), k=many)
    for number, name in enumerate(names, start=seed * 10_000_000):
        yield routes.ALL[name](layout, next(accounts), number)


def measure(contest: Contest) -> Findings:
    """Measure the answer times of the mix, and count its queries."""

    def file(_server: Server, number: int) -> Path:
        many = traffic.QUICKEST * contest.plan.seconds
        path = contest.directory / f"mix-{number}"
        return traffic.write(path, requests(contest, many=many, seed=number + 1))

    done = race(
        "mix of all routes",
        [contest.server("ratecard")],
        rounds=contest.plan.rounds,
        seconds=contest.plan.seconds,
        requests=file,
    )
    ours, theirs = _queries(contest)
    mean = done.mean_ms("ratecard")
    return Findings(
        title="A mix of all routes",
        explanation="Of 100 requests: "
        + ", ".join(f"{share} {name}" for name, share in SHARES.items())
        + ". Queries are those of a cold cache, summed over the routes that the replaced server "
        "has too.",
        header=("", "Ratecard", "replaced", "ratio"),
        rows=[
            ["requests/s at 8 connections", f"{done.per_second('ratecard'):,.0f}", "", ""],
            ["mean answer (ms)", f"{mean:.1f}", "", ""],
            ["queries of 100 requests", f"{ours}", f"{theirs}", f"{ours / theirs:.2f}"],
        ],
        verdicts=[
            at_most("mix: mean answer at 8 connections", MOST_MS, mean, "ms"),
            at_most(
                "mix: queries against the replaced server",
                MOST_OF_QUERIES,
                ours / theirs,
                "times as many",
            ),
        ],
    )


def _queries(contest: Contest) -> tuple[int, int]:
    counts = queries.counted(contest, "ratecard")
    both = [name for name in SHARES if name in queries.REPLACED]
    return (
        sum(SHARES[name] * counts[name][0] for name in both),
        sum(SHARES[name] * queries.REPLACED[name] for name in both),
    )
