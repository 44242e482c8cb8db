"""The page of one campaign: what it pays where, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.console.doors import page
from campaigns import commands, composition
from campaigns.console import changes, lookup, worldmap
from campaigns.console.card import SHADES, answer, card_of
from core.console.notices import notify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from accounts.console.doors import PageRequest
    from campaigns.console.card import Answer, Card
    from campaigns.console.changes import Line

HISTORY_PAGE = 20
MOST_ANSWERS = 5
"""Countries that are answered for at once, where a text may mean many."""
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A page of a history."""

    lines: Sequence[Line]
    older: int | None
    """Before which event the next page begins; None where this is the last."""


@page("GET")
def campaign(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Show a campaign; for htmx only what a country is paid."""
    found = composition.campaigns().get(account_id=request.account.pk, campaign_id=campaign_id)
    card = card_of(found.rendered_payouts)
    context = {"campaign": found, "card": card} | _asked(request, card)
    if request.htmx:
        return render(request, "campaigns/console/campaign.html#answers", context)
    box, _shapes = worldmap.geometry()
    context |= {
        "lands": worldmap.lands(card),
        "map_file": worldmap.FILE,
        "map_box": box,
        "shades": range(1, SHADES + 1),
        "log": _log(request, campaign_id),
    }
    return render(request, "campaigns/console/campaign.html", context)


@page("GET")
def history(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Show what happened to a campaign, newest first; for htmx only the next lines."""
    log = _log(request, campaign_id)
    if request.htmx:
        context = {"log": log, "campaign_id": campaign_id, "more": True}
        return render(request, "campaigns/console/log.html", context)
    found = composition.campaigns().get(account_id=request.account.pk, campaign_id=campaign_id)
    context = {"campaign": found, "campaign_id": campaign_id, "log": log}
    return render(request, "campaigns/console/history.html", context)


@page("POST")
def duplicate(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Make a stopped copy, and go to edit it."""
    copy = composition.campaign_service().duplicate(
        commands.DuplicateCampaign(
            account_id=request.account.pk, actor_id=request.account.pk, campaign_id=campaign_id
        )
    )
    notify(request, _("This is the copy, “%(title)s”. It is stopped.") % {"title": copy.title})
    return HttpResponseRedirect(reverse("console:edit", args=[copy.pk]))


def _asked(request: PageRequest, card: Card) -> dict[str, object]:
    """Answer what a country is paid, if that was asked."""
    asked = request.GET.get("pays", "").strip()[: lookup.LONGEST]
    codes = lookup.found(asked)
    answers: list[Answer] = [answer(card, code) for code in codes[:MOST_ANSWERS]]
    return {"asked": asked, "answers": answers, "more_answers": len(codes) - len(answers)}


def _log(request: PageRequest, campaign_id: int) -> Log:
    """Return a page of the history, from before the event that the address names."""
    events = composition.campaigns().history(account_id=request.account.pk, campaign_id=campaign_id)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and int(before) <= _LARGEST_ID:
        events = events.filter(pk__lt=int(before))
    found = changes.lines(events[: HISTORY_PAGE + 1])
    shown = found[:HISTORY_PAGE]
    return Log(lines=shown, older=shown[-1].id if len(found) > len(shown) else None)
