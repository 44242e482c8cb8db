"""The addresses under ``/api/v1/`` that are about campaigns."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from campaigns.api.payouts import PayoutViewSet
from campaigns.api.reference import ReferenceViewSet
from campaigns.api.views import CampaignViewSet

router = SimpleRouter(use_regex_path=False)
router.register("campaigns", CampaignViewSet, basename="campaign")
router.register("campaigns/<int:campaign_id>/payouts", PayoutViewSet, basename="campaign-payout")

urlpatterns = [
    *router.urls,
    path("countries/", ReferenceViewSet.as_view({"get": "countries"})),
    path("currencies/", ReferenceViewSet.as_view({"get": "currencies"})),
]
