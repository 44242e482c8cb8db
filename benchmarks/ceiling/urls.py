"""The ceiling's addresses: reading only."""

from __future__ import annotations

from django.urls import path

from benchmarks.ceiling import views

urlpatterns = [
    path("api/v1/campaigns/", views.campaigns),
    path("api/v1/campaigns/<int:campaign_id>/", views.campaign),
]
