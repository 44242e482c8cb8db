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
    path("campaigns/<int:campaign_id>/edit/", edit.edit, name="edit"),
    path("bin/", bin_.bin_, name="bin"),
    path("campaigns/export.csv", imports.export, name="export"),
    path("import/", imports.imports, name="imports"),
    path("import/example.csv", imports.example, name="import-example"),
    path("import/<int:import_id>/", imports.import_, name="import"),
    path("import/<int:import_id>/apply/", imports.apply, name="import-apply"),
    path("profile/", profile.profile, name="profile"),
]
