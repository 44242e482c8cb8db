"""Store rate cards anew that are stored in an old form."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from campaigns import composition


class Command(BaseCommand):
    """Render rate cards; run it once after an upgrade, at leisure."""

    help = "Store rate cards that are of an old form in today's. Answers stay as they are."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Render, and say how many there were."""
        rendered = composition.bulk_service().render_rate_cards()
        self.stdout.write(f"Rendered {rendered} rate card{'' if rendered == 1 else 's'}.")
