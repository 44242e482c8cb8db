"""The process beside the server program's that does the jobs: started, kept alive, stopped.

It is a command of its own, ``run_worker``: what it loads and leaks is no web process's, and it can
be killed without anybody's request ending.
"""

from __future__ import annotations

import os
import subprocess  # nosec B404  # starts one command of ours
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STARTED_AGAIN_AFTER_SECONDS = 1


class Companion:
    """A process that is started again whenever it ends, until it is told to stop."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], directory: str
    ) -> None:
        """Take what to start, and where."""
        self._command = command
        self._environment = environment
        self._directory = directory
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="companion", daemon=True)

    def start(self) -> None:
        """Start it, and watch over it from now on.

        No process is forked while it is started: the fork, a worker of the server program's, would
        hold the pipe that ``Popen`` reads to its end, and the companion's death would go unseen.
        """
        os.register_at_fork(
            before=self._lock.acquire,
            after_in_parent=self._lock.release,
            after_in_child=self._lock.release,
        )
        self._thread.start()

    def tell_to_stop(self) -> None:
        """Tell it to stop, and wait for nothing: the server program may hear this in a signal."""
        self._stopping.set()
        process = self._process
        if process is not None:
            process.terminate()

    def stop(self, *, within_seconds: float) -> None:
        """Stop it: by force if it takes longer."""
        self.tell_to_stop()
        self._thread.join(timeout=within_seconds)
        with self._lock:
            process = self._process
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                self._process = subprocess.Popen(  # nosec B603  # noqa: S603 -- our own, no shell
                    self._command, env=self._environment, cwd=self._directory
                )
            if self._stopping.is_set():  # told so while it was started
                self._process.terminate()
            status = self._process.wait()
            if self._stopping.is_set():
                return
            sys.stderr.write(f"The worker ended with status {status}; it is started again.\n")
            sys.stderr.flush()
            self._stopping.wait(STARTED_AGAIN_AFTER_SECONDS)
