"""Whether a store of very many campaigns is as quick as one of 1,000, for equal accounts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benchmarks import routes
from benchmarks.findings import Findings, at_most
from benchmarks.plan import HUNDRED
from benchmarks.rounds import FILLED, warm
from benchmarks.say import say
from benchmarks.stores import analyze
from benchmarks.timing import WARM_UP, times
from benchmarks.traffic import CAMPAIGNS, Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contest import Contest
    from benchmarks.layout import Layout
    from benchmarks.routes import Ask
    from benchmarks.servers import Server
    from benchmarks.stores import Store

MOST = 1.2
READ_AGAIN = 16
"""How often the accounts are read that are asked: each of PostgreSQL's processes maps a block into
its memory when it first reads it, and it is chance which of them a request meets."""


def measure(contest: Contest) -> Findings:
    """Time every route in both stores, in accounts of 100 campaigns, with a cold cache."""
    rows, ratios = [], {}
    small, large = contest.server("ratecard", small=True), contest.server("ratecard")
    for server, held in ((small, contest.small), (large, contest.large)):
        _make_alike(server, held, asked=contest.plan.probes + WARM_UP)
    for name, ask in routes.ALL.items():
        few, many = times(
            contest,
            [
                (small, partial(_in_turn, ask, contest.small.layout)),
                (large, partial(_in_turn, ask, contest.large.layout)),
            ],
        )
        ratios[name] = many / few
        rows.append([name, f"{few:.2f}", f"{many:.2f}", f"{ratios[name]:.2f}"])
        say(f"   {name}: {few:.2f} ms and {many:.2f} ms, ratio {ratios[name]:.2f}")
    slowest = max(ratios, key=lambda name: ratios[name])
    store = f"{contest.plan.campaigns:,}"
    return Findings(
        title=f"A store of {store} campaigns against one of 1,000",
        explanation="Accounts of 100 campaigns each, in both stores. Milliseconds of one request "
        "at a time, each to an address that nothing is kept for, the two stores in turn: lower "
        "quartiles, since whatever else a machine does only ever adds. Before, both stores are "
        "vacuumed and their accounts read: rows are in memory, how many each has is known, and the "
        f"same are stopped. The accounts that are asked are read {READ_AGAIN} times more, so that "
        "their campaigns are mapped into the memory of nearly all of PostgreSQL's processes.",
        header=("request", "1,000 (ms)", f"{store} (ms)", "ratio"),
        rows=rows,
        verdicts=[
            at_most(
                f"{store} campaigns against 1,000, every route (worst: {slowest})",
                MOST,
                ratios[slowest],
                "times the time",
            )
        ],
    )


def _make_alike(server: Server, store: Store, *, asked: int) -> None:
    """Leave nothing but their sizes in which the stores differ.

    Other sections have changed the large one, and left dead rows. The small one has ten accounts:
    its rows are in memory at once, and all processes know how many campaigns each has.
    """
    accounts = store.layout.hundreds
    warm(server, [routes.stop_again(store.layout, account) for account in accounts])
    analyze(store.url)
    for _ in range(FILLED):
        _read(server, accounts, every=HUNDRED)
    probed = list(dict.fromkeys(_account(store.layout, number) for number in range(asked)))
    # At another address each time: an answer that is kept reads no rows.
    for every in range(HUNDRED + 1, HUNDRED + 1 + READ_AGAIN):
        _read(server, probed, every=every)


def _read(server: Server, accounts: Sequence[int], *, every: int) -> None:
    path = f"{CAMPAIGNS}?page_size={every}"
    warm(server, [Request(account=account, path=path) for account in accounts])


def _in_turn(ask: Ask, layout: Layout, number: int) -> Request:
    return ask(layout, _account(layout, number), number)


def _account(layout: Layout, number: int) -> int:
    accounts = layout.hundreds
    # By a step that has no common divisor with their number: neighbours in time are none in place.
    return accounts[number * 7 % len(accounts)]
