"""The addresses of the console's pages of campaigns."""

from __future__ import annotations

from django.urls import path

from accounts.console import profile
from campaigns.console import bin as bin_
from campaigns.console import campaign, edit, imports, listing, overview

app_name = "console"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("campaigns/", listing.campaigns, name="campaigns"),
    path("campaigns/new/", edit.new, name="new"),
    path("campaigns/<int:campaign_id>/", campaign.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/history/", campaign.history, name="history"),
    path("campaigns/<int:campaign_id>/duplicate/", campaign.duplicate, name="duplicate"),
    path("campaigns/<int:campaign_id>/edit/", edit.edit, name="edit"),
    path("bin/", bin_.bin_, name="bin"),
    path("import/", imports.imports, name="imports"),
    path("profile/", profile.profile, name="profile"),
]
