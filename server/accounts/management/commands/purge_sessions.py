"""Remove sessions that have expired."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import composition


class Command(BaseCommand):
    """Purge sessions and say how many."""

    help = "Remove sessions that have expired, for good. Run it daily."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Remove them; doing it twice does no harm."""
        purged = composition.session_service().purge()
        self.stdout.write(f"Removed {purged} expired session{'' if purged == 1 else 's'}")
