"""New campaign, and edit campaign: one form, saved by a plain POST, with or without scripts."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.console.doors import page
from campaigns import composition
from campaigns.commands import ChangeCampaign, CreateCampaign
from campaigns.console.form_page import FormPage
from campaigns.console.forms import CampaignForm, whole
from campaigns.console.meanwhile import last_event, meanwhile
from campaigns.exceptions import CampaignNotFound, TitleTaken
from core.console.notices import notify
from core.exceptions import InvalidInput, VersionMismatch, Violation

if TYPE_CHECKING:
    from accounts.console.doors import PageRequest
    from campaigns.models import Campaign

TEMPLATE = "campaigns/console/edit.html"


@page("GET", "POST")
def new(request: PageRequest) -> HttpResponse:
    """Show the form of a new campaign, or create it."""
    if request.method == "POST":
        return _answer(request, None)
    form = CampaignForm.blank(currency=request.account.default_currency)
    return _show(request, FormPage(form=form, focus="title"))


@page("GET", "POST")
def edit(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Show the form of a campaign, or change it."""
    if request.method == "POST":
        return _answer(request, campaign_id)
    mine = {"account_id": request.account.pk, "campaign_id": campaign_id}
    # The history first: a change in between is then told too often, rather than never.
    seen = last_event(**mine)
    form = CampaignForm.of(composition.campaigns().get(**mine), seen=seen)
    return _show(request, FormPage(form=form, campaign_id=campaign_id))


@page("GET")
def newer(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Tell an open form whether somebody else has saved the campaign meanwhile."""
    if not request.htmx:
        return HttpResponseRedirect(reverse("console:edit", args=[campaign_id]))
    try:
        campaign = composition.campaigns().get(
            account_id=request.account.pk, campaign_id=campaign_id
        )
        if campaign.version == whole(request.GET.get("version", "")):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        seen = whole(request.GET.get("seen", ""))
        note = meanwhile(campaign, seen=seen, reader=request.account)
    except CampaignNotFound:
        return render(request, f"{TEMPLATE}#gone")
    return render(request, f"{TEMPLATE}#newer", {"note": note})


def _answer(request: PageRequest, campaign_id: int | None) -> HttpResponse:
    """Do what the pressed button says. Pasted lines go into rows before anything is saved."""
    form = CampaignForm.sent(request.POST)
    shown = FormPage(form=form, campaign_id=campaign_id, is_changed=True)
    do, _colon, which = request.POST.get("do", "").partition(":")
    currency = request.account.default_currency
    if do == "add":
        shown.focus = f"country-{form.add_row(currency=currency)}"
    elif do == "remove":
        form.remove_row(whole(which), currency=currency)
        shown.focus = f"country-{min(whole(which), len(form.rows) - 1)}"
    elif do == "paste" or form.pasted.strip():
        shown.take_pasted(currency=currency)
    else:
        return _save(request, shown, over=whole(which) if do == "keep" else form.version)
    return _show(request, shown)


def _save(request: PageRequest, shown: FormPage, *, over: int) -> HttpResponse:
    """Save what was typed, or show the form again and say what is in the way.

    :param over: the version that may be replaced.
    """
    form = shown.form
    try:
        campaign = _stored(request, shown, over=over)
    except InvalidInput as invalid:
        shown.violations = invalid.violations
        return _show(request, shown, status=HTTPStatus.BAD_REQUEST)
    except TitleTaken as taken:
        shown.violations = [Violation(path=("title",), code=taken.code, detail=taken.detail)]
        return _show(request, shown, status=HTTPStatus.CONFLICT)
    except (VersionMismatch, CampaignNotFound):
        return _overtaken(request, shown)
    if shown.campaign_id is None:
        text = _("Created “%(title)s”.")
    elif campaign.version == over:
        text = _("Nothing to save: “%(title)s” is as it was.")
    else:
        text = _("Saved “%(title)s”.")
    notify(request, text % {"title": form.title.strip()})
    return HttpResponseRedirect(reverse("console:campaign", args=[campaign.pk]))


def _stored(request: PageRequest, shown: FormPage, *, over: int) -> Campaign:
    details = shown.form.details()
    account_id = request.account.pk
    if shown.campaign_id is not None:
        change = ChangeCampaign(
            account_id=account_id,
            actor_id=account_id,
            campaign_id=shown.campaign_id,
            versions=frozenset({over}),
            details=details,
        )
        return composition.campaign_service().change(change)
    create = CreateCampaign(
        account_id=account_id,
        actor_id=account_id,
        title=details.title or "",
        landing_page_url=details.landing_page_url or "",
        is_running=bool(details.is_running),
        payouts=details.payouts or (),
    )
    return composition.campaign_service().create(create)


def _overtaken(request: PageRequest, shown: FormPage) -> HttpResponse:
    """Show the form again after somebody else was faster, and what that one did."""
    try:
        campaign = composition.campaigns().get(
            account_id=request.account.pk, campaign_id=shown.campaign_id or 0
        )
        shown.note = meanwhile(campaign, seen=shown.form.seen, reader=request.account)
    except CampaignNotFound:
        shown.is_gone = True
        return _show(request, shown, status=HTTPStatus.NOT_FOUND)
    return _show(request, shown, status=HTTPStatus.CONFLICT)


def _show(
    request: PageRequest, shown: FormPage, *, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    return render(request, TEMPLATE, {"shown": shown, "form": shown.form}, status=status)
