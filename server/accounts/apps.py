"""Accounts as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app that knows who signs in."""

    name = "accounts"

    def ready(self) -> None:
        """Tell the OpenAPI document how requests are authenticated."""
        from accounts.api import schema  # noqa: F401, PLC0415 -- importing it registers it
