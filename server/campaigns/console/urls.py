"""The addresses of the console's pages of campaigns."""

from __future__ import annotations

from django.urls import path

from accounts.console import profile
from campaigns.console import actions, campaign, edit, imports, listing, overview
from campaigns.console import bin as bin_

app_name = "console"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("campaigns/", listing.campaigns, name="campaigns"),
    path("campaigns/bulk/", actions.bulk, name="bulk"),
    path("campaigns/<int:campaign_id>/state/", actions.state, name="state"),
    path("campaigns/<int:campaign_id>/delete/", actions.delete, name="delete"),
    path("campaigns/<int:campaign_id>/restore/", actions.restore, name="restore"),
    path("campaigns/new/", edit.new, name="new"),
    path("campaigns/<int:campaign_id>/", campaign.campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/history/", campaign.history, name="history"),
    path("campaigns/<int:campaign_id>/duplicate/", campaign.duplicate, name="duplicate"),
    path("campaigns/<int:campaign_id>/edit/", edit.edit, name="edit"),
    path("campaigns/<int:campaign_id>/edit/newer/", edit.newer, name="newer"),
    path("bin/", bin_.bin_, name="bin"),
    path("campaigns/export.csv", imports.export, name="export"),
    path("import/", imports.imports, name="imports"),
    path("import/example.csv", imports.example, name="import-example"),
    path("import/<int:import_id>/", imports.import_, name="import"),
    path("import/<int:import_id>/apply/", imports.apply, name="import-apply"),
    path("profile/", profile.profile, name="profile"),
    path("profile/details/", profile.details, name="profile-details"),
    path("profile/password/", profile.password, name="profile-password"),
    path("profile/sessions/end-others/", profile.end_other_sessions, name="end-other-sessions"),
    path("profile/sessions/<uuid:session_id>/end/", profile.end_session, name="end-session"),
    path("profile/keys/", profile.keys, name="profile-keys"),
    path("profile/keys/<int:key_id>/revoke/", profile.revoke_key, name="revoke-key"),
]
