"""Requests in files, for the load generator to walk."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks import rows
from benchmarks.layout import is_running
from benchmarks.tokens import token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchmarks.layout import Layout

CAMPAIGNS = "/api/v1/campaigns/"
QUICKEST = 8_000
"""Requests that no contestant answers in a second: files are so long that none ends."""
ORDERINGS = ["-created_at", "title", "-updated_at", "-title", "created_at", "updated_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of one account."""

    account: int
    path: str
    method: str = "GET"
    body: Any = None

    @property
    def text(self) -> str:
        """The body as JSON; empty without one."""
        return "" if self.body is None else json.dumps(self.body)

    def line(self) -> str:
        """Return what the load generator's script reads."""
        return "\t".join([self.method, self.path, token(self.account), self.text])


def write(path: Path, requests: Iterable[Request]) -> Path:
    """Write a file of requests, and return where it is."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{request.line()}\n" for request in requests)
    return path


def first_pages(layout: Layout, *, seed: int) -> Iterator[Request]:
    """Yield first pages of 50, of all accounts before one comes again in another order."""
    accounts = _shuffled([*layout.others, *layout.hundreds], seed)
    for ordering in ORDERINGS:
        for account in accounts:
            yield Request(account=account, path=f"{CAMPAIGNS}?ordering={ordering}")


def single_campaigns(layout: Layout, *, seed: int) -> Iterator[Request]:
    """Yield single campaigns, each once, of accounts in turn."""
    accounts = _shuffled([*layout.others, *layout.hundreds], seed)
    for place in count():
        some = [account for account in accounts if place < len(layout.campaigns[account])]
        if not some:
            return
        for account in some:
            campaign = layout.campaigns[account][place]
            yield Request(account=account, path=f"{CAMPAIGNS}{campaign}/")


def rates(requests: Iterable[Request]) -> Iterator[Request]:
    """Turn requests for campaigns into requests for what they pay somewhere."""
    chance = random.Random(3)
    for request in requests:
        country = chance.choice(rows.COUNTRIES)
        yield Request(account=request.account, path=f"{request.path}rate/?country={country}")


WARM_ACCOUNTS = 1_000
WRITES = 0.05
PAGES = {
    f"{CAMPAIGNS}?ordering=-created_at": 80,
    f"{CAMPAIGNS}?ordering=-created_at&page=2": 10,
    f"{CAMPAIGNS}?ordering=title": 5,
    f"{CAMPAIGNS}?ordering=-updated_at": 5,
}
"""What people ask of lists, and how often of a hundred times."""
SINGLES = 2
"""How many campaigns of an account are read one by one."""


def busy_accounts(layout: Layout) -> list[int]:
    """Return the accounts that the warm runs go over."""
    return [*layout.hundreds, *layout.others][:WARM_ACCOUNTS]


def pages_of(_layout: Layout, _account: int) -> dict[str, int]:
    """Return the lists that an account reads, with their weights."""
    return PAGES


def singles_of(layout: Layout, account: int) -> dict[str, int]:
    """Return the single campaigns that an account reads, with their weights."""
    return {f"{CAMPAIGNS}{campaign}/": 1 for campaign in layout.campaigns[account][:SINGLES]}


def rates_of(layout: Layout, account: int) -> dict[str, int]:
    """Return the rates that an account asks for, with their weights."""
    return {f"{path}rate/?country=EE": 1 for path in singles_of(layout, account)}


Reads = Callable[["Layout", int], dict[str, int]]


def each_once(layout: Layout, reads: Reads) -> Iterator[Request]:
    """Yield every read of the warm runs once: what fills the cache."""
    for account in busy_accounts(layout):
        for path in reads(layout, account):
            yield Request(account=account, path=path)


def browsing(
    layout: Layout, reads: Reads, *, requests: int, part: int, parts: int
) -> Iterator[Request]:
    """Yield reads of many accounts in random order, and a write for each 19 of them.

    :param part: which of ``parts`` shares of the stopped campaigns the writes are about.
    """
    chance = random.Random(part)
    accounts = busy_accounts(layout)
    walks = {account: _switches(_stopped(layout, account)[part::parts]) for account in accounts}
    choices = {account: reads(layout, account) for account in accounts}
    for _ in range(requests):
        account = chance.choice(accounts)
        if chance.random() < WRITES:
            yield Request(account=account, path=next(walks[account]), method="POST")
        else:
            paths = choices[account]
            path = chance.choices(list(paths), list(paths.values()))[0]
            yield Request(account=account, path=path)


def switches(layout: Layout, *, requests: int, part: int, parts: int) -> Iterator[Request]:
    """Yield starts and stops, each of a campaign that it changes; ``part`` is as above."""
    accounts = busy_accounts(layout)
    walks = [_switches(_stopped(layout, account)[part::parts]) for account in accounts]
    for number in range(requests):
        place = number % len(accounts)
        yield Request(account=accounts[place], path=next(walks[place]), method="POST")


def _stopped(layout: Layout, account: int) -> list[int]:
    return [campaign for campaign in layout.campaigns[account] if not is_running(campaign)]


def _switches(stopped: list[int]) -> Iterator[str]:
    """Yield, for ever, the addresses that start each of some campaigns and stop it again."""
    while True:
        for verb in ("start", "stop"):
            for campaign in stopped:
                yield f"{CAMPAIGNS}{campaign}/{verb}/"


def new_campaigns(layout: Layout, *, label: str, requests: int) -> Iterator[Request]:
    """Yield campaigns to create, each with five payouts and a title of its own."""
    accounts = [*layout.others, *layout.hundreds]
    for number in range(1, requests + 1):
        account = accounts[number * 7 % len(accounts)]
        yield new_campaign(account, title=f"{label} {number}", number=number)


def new_campaign(account: int, *, title: str, number: int) -> Request:
    """Return a campaign to create, with the rate card and the landing page of a number."""
    return Request(account=account, path=CAMPAIGNS, method="POST", body=details(title, number))


def details(title: str, number: int) -> dict[str, Any]:
    """Return the values of a campaign, as one sends them."""
    return {
        "title": title,
        "landing_page_url": rows.landing_page(number),
        "payouts": [
            {
                "country": None if country == rows.NULL else country,
                "amount": amount,
                "currency": currency,
            }
            for country, amount, currency in rows.card_of(number, rows.cards())
        ],
    }


def _shuffled(accounts: list[int], seed: int) -> list[int]:
    return random.Random(seed).sample(accounts, len(accounts))
