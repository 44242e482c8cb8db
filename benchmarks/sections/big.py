"""Whether the account with very many campaigns is as quick as a small one."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks import routes
from benchmarks.findings import Findings, Verdict, at_most
from benchmarks.probe import Probe
from benchmarks.say import say, step
from benchmarks.timing import Side, times
from benchmarks.tokens import token
from benchmarks.traffic import CAMPAIGNS, Request

if TYPE_CHECKING:
    from benchmarks.contest import Contest
    from benchmarks.layout import Layout
    from benchmarks.routes import Ask
    from benchmarks.servers import Server

MOST = 1.2
MOST_MS = 100
_STEP = 200
"""Rows of a page while we walk: the most that there can be."""


def measure(contest: Contest) -> Findings:
    """Time lists and searches of the big account beside those of small ones."""
    server, layout = contest.server("ratecard"), contest.large.layout
    with step("Walking the big account by cursor"):
        cursors = _cursors(server, layout.big)
    chance = random.Random(5)

    def deep(_layout: Layout, account: int, _number: int) -> Request:
        query = urlencode({"cursor": chance.choice(cursors)})
        return Request(account=account, path=f"{CAMPAIGNS}?{query}")

    first = routes.LISTS["first page by cursor"]
    pairs: dict[str, tuple[Ask, Ask]] = {
        name: (ask, ask) for name, ask in (routes.LISTS | routes.SEARCHES).items()
    }
    pairs["a page by cursor, anywhere"] = (deep, first)
    rows, ratios, slow = [], {}, {}
    for name, (asked_of_big, asked_of_small) in pairs.items():
        sides: list[Side] = [
            (server, partial(_asked, asked_of_big, layout, [layout.big])),
            (server, partial(_asked, asked_of_small, layout, layout.hundreds)),
        ]
        big, small = times(contest, sides)
        ratios[name] = big / small
        if name in routes.SEARCHES:
            slow[name] = big
        rows.append([name, f"{small:.2f}", f"{big:.2f}", f"{ratios[name]:.2f}"])
        say(f"   {name}: {small:.2f} ms and {big:.2f} ms, ratio {ratios[name]:.2f}")
    return Findings(
        title=f"The account with {contest.plan.big_account:,} campaigns against accounts of 100",
        explanation="Both in the large store; milliseconds as above. A page by cursor anywhere is "
        "compared with the first one of a small account, which has no others as full.",
        header=("request", "100 (ms)", f"{contest.plan.big_account:,} (ms)", "ratio"),
        rows=rows,
        verdicts=_verdicts(ratios, slow),
    )


def _asked(ask: Ask, layout: Layout, accounts: list[int], number: int) -> Request:
    return ask(layout, accounts[number % len(accounts)], number)


def _verdicts(ratios: dict[str, float], slow: dict[str, float]) -> list[Verdict]:
    pages = ("first page", "first page by cursor", "a page by cursor, anywhere")
    worst = max(slow, key=lambda name: slow[name])
    return [
        *(at_most(f"big account: {name}", MOST, ratios[name], "times the time") for name in pages),
        at_most(f"big account: search and filters (slowest: {worst})", MOST_MS, slow[worst], "ms"),
    ]


def _cursors(server: Server, account: int) -> list[str]:
    """Return the cursors that one meets on the way through everything."""
    found: list[str] = []
    path: str | None = f"{CAMPAIGNS}?cursor=&page_size={_STEP}"
    with Probe(server.port) as probe:
        while path:
            address = probe.get(path, bearer=token(account)).json["next"]
            if not address:
                break
            parts = urlsplit(address)
            found.append(parse_qs(parts.query)["cursor"][0])
            path = f"{parts.path}?{parts.query}"
    return found
