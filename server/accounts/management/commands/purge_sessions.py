"""Remove sessions that have expired, and counts of attempts that no longer matter."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import composition


class Command(BaseCommand):
    """Purge both and say how many."""

    help = (
        "Remove sessions that have expired and old counts of attempts to sign in, for good. "
        "Run it daily."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Remove them; doing it twice does no harm."""
        purged = composition.session_service().purge()
        self.stdout.write(f"Removed {purged} expired session{'' if purged == 1 else 's'}")
        counts = composition.guard().purge()
        self.stdout.write(f"Removed {counts} old count{'' if counts == 1 else 's'} of attempts")
