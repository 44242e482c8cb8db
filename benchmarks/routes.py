"""Every kind of request, as an account of some store would send it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from benchmarks import rows
from benchmarks.layout import is_running
from benchmarks.traffic import CAMPAIGNS, Request, details, new_campaign

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.layout import Layout

    # The number makes requests differ that would be equal.
    Ask = Callable[[Layout, int, int], Request]


def listing(**query: str) -> Ask:
    """Return what asks for a list."""

    def ask(_layout: Layout, account: int, _number: int) -> Request:
        return Request(account=account, path=f"{CAMPAIGNS}?{urlencode(query)}")

    return ask


def about(suffix: str = "", method: str = "GET", body: Any = None) -> Ask:
    """Return what asks for one campaign, or something of it."""

    def ask(layout: Layout, account: int, number: int) -> Request:
        campaign = _pick(layout, account, number)
        path = f"{CAMPAIGNS}{campaign}/{suffix}"
        return Request(account=account, path=path, method=method, body=body)

    return ask


def _pick(layout: Layout, account: int, number: int) -> int:
    campaigns = layout.campaigns[account]
    return campaigns[number * 31 % len(campaigns)]


def _by_title(layout: Layout, account: int, number: int) -> Request:
    wanted = rows.title(_pick(layout, account, number))
    return listing(title=wanted.upper())(layout, account, number)


def _by_url(layout: Layout, account: int, number: int) -> Request:
    wanted = rows.landing_page(_pick(layout, account, number))
    return listing(landing_page_url=wanted)(layout, account, number)


def _search_word(layout: Layout, account: int, number: int) -> Request:
    word = rows.PRODUCTS[number % len(rows.PRODUCTS)]
    return listing(search=word.lower())(layout, account, number)


def _search_one(layout: Layout, account: int, number: int) -> Request:
    return listing(search=f"/{_pick(layout, account, number)}?")(layout, account, number)


def _created_since(layout: Layout, account: int, number: int) -> Request:
    half = rows.FIRST_DAY + len(layout.owners) // 2 * rows.APART
    return listing(created_after=f"{half.date()}")(layout, account, number)


def _created_within(layout: Layout, account: int, number: int) -> Request:
    half = rows.FIRST_DAY + len(layout.owners) // 2 * rows.APART
    tenth = len(layout.owners) // 10 * rows.APART
    days = {
        "created_after": f"{half.date()}",
        "created_before": f"{(half + tenth + timedelta(days=1)).date()}",
    }
    return listing(**days)(layout, account, number)


def _create(_layout: Layout, account: int, number: int) -> Request:
    return new_campaign(account, title=f"Timed {account} {number}", number=number)


def _replace(layout: Layout, account: int, number: int) -> Request:
    campaign = _pick(layout, account, number)
    # Its own title, and the rate card of another number.
    return Request(
        account=account,
        path=f"{CAMPAIGNS}{campaign}/",
        method="PUT",
        body=details(rows.title(campaign), campaign + number),
    )


def stop_again(layout: Layout, account: int) -> Request:
    """Return what leaves an account's campaigns stopped that were loaded so.

    Other sections start and stop them: what is asked to start below is to change.
    """
    body = {"action": "stop", "ids": _stopped(layout, account)}
    return Request(account=account, path=f"{CAMPAIGNS}bulk/", method="POST", body=body)


def _stopped(layout: Layout, account: int) -> list[int]:
    return [one for one in layout.campaigns[account][:300] if not is_running(one)]


def _switch(verb: str) -> Ask:
    def ask(layout: Layout, account: int, number: int) -> Request:
        stopped = _stopped(layout, account)
        path = f"{CAMPAIGNS}{stopped[number % len(stopped)]}/{verb}/"
        return Request(account=account, path=path, method="POST")

    return ask


start = _switch("start")
stop = _switch("stop")
create: Ask = _create
replace: Ask = _replace
search: Ask = _search_word

LISTS: dict[str, Ask] = {
    "first page": listing(),
    "first page by title": listing(ordering="title"),
    "first page by change": listing(ordering="-updated_at"),
    "first page, running first": listing(ordering="-is_running"),
    "first page by cursor": listing(cursor=""),
    "second page": listing(page="2"),
    "count (a page of one)": listing(page_size="1"),
}
SEARCHES: dict[str, Ask] = {
    "search, a word": search,
    "search, one URL": _search_one,
    "search, nothing": listing(search="no campaign has this"),
    "filter by title": _by_title,
    "filter by URL": _by_url,
    "filter running": listing(is_running="true"),
    "filter stopped": listing(is_running="false"),
    "filter by country": listing(country="EE"),
    "filter by currency": listing(currency="JPY"),
    "filter created after": _created_since,
    "filter created within": _created_within,
    "search, country, ordering": listing(search="loans", country="EE", ordering="title"),
}
SINGLE: dict[str, Ask] = {
    "one campaign": about(),
    "its payouts": about("payouts/"),
    "its history": about("history/"),
    "rate": about("rate/?country=EE"),
}
WRITES: dict[str, Ask] = {
    "create": create,
    "replace": replace,
    "change the URL": about(method="PATCH", body={"landing_page_url": "https://new.example/"}),
    "start": start,
    "stop": stop,
}
ALL: dict[str, Ask] = LISTS | SEARCHES | SINGLE | WRITES
