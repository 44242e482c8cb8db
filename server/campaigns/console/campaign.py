"""Campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from accounts.console.doors import page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.console.doors import PageRequest


@page("GET")
def campaign(request: PageRequest, campaign_id: int) -> HttpResponse:
    """Show it."""
    return render(request, "campaigns/console/campaign.html")
