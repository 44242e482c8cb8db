"""How many queries each route makes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks import base, routes, servers
from benchmarks.findings import Findings, Verdict
from benchmarks.rounds import warm
from benchmarks.traffic import CAMPAIGNS, Request
from core.reference import countries

if TYPE_CHECKING:
    from benchmarks.contest import Contest
    from benchmarks.layout import Layout
    from benchmarks.routes import Ask
    from benchmarks.servers import Kind

REPLACED = {
    "first page": 3,
    "second page": 3,
    "first page by title": 3,
    "one campaign": 3,
    "create": 42,
    "replace": 45,
    "start": 7,
    "stop": 7,
}
"""Of the server that Ratecard replaces, measured before it was."""
TWIN = tuple(REPLACED)
"""What the twin has too."""
# Beyond the query that authenticates.
MOST = {
    "authentication alone": 0,
    "first page": 3,
    "second page": 3,
    "first page by cursor": 3,
    "one campaign": 2,
    "rate": 2,
    "create": 8,
    "create with 249 payouts": 8,
    "replace": 8,
    "bulk of 500": 8,
    "start": 5,
    "stop": 5,
}
MOST_WARM = {"first page": 0, "second page": 0, "one campaign": 0, "rate": 0}
AUTHENTICATION = 1


def _many_payouts(layout: Layout, account: int, number: int) -> Request:
    request = routes.create(layout, account, number)
    codes = [code for code in countries() if code != "AX"] + [None]
    payouts = [{"country": code, "amount": "1.50", "currency": "EUR"} for code in codes]
    return replace(request, body={**request.body, "title": "Many", "payouts": payouts})


def _bulk(layout: Layout, _account: int, _number: int) -> Request:
    ids = layout.campaigns[layout.big][:500]
    body = {"action": "stop", "ids": ids}
    return Request(account=layout.big, path=f"{CAMPAIGNS}bulk/", method="POST", body=body)


def _profile(_layout: Layout, account: int, _number: int) -> Request:
    return Request(account=account, path="/api/v1/auth/profile/")


ASKED: dict[str, Ask] = {
    "authentication alone": _profile,
    **routes.ALL,
    "create with 249 payouts": _many_payouts,
    "bulk of 500": _bulk,
}


def measure(contest: Contest) -> Findings:
    """Count the queries of every route, with a cold and with a warm cache."""
    ours, twins = counted(contest, "ratecard"), counted(contest, "twin_today")
    rows = [
        [
            name,
            f"{cold}",
            f"{warm}" if warm else "",
            f"{twins[name][0]}" if name in twins else "",
            f"{REPLACED.get(name, '')}",
        ]
        for name, (cold, warm) in ours.items()
    ]
    return Findings(
        title="Queries of each route",
        explanation="On PostgreSQL, with the one that authenticates, without BEGIN, COMMIT and "
        "SAVEPOINT. Warm: the same request for the second time.",
        header=("request", "Ratecard, cold", "warm", "twin, today", "replaced"),
        rows=rows,
        verdicts=[
            *(_verdict(name, "", most, ours[name][0]) for name, most in MOST.items()),
            *(_verdict(name, ", warm", most, ours[name][1]) for name, most in MOST_WARM.items()),
        ],
    )


def _verdict(name: str, when: str, most: int, measured: int) -> Verdict:
    allowed = AUTHENTICATION + most
    return Verdict(
        what=f"queries: {name}{when}",
        budget=f"at most {AUTHENTICATION} + {most}",
        measured=str(measured),
        met=measured <= allowed,
    )


def counted(contest: Contest, kind: Kind) -> dict[str, tuple[int, int]]:
    """Return the queries of each route with a cold and with a warm cache."""
    if kind not in contest.counted_queries:
        contest.counted_queries[kind] = _count(contest, kind)
    return contest.counted_queries[kind]


def _count(contest: Contest, kind: Kind) -> dict[str, tuple[int, int]]:
    store = contest.large if kind == "ratecard" else contest.twins
    names = ASKED if kind == "ratecard" else TWIN
    account = store.layout.hundreds[-2]
    if kind == "ratecard":
        warm(contest.server(kind), [routes.stop_again(store.layout, account)])
    requests = [(name, ASKED[name](store.layout, account, 990_017).line()) for name in names]
    file = contest.directory / f"queries-{kind}.json"
    file.write_text(json.dumps(requests), encoding="utf-8")
    variables = servers.variables(kind, store.url, contest.valkey_url)
    printed = base.run_django(variables, "-m", "benchmarks.count_queries", str(file))
    counts: dict[str, list[int]] = json.loads(printed.splitlines()[-1])
    return {name: (cold, warm) for name, (cold, warm) in counts.items()}
