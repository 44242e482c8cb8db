"""Serve Ratecard with granian."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

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
        self.stdout.write(f"Serving on http://{host}:{settings.PORT}/ (Ctrl-C ends it)")
        self.stdout.flush()
        program = str(Path(sys.executable).with_name("granian"))
        arguments = [
            "--interface", "wsgi",
            "--host", address,
            "--port", str(settings.PORT),
            "--workers", str(settings.WEB_WORKERS),
            "--blocking-threads", str(settings.WEB_THREADS),
            "--working-dir", str(Path(settings.BASE_DIR)),
            "--no-ws",
            "--log-level", "warning",
            "--respawn-failed-workers",
            # A worker that is told to stop while it starts does not hear it.
            "--workers-kill-timeout", str(STOPPED_WITHIN_SECONDS),
            "server.worker:application",
        ]  # fmt: skip
        # A variable of PostgreSQL's own client library: what the operator says in it stands.
        os.environ.setdefault("PGOPTIONS", POSTGRESQL_OPTIONS)
        os.execv(program, [program, *arguments])  # noqa: S606 -- no shell, and all from settings


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
            "If another server has the port, take a different one: PORT=8001 make run"
        ) from error
    return str(address[0])
