"""Requests per second under load: lists, single campaigns, rates and writes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from benchmarks import routes, traffic
from benchmarks.findings import Findings, at_least
from benchmarks.rounds import FILLED, race, warm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.contest import Contest
    from benchmarks.layout import Layout
    from benchmarks.rounds import Race
    from benchmarks.servers import Kind, Server
    from benchmarks.traffic import Reads, Request

_WRITERS: tuple[Kind, ...] = ("ratecard", "twin", "twin_today")
_EVERYBODY: tuple[Kind, ...] = (*_WRITERS, "ceiling")
_HEADER = (
    "requests/s",
    *("Ratecard", "twin", "twin, today", "SQL"),
    *("Ratecard : twin", ": twin, today", ": SQL"),
    *("Ratecard, CPU ms", "twin", "twin, today", "SQL"),
)
_COLD = "Cold: nothing is kept when a round begins, and no request comes twice."
_WARM = (
    f"Warm: {traffic.WARM_ACCOUNTS:,} accounts in random order, 5 in 100 requests start or stop a "
    "campaign, which outdates all that is cached of it, and all lists of its account."
)


def lists(contest: Contest) -> Findings:
    """Measure lists of 50 campaigns with 5 payouts each."""
    cold = _cold(contest, "list, cold", traffic.first_pages, _EVERYBODY)
    hot = _warm(contest, "list, warm", traffic.pages_of, _WRITERS)
    return Findings(
        title="Lists of 50 campaigns with 5 payouts each",
        explanation=f"{_COLD} {_WARM} Of the warm reads 80 in 100 are the first page in the usual "
        "order, 10 its second page, 10 the first page in another order.",
        header=_HEADER,
        rows=[_row(cold), _row(hot)],
        verdicts=[
            at_least("list, cold, against the twin", 10, cold.ratio("ratecard", "twin")),
            at_least("list, cold, against SQL", 0.5, cold.ratio("ratecard", "ceiling")),
            at_least("list, warm, against the twin", 25, hot.ratio("ratecard", "twin")),
        ],
    )


def singles(contest: Contest) -> Findings:
    """Measure reading one campaign."""
    cold = _cold(contest, "one campaign, cold", traffic.single_campaigns, _EVERYBODY)
    hot = _warm(contest, "one campaign, warm", traffic.singles_of, _WRITERS)
    return Findings(
        title="One campaign with 5 payouts",
        explanation=f"{_COLD} {_WARM}",
        header=_HEADER,
        rows=[_row(cold), _row(hot)],
        verdicts=[
            at_least("one campaign, cold, against the twin", 10, cold.ratio("ratecard", "twin")),
            at_least("one campaign, warm, against the twin", 20, hot.ratio("ratecard", "twin")),
        ],
    )


def rates(contest: Contest) -> Findings:
    """Measure what a country pays, which only Ratecard tells."""

    def asked(layout: Layout, *, seed: int) -> Iterator[Request]:
        return traffic.rates(traffic.single_campaigns(layout, seed=seed))

    cold = _cold(contest, "rate, cold", asked, ("ratecard",))
    hot = _warm(contest, "rate, warm", traffic.rates_of, ("ratecard",))
    return Findings(
        title="What a country pays",
        explanation=f"Only Ratecard answers this. {_COLD} {_WARM}",
        header=_HEADER,
        rows=[_row(cold), _row(hot)],
    )


def creating(contest: Contest) -> Findings:
    """Measure creating campaigns with 5 payouts."""

    def requests(number: int) -> Iterator[Request]:
        label = f"Made in round {number}:"
        return traffic.new_campaigns(contest.large.layout, label=label, requests=_enough(contest))

    done = _race(contest, "create", requests, _WRITERS)
    return Findings(
        title="Creating a campaign with 5 payouts",
        explanation=f"Of {contest.plan.accounts - 1:,} accounts in turn.",
        header=_HEADER,
        rows=[_row(done)],
        verdicts=[
            at_least("create with 5 payouts, against the twin", 5, done.ratio("ratecard", "twin"))
        ],
    )


def switching(contest: Contest) -> Findings:
    """Measure starting and stopping campaigns."""
    rounds = contest.plan.rounds

    def requests(number: int) -> Iterator[Request]:
        return traffic.switches(
            contest.large.layout, requests=_enough(contest), part=number, parts=rounds
        )

    _stop_again(contest)
    done = _race(contest, "start and stop", requests, _WRITERS)
    return Findings(
        title="Starting and stopping a campaign",
        explanation=f"Of {traffic.WARM_ACCOUNTS:,} accounts in turn; each request changes "
        "something.",
        header=_HEADER,
        rows=[_row(done)],
        verdicts=[at_least("start and stop, against the twin", 5, done.ratio("ratecard", "twin"))],
    )


def _cold(
    contest: Contest,
    title: str,
    asked: Callable[..., Iterator[Request]],
    kinds: Sequence[Kind],
) -> Race:
    def requests(number: int) -> Iterator[Request]:
        return asked(contest.large.layout, seed=number)

    return _race(contest, title, requests, kinds, before=lambda _: contest.flush(), once=True)


def _warm(contest: Contest, title: str, reads: Reads, kinds: Sequence[Kind]) -> Race:
    rounds = contest.plan.rounds
    layout = contest.large.layout
    filling = list(traffic.each_once(layout, reads))

    def requests(number: int) -> Iterator[Request]:
        many = _enough(contest)
        return traffic.browsing(layout, reads, requests=many, part=number, parts=rounds)

    def fill(server: Server) -> None:
        if server.name == "ratecard":  # the others have no cache
            for _ in range(FILLED):
                warm(server, filling)

    _stop_again(contest)
    return _race(contest, title, requests, kinds, before=fill)


def _stop_again(contest: Contest) -> None:
    """Have each start change something; the twins never look whether it does."""
    layout = contest.large.layout
    accounts = traffic.busy_accounts(layout)
    warm(contest.server("ratecard"), [routes.stop_again(layout, account) for account in accounts])


def _race(  # noqa: PLR0913 -- each is one side of the race
    contest: Contest,
    title: str,
    requests: Callable[[int], Iterator[Request]],
    kinds: Sequence[Kind],
    *,
    before: Callable[[Server], None] | None = None,
    once: bool = False,
) -> Race:
    def file(_server: Server, number: int) -> Path:
        path = contest.directory / f"{title}-{number}"
        if not path.exists():  # the first contestant's; each has tables of its own
            traffic.write(path, islice(requests(number), _enough(contest)))
        return path

    return race(
        title,
        [contest.server(kind) for kind in kinds],
        rounds=contest.plan.rounds,
        seconds=contest.plan.seconds,
        requests=file,
        before=before,
        once=once,
    )


def _enough(contest: Contest) -> int:
    return traffic.QUICKEST * contest.plan.seconds


def _row(race: Race) -> list[str]:
    def figure(name: str) -> str:
        return f"{race.per_second(name):,.0f}" if name in race.loads else ""

    def cost(name: str) -> str:
        return f"{race.cpu_ms(name):.1f}" if name in race.loads else ""

    def ratio(other: str) -> str:
        return f"{race.ratio('ratecard', other):.2f}" if other in race.loads else ""

    return [
        race.title,
        *map(figure, _EVERYBODY),
        *map(ratio, _EVERYBODY[1:]),
        *map(cost, _EVERYBODY),
    ]
