"""What is done to campaigns from the list, from their pages and from the bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.console.doors import page
from campaigns import commands, composition, rules
from campaigns.console.listing import row_of
from campaigns.console.outcomes import told
from campaigns.exceptions import CampaignNotFound, TitleTaken
from campaigns.services.bulk import Status
from core.api.pagination import COUNTED_EXACTLY
from core.api.parsers import LARGEST_INTEGER
from core.console.notices import Undo, notify
from core.console.theme import safe_path
from core.exceptions import RuleViolation
from core.pages import error_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from accounts.console.doors import PageRequest
    from campaigns.services.bulk import Outcome

_OPPOSITE = {
    commands.BulkAction.START: commands.BulkAction.STOP,
    commands.BulkAction.STOP: commands.BulkAction.START,
    commands.BulkAction.DELETE: commands.BulkAction.RESTORE,
}
_TRUE_OR_FALSE = {"true": True, "false": False}


@page("POST")
def state(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Start or stop a campaign. Its row of the list, if htmx asks, is answered as it is now."""
    wanted = _TRUE_OR_FALSE.get(request.POST.get("is_running", ""))
    if wanted is None:
        return _refused(request, _("Say whether the campaign is to run: true or false."))
    service = composition.campaign_service()
    switch = service.start if wanted else service.stop
    in_row = request.htmx and request.htmx.target == f"row-{campaign_id}"
    try:
        campaign = switch(_command(request, campaign_id))
    except CampaignNotFound:
        if in_row:
            return _row(request, "gone", {"gone": campaign_id})
        raise
    said = _("“%(title)s” is running.") if wanted else _("“%(title)s” is stopped.")
    text = said % {"title": campaign.title}
    if in_row:
        return _row(request, "switched", {"row": row_of(campaign), "said": text})
    notify(request, text)
    return _back(request, reverse("console:campaign", args=[campaign_id]))


@page("POST")
def delete(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Delete a campaign; the next page offers to take it back."""
    composition.campaign_service().delete(_command(request, campaign_id))
    there = _next(request, reverse("console:campaigns"))
    undo = Undo(
        url=reverse("console:restore", args=[campaign_id]),
        label=_("Undo"),
        fields={"next": [there]},
    )
    notify(request, _("The campaign is deleted. It stays in the bin for 30 days."), undo=undo)
    return HttpResponseRedirect(there)


@page("POST")
def restore(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Bring a deleted campaign back, stopped; ask for another title if its own is taken."""
    title = request.POST.get("title")
    try:
        campaign = composition.campaign_service().restore(
            commands.RestoreCampaign(
                account_id=request.account.pk,
                actor_id=request.account.pk,
                campaign_id=campaign_id,
                title=title,
            )
        )
    except (TitleTaken, RuleViolation) as error:
        return _ask_for_title(request, campaign_id, title=title, problem=error.detail)
    notify(request, _("“%(title)s” is restored. It is stopped.") % {"title": campaign.title})
    return _back(request, reverse("console:campaign", args=[campaign_id]))


@page("POST", limit="heavy")
def bulk(request: PageRequest) -> HttpResponse:
    """Do one thing to all selected campaigns, and tell what became of them."""
    try:
        action = commands.BulkAction(request.POST.get("action", ""))
    except ValueError:
        return _refused(request, _("Say what to do: start, stop, delete or restore."))
    given = list(dict.fromkeys(request.POST.getlist("id")))
    if not given:
        return _refused(request, _("Nothing was selected. Select campaigns first."))
    if len(given) > rules.MOST_AT_ONCE:
        text = _("At most %(most)d campaigns can be changed at once, and these are %(count)d.")
        return _refused(request, text % {"most": rules.MOST_AT_ONCE, "count": len(given)})
    ids = [_id(text) for text in given]
    if not all(ids):
        return _refused(request, _("The selection has something in it that is no campaign."))
    outcomes = composition.bulk_service().apply(
        commands.Bulk(
            account_id=request.account.pk,
            actor_id=request.account.pk,
            action=action,
            campaign_ids=tuple(filter(None, ids)),
        )
    )
    there = _next(request, reverse("console:campaigns"))
    notify(request, told(action, outcomes), undo=_undo(action, outcomes, there))
    return HttpResponseRedirect(there)


def _command(request: PageRequest, campaign_id: int) -> commands.CampaignCommand:
    owner = request.account.pk
    return commands.CampaignCommand(account_id=owner, actor_id=owner, campaign_id=campaign_id)


def _id(text: str) -> int | None:
    """Return the id of a campaign, None where a text is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_INTEGER))):
        return None
    return int(text) if int(text) <= LARGEST_INTEGER else None


def _next(request: PageRequest, otherwise: str) -> str:
    """Return where the form wants to be afterwards, if that is here."""
    wanted = request.POST.get("next", "")
    return safe_path(request, wanted) if wanted else otherwise


def _back(request: PageRequest, otherwise: str) -> HttpResponse:
    return HttpResponseRedirect(_next(request, otherwise))


def _refused(request: PageRequest, detail: str) -> HttpResponse:
    return error_response(request, "validation", detail=detail)


def _row(request: PageRequest, part: str, context: dict[str, Any]) -> HttpResponse:
    """Answer a row of the list, and the counts above it."""
    total, running = composition.campaigns().totals(
        account_id=request.account.pk, counted=COUNTED_EXACTLY + 1
    )
    context |= {"total": total, "running": running, "counted": COUNTED_EXACTLY}
    return render(request, f"campaigns/console/campaigns.html#{part}", context)


def _ask_for_title(
    request: PageRequest, campaign_id: int, *, title: str | None, problem: str
) -> HttpResponse:
    deleted = composition.campaigns().bin(account_id=request.account.pk, at=timezone.now())
    campaign = deleted.defer("rendered_payouts").filter(pk=campaign_id).first()
    if campaign is None:
        raise CampaignNotFound
    context = {
        "campaign": campaign,
        "title": campaign.title if title is None else title,
        "problem": problem,
        "next": request.POST.get("next", ""),
        "longest": rules.LONGEST_TITLE,
    }
    return render(request, "campaigns/console/restore.html", context, status=409)


def _undo(action: commands.BulkAction, outcomes: Sequence[Outcome], there: str) -> Undo | None:
    """Return what takes back that which was done, and only that."""
    done = [str(one.campaign_id) for one in outcomes if one.status is Status.DONE]
    if not done or action not in _OPPOSITE:
        return None
    fields = {"action": [_OPPOSITE[action].value], "next": [there], "id": done}
    return Undo(url=reverse("console:bulk"), label=_("Undo"), fields=fields)
