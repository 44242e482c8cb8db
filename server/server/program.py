"""The server program's first process: ``manage.py serve`` becomes it.

It starts granian's workers, and starts those again that die. It is granian's own but that it has a
process beside it that does jobs (``server.companion``), and that it drains:
granian closes its port the moment it is told to stop, and a balancer that has not noticed yet sends
requests into the void. So this one says first that it drains, and goes on for as long as balancers
need to see that. It loads neither Django nor the application: its workers do.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from server.companion import Companion


class DrainingServer(Granian):  # type: ignore[valid-type, misc]  # which one, Python's build decides
    """A server that drains before it stops."""

    def __init__(
        self,
        target: str,
        *,
        drain_seconds: int,
        draining_file: str,
        companion: Companion | None,
        **options: Any,
    ) -> None:
        """Take granian's options, and how to drain.

        :param draining_file: the file that tells all processes of it.
        :param companion: what does jobs; it stops first, and puts back what it is at.
        """
        super().__init__(target, **options)
        self._drain_seconds = drain_seconds
        self._draining_file = Path(draining_file)
        self._is_draining = False
        self._companion = companion

    def signal_handler_interrupt(self, number: int = signal.SIGTERM, *_frame: Any) -> None:
        """Drain when told to by SIGTERM; a second one, or a terminal's interrupt, ends it at once.

        Workers finish the requests that they have, whichever it was.
        """
        waits = number == signal.SIGTERM and self._drain_seconds and not self._is_draining
        self._is_draining = True
        try:
            self._draining_file.touch()
        except OSError as error:  # a full disk must not keep it from stopping
            sys.stderr.write(f"Cannot say that the server drains: {error}\n")
        if self._companion is not None:
            self._companion.tell_to_stop()
        stop = super().signal_handler_interrupt
        if waits:
            timer = threading.Timer(self._drain_seconds, stop)
            timer.daemon = True
            timer.start()
        else:
            stop()


def main(arguments: list[str]) -> None:
    """Serve as the one argument says, in JSON: see ``serve``."""
    options: dict[str, Any] = json.loads(arguments[0])
    stopped_within_seconds = options.pop("stopped_within_seconds")
    companion = _companion(options.pop("worker"))
    server = DrainingServer(
        options.pop("target"),
        interface=Interfaces.WSGI,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        # A worker that is told to stop while it starts does not hear it.
        workers_kill_timeout=stopped_within_seconds,
        working_dir=Path(options.pop("working_dir")),
        companion=companion,
        **options,
    )
    if companion is not None:
        companion.start()
    try:
        server.serve()
    finally:
        if companion is not None:
            companion.stop(within_seconds=stopped_within_seconds)


def _companion(worker: dict[str, Any] | None) -> Companion | None:
    if worker is None:
        return None
    # What the server may wait for PostgreSQL is for requests: a job takes as long as it takes.
    environment = {name: value for name, value in os.environ.items() if name not in worker["unset"]}
    return Companion(worker["command"], environment=environment, directory=worker["directory"])


if __name__ == "__main__":
    main(sys.argv[1:])
