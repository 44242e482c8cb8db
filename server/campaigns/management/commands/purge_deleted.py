"""Remove for good what was deleted long ago."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns import composition


class Command(BaseCommand):
    """Purge deleted campaigns; run it daily."""

    help = "Remove campaigns that were deleted more than 30 days ago. Their history stays."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Purge, and say how many there were."""
        purged = composition.bulk_service().purge()
        self.stdout.write(f"Removed {purged} deleted campaign{'' if purged == 1 else 's'}.")
