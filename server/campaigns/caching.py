"""What is kept of the answers about campaigns, under which key, and for how long: all of it.

An answer is a function of its address and of its account's campaigns, whose version rises in the
transaction of every write. Each request learns the version with the query that proves its session,
and it is in every key: what is kept under a key stays true for ever, and no write has to tell
anybody. A version is never read again once it has passed, so that the time only bounds how long
Redis holds what nobody asks for. With it comes which campaigns the last versions changed: what a
process answered about another one is right yet.

How many campaigns an account has is kept too, by each process: counting up to 10,000 is most of
what a page of a large account costs, and every page in every order says the same number.

What the console's overview sums up of all payouts is kept like an answer.

Not kept: the bin, which time alone empties; a history, which shows names of people; writes.
Countries and currencies change with a release only, and are kept by the process that serves them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import orjson

from campaigns import composition
from campaigns.models import Campaign
from campaigns.rendering import form
from core.api.pagination import COUNTED_EXACTLY
from core.api.tags import REPRESENTATION
from core.api.views import Keep
from core.caching.answers import KeptAnswer, answer_cache, memory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.http import HttpRequest

    from accounts.models import Account
    from campaigns.lean import CampaignRow

KEPT_FOR = timedelta(minutes=15).total_seconds()


def state(request: HttpRequest) -> str:
    """Return all that an answer depends on beside its address: whose, which version, which form."""
    account = cast("Account", request.user)
    return _state(account, account.campaigns_version)


def _state(account: Account, version: int) -> str:
    return f"{account.id}.{version}.{REPRESENTATION}.{form()}"


def outlives(request: HttpRequest, then: str, *, campaign_id: int, **_: int) -> bool:
    """Tell whether what was answered about a campaign in an earlier state is right yet.

    It is if each version since is known to have changed another campaign.
    """
    account = cast("Account", request.user)
    version = int(then.split(".")[1])
    since = range(version + 1, account.campaigns_version + 1)
    changed = dict(entry.split(":") for entry in account.recent_changes.split(";")[:-1])
    return (
        then == _state(account, version)
        and 0 < len(since) <= len(changed)
        and not {str(campaign_id), None} & {changed.get(str(one)) for one in since}
    )


CAMPAIGNS: Mapping[str, Keep] = {
    "list": Keep(seconds=KEPT_FOR, state=state, unless="deleted"),
    "retrieve": Keep(seconds=KEPT_FOR, state=state, outlives=outlives, is_shared=False),
    "rate": Keep(seconds=KEPT_FOR, state=state, outlives=outlives),
}
"""The actions of ``CampaignViewSet`` whose answers are kept."""

PAYOUTS: Mapping[str, Keep] = {
    "list": Keep(seconds=KEPT_FOR, state=state),
    "retrieve": Keep(seconds=KEPT_FOR, state=state, outlives=outlives),
}
"""The actions of ``PayoutViewSet`` whose answers are kept."""


def totals(account: Account) -> tuple[int, int]:
    """Return how many campaigns an account has and how many run: of 10,000 or more, 10,001."""
    key = f"{account.pk}.{account.campaigns_version}.totals"
    if known := memory().find(key):
        everything, running = known.split()
        return int(everything), int(running)
    counted = composition.campaigns().totals(account_id=account.pk, counted=COUNTED_EXACTLY + 1)
    memory().put(key, b"%d %d" % counted, seconds=KEPT_FOR)
    return counted


def figures(account: Account, name: str, build: Callable[[], list[Any]]) -> Any:
    """Return what is kept of what an account's campaigns come to, or build it.

    :param name: what it is; a release that changes its form gives it another one.
    """
    kept = answer_cache().get(
        f"{account.pk}.{account.campaigns_version}.figures.{name}",
        seconds=KEPT_FOR,
        build=lambda: KeptAnswer(etag="", body=orjson.dumps(build())),
    )
    return orjson.loads(kept.body)


class OwnPages:
    """Read the pages of all of an account's campaigns, and count them once for each version."""

    model = Campaign

    def __init__(self, account: Account) -> None:
        """Take whose they are."""
        self._account = account

    def numbered(
        self, *, order: tuple[str, ...], start: int, size: int, counted: int
    ) -> tuple[Sequence[CampaignRow], int]:
        """Return rows and how many there are, up to ``counted``; no rows and 0 past the end."""
        campaigns, owner = composition.campaigns(), self._account.pk
        key = f"{owner}.{self._account.campaigns_version}.count"
        if known := memory().find(key):
            rows = campaigns.page(account_id=owner, order=order, start=start, size=size)
            return rows, int(known) if rows else 0
        rows, count = campaigns.counted_page(
            account_id=owner, order=order, start=start, size=size, counted=counted
        )
        if rows:
            memory().put(key, b"%d" % count, seconds=KEPT_FOR)
        return rows, count

    def beyond(
        self, position: Sequence[object] | None, *, order: tuple[str, ...], size: int
    ) -> Sequence[CampaignRow]:
        """Return the rows that come next after a position, or the first ones."""
        campaigns, owner = composition.campaigns(), self._account.pk
        if position is None:
            return campaigns.page(account_id=owner, order=order, start=0, size=size)
        return campaigns.page_beyond(position, account_id=owner, order=order, size=size)
