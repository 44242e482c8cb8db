"""Remove answers that were kept for requests with an ``Idempotency-Key``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.idempotency.answers import purge


class Command(BaseCommand):
    """Purge kept answers; run it daily."""

    help = "Remove the answers to requests with an Idempotency-Key that are older than 24 hours."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Purge, and say how many there were; doing it twice does no harm."""
        purged = purge()
        self.stdout.write(f"Removed {purged} kept answer{'' if purged == 1 else 's'}.")
