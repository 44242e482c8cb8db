"""Core as a Django app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_login_failed

from core import error_reports
from core.metrics import SIGN_INS, SIGNED_IN


class CoreConfig(AppConfig):
    """The app that holds the history's table and what the other apps share."""

    name = "core"
    verbose_name = "History"  # the one thing of it that the admin lists

    def ready(self) -> None:
        """Count who signs in to the admin, and report errors, if somebody wants to know."""
        user_logged_in.connect(_count_success)
        user_login_failed.connect(_count_failure)
        if settings.SENTRY_DSN:
            error_reports.start(
                settings.SENTRY_DSN, traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE
            )


def _count_success(**_signal: Any) -> None:
    SIGN_INS.labels("admin", SIGNED_IN).inc()


def _count_failure(**_signal: Any) -> None:
    SIGN_INS.labels("admin", "invalid_credentials").inc()
