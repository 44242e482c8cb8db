"""The twin's addresses."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from benchmarks.twin.views import CampaignViewSet

router = SimpleRouter()
router.register("campaigns", CampaignViewSet, basename="campaign")
urlpatterns = [path("api/v1/", include(router.urls))]
