"""The start page: how many campaigns run, what they pay where, what changed lately."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone

from accounts.console.doors import page
from campaigns import composition
from campaigns.console import figures
from core.reference import currencies

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.console.doors import PageRequest

WEEK = timedelta(days=7)
FIRST_COUNTRIES = 12
"""Countries that the page lists, unless all are asked for."""


@page("GET")
def overview(request: PageRequest) -> HttpResponse:
    """Show it; for htmx only what is about one currency."""
    account = request.account
    totals = composition.totals()
    counts = totals.counts(account_id=account.pk, since=timezone.now() - WEEK)
    if not counts.campaigns:
        return render(request, "campaigns/console/overview.html", {"counts": counts})
    asked = request.GET.get("currency", "")
    figures_ = figures.of(
        account,
        currency=asked if asked in currencies() else None,
        most=None if request.GET.get("countries") == "all" else FIRST_COUNTRIES,
    )
    context = {
        "counts": counts,
        "figures": figures_,
        "highest": figures.highest(account, figures_),
    }
    if request.htmx:
        return render(request, "campaigns/console/overview.html#figures", context)
    context["latest"] = figures.latest(account)
    return render(request, "campaigns/console/overview.html", context)
