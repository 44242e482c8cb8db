"""Serve Ratecard with granian."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

STOPPED_WITHIN_SECONDS = 20
"""How long requests may take to end when the server is stopped; then its workers are killed."""


class Command(BaseCommand):
    """Replace this process by the server program, told what the settings say."""

    help = "Serve with granian on HOST and PORT, with WEB_WORKERS processes of WEB_THREADS threads."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say where, and hand over: signals reach the server program itself."""
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        self.stdout.write(f"Serving on http://{host}:{settings.PORT}/ (Ctrl-C ends it)")
        self.stdout.flush()
        program = str(Path(sys.executable).with_name("granian"))
        arguments = [
            "--interface", "wsgi",
            "--host", settings.HOST,
            "--port", str(settings.PORT),
            "--workers", str(settings.WEB_WORKERS),
            "--blocking-threads", str(settings.WEB_THREADS),
            "--working-dir", str(Path(settings.BASE_DIR)),
            "--no-ws",
            "--log-level", "warning",
            "--respawn-failed-workers",
            # A worker that is told to stop while it starts does not hear it.
            "--workers-kill-timeout", str(STOPPED_WITHIN_SECONDS),
            "server.wsgi:application",
        ]  # fmt: skip
        os.execv(program, [program, *arguments])  # noqa: S606 -- no shell, and all from settings
