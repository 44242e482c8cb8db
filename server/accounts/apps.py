"""Accounts as a Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class AccountsConfig(AppConfig):
    """The app that knows who signs in."""

    name = "accounts"

    def ready(self) -> None:
        """Tell the OpenAPI document how requests are authenticated, and hear of sign-outs."""
        from accounts.api import schema  # noqa: F401, PLC0415 -- importing it registers it
        from accounts.console.browser import end_with_admin  # noqa: PLC0415 -- needs the models

        user_logged_out.connect(end_with_admin)
