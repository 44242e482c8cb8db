"""Core as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished

from core import error_reports


class CoreConfig(AppConfig):
    """The app that holds the history's table and what the other apps share."""

    name = "core"
    verbose_name = "History"  # the one thing of it that the admin lists

    def ready(self) -> None:
        """Report errors, if somebody wants to know."""
        # Neither of our caches has anything to close, and asking both took each request as long as
        # its headers.
        request_finished.disconnect(close_caches)
        if settings.SENTRY_DSN:
            error_reports.start(
                settings.SENTRY_DSN, traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE
            )
