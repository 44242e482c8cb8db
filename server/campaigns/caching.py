"""What is kept of the answers about campaigns, under which key, and for how long: all of it.

An answer is a function of its address and of its account's campaigns, whose version rises in the
transaction of every write. Each request learns the version with the query that proves its session,
and it is in every key: what is kept under a key stays true for ever, and no write has to tell
anybody. A version is never read again once it has passed, so that the time only bounds how long
Redis holds what nobody asks for.

Not kept: the bin, which time alone empties; a history, which shows names of people; writes.
Countries and currencies change with a release only, and are kept by the process that serves them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from campaigns.rendering import form
from core.api.tags import REPRESENTATION
from core.api.views import Keep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from accounts.models import Account

KEPT_FOR = timedelta(minutes=15).total_seconds()


def state(request: Request) -> str:
    """Return all that an answer depends on beside its address: whose, which version, which form."""
    account = cast("Account", request.user)
    return f"{account.pk}.{account.campaigns_version}.{REPRESENTATION}.{form()}"


CAMPAIGNS: Mapping[str, Keep] = {
    "list": Keep(seconds=KEPT_FOR, state=state, unless="deleted"),
    "retrieve": Keep(seconds=KEPT_FOR, state=state),
    "rate": Keep(seconds=KEPT_FOR, state=state),
}
"""The actions of ``CampaignViewSet`` whose answers are kept."""

PAYOUTS: Mapping[str, Keep] = {
    "list": Keep(seconds=KEPT_FOR, state=state),
    "retrieve": Keep(seconds=KEPT_FOR, state=state),
}
"""The actions of ``PayoutViewSet`` whose answers are kept."""
