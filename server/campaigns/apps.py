"""Campaigns as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """The app that knows campaigns and what they pay."""

    name = "campaigns"
