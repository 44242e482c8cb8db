"""What others did to a campaign while its form was open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from campaigns import composition, rules
from core.console.reading import money

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from accounts.models import Account
    from campaigns.lean import CampaignRow
    from campaigns.models import Campaign
    from core.models import Event

_MOST_SHOWN = 6
_KEPT_OUT = frozenset({"deleted_at", "payouts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value that is another now; one that was not there before, or is not any more, is empty."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """A newer version than the one that a form was opened with."""

    campaign_id: int
    version: int
    at: datetime
    by: str
    """Who saved it last, nothing where that was the reader."""
    differences: Sequence[Difference]
    more: int
    """How many differences are not shown."""


def last_event(*, account_id: int, campaign_id: int) -> int:
    """Return the id of the newest entry in a campaign's history.

    :raises CampaignNotFound: not theirs, or deleted.
    """
    history = composition.campaigns().history(account_id=account_id, campaign_id=campaign_id)
    newest = history.first()
    return newest.pk if newest else 0


def meanwhile(campaign: Campaign | CampaignRow, *, seen: int, reader: Account) -> Meanwhile:
    """Return what happened to a campaign after an entry in its history.

    :param seen: the newest entry when the form was opened.
    :raises CampaignNotFound: not theirs, or deleted.
    """
    events = composition.campaigns().history_after(
        account_id=reader.pk, campaign_id=campaign.id, event_id=seen
    )
    actor = events[-1].actor if events else reader
    found = _differences(events)
    return Meanwhile(
        campaign_id=campaign.id,
        version=campaign.version,
        at=campaign.updated_at,
        by="" if actor == reader else str(actor or _("The system")),
        differences=found[:_MOST_SHOWN],
        more=max(0, len(found) - _MOST_SHOWN),
    )


def _differences(events: Sequence[Event]) -> list[Difference]:
    """Return what is another after some events than before; what was changed back is not."""
    before: dict[tuple[str, str | None], str] = {}
    after: dict[tuple[str, str | None], str] = {}
    for event in events:
        old, new = _values(event.old), _values(event.new)
        for key in {**old, **new}:
            before.setdefault(key, old.get(key, ""))
            after[key] = new.get(key, "")
    return [
        Difference(what=_what(*key), old=before[key], new=after[key])
        for key in before
        if before[key] != after[key]
    ]


def _values(values: Mapping[str, Any] | None) -> dict[tuple[str, str | None], str]:
    """Return the values of an event as people read them; a payout is one."""
    if values is None:
        return {}
    if "amount" in values:
        paid = money(Decimal(values["amount"]), values["currency"])
        return {("payout", values["country"]): paid}
    return {(name, None): _shown(value) for name, value in values.items() if name not in _KEPT_OUT}


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("running") if value else _("stopped")
    return str(value)


def _what(name: str, country: str | None) -> str:
    if name == "payout":
        return _("%(country)s payout") % {"country": rules.country_name(country)}
    names = {
        "title": _("Title"),
        "landing_page_url": _("Landing page"),
        "is_running": _("State"),
    }
    return names.get(name, name)
