"""Remove what imports leave behind."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns import composition


class Command(BaseCommand):
    """Purge imports; run it daily."""

    help = (
        "Remove imports that ended more than 30 days ago, and files of previews that nobody "
        "applied within a day. History stays."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Purge, and say how many there were; doing it twice does no harm."""
        purged = composition.import_service().purge()
        composition.purge_jobs()
        self.stdout.write(f"Removed {purged} import{'' if purged == 1 else 's'} or their files.")
