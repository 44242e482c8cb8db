"""Core as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The app that holds the history's table and what the other apps share."""

    name = "core"
    verbose_name = "History"  # the one thing of it that the admin lists
