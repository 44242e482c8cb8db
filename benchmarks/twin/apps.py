"""What the twin borrows of Ratecard."""

from __future__ import annotations

from django.apps import AppConfig


class Accounts(AppConfig):
    """The table of accounts, without what Ratecard does when its own app is ready."""

    name = "accounts"
    default = False  # or Django would take it for that of this package
