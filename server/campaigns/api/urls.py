"""The addresses under ``/api/v1/`` that are about campaigns."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from campaigns.api.payouts import PayoutViewSet
from campaigns.api.reference import ReferenceViewSet
from campaigns.api.spreadsheets import ExportViewSet, ImportViewSet
from campaigns.api.views import CampaignViewSet

router = SimpleRouter(use_regex_path=False)
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("campaigns/<int:campaign_id>/payouts", PayoutViewSet, basename="campaign-payout")

urlpatterns = [
    *router.urls,
    path("campaigns/export.csv", ExportViewSet.as_view({"get": "export"})),
    path("campaigns/import/", ImportViewSet.as_view({"post": "create"})),
    path(
        "campaigns/imports/<int:import_id>/",
        ImportViewSet.as_view({"get": "retrieve"}),
        name="campaign-import-detail",
    ),
    path("countries/", ReferenceViewSet.as_view({"get": "countries"})),
    path("currencies/", ReferenceViewSet.as_view({"get": "currencies"})),
]
