"""Serve Ratecard with granian."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.health import draining
from core.metrics import in_flight

STOPPED_WITHIN_SECONDS = 20
"""How long requests may take to end when the server is stopped; then its workers are killed."""

POSTGRESQL_OPTIONS = (
    "-c lock_timeout=5s -c statement_timeout=15s -c idle_in_transaction_session_timeout=30s"
)
"""How long a request may wait for PostgreSQL: without a bound, a row that somebody keeps locked
takes one thread after another, until none is left that answers. Commands wait as long as it takes.
"""


class Command(BaseCommand):
    """Replace this process by the server program, told what the settings say."""

    help = "Serve with granian on HOST and PORT, with WEB_WORKERS processes of WEB_THREADS threads."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say where, and hand over: signals reach the server program itself.

        :raises CommandError: nothing can listen there.
        """
        address = free_address(settings.HOST, settings.PORT)
        host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
        program: dict[str, Any] = {
            "target": "server.worker:application",
            "address": address,
            "port": settings.PORT,
            "workers": settings.WEB_WORKERS,
            "blocking_threads": settings.WEB_THREADS,
            "working_dir": str(settings.BASE_DIR),
            "stopped_within_seconds": STOPPED_WITHIN_SECONDS,
            "drain_seconds": settings.DRAIN_SECONDS,
            "worker": None,
            "draining_file": str(Path(settings.RUN_DIRECTORY) / draining.FILE_NAME),
        }
        if settings.SERVES_WORKER:
            program["worker"] = {
                "command": [sys.executable, "manage.py", "run_worker", "--beside"],
                "directory": str(settings.BASE_DIR),
                "unset": [in_flight.DIRECTORY]
                + ([] if "PGOPTIONS" in os.environ else ["PGOPTIONS"]),
            }
        os.environ[in_flight.DIRECTORY] = str(emptied(Path(settings.RUN_DIRECTORY)))
        # A variable of PostgreSQL's own client library: what the operator says in it stands.
        os.environ.setdefault("PGOPTIONS", POSTGRESQL_OPTIONS)
        command = [sys.executable, "-m", "server.program", json.dumps(program)]
        self.stdout.write(
            f"Starting on http://{host}:{settings.PORT}/: "
            "it answers in a few seconds (Ctrl-C ends it)"
        )
        self.stdout.flush()
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, command)  # nosec B606  # noqa: S606 -- no shell, and all from settings


def emptied(directory: Path) -> Path:
    """Make the directory of a server's processes, forget its last run; return where they count.

    :raises CommandError: nobody may write there.
    """
    counts = directory / "metrics"
    try:
        counts.mkdir(parents=True, exist_ok=True)
        files = (*counts.glob("*.db"), *counts.glob(in_flight.FILES))
        for path in (directory / draining.FILE_NAME, *files):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(
            f"Cannot write to {error.filename}: {error.strerror}. Set RUN_DIR to a directory "
            "of the user that runs the server."
        ) from error
    return counts


def free_address(host: str, port: int) -> str:
    """Return the IP address of a host on which nobody listens at a port yet.

    The server program would share a port with another of its kind: two servers would then take
    turns to answer.

    :raises CommandError: the host is none of this machine, or the port is taken.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
            trial.listen()
    except OSError as error:
        raise CommandError(
            f"Cannot listen on HOST {host}, PORT {port}: {error.strerror}. "
            "If another server has the port, set PORT to a different one."
        ) from error
    return str(address[0])
