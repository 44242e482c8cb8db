"""Which signals a process of the server program hears once it has loaded ``server.worker``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

SERVER = Path(__file__).resolve().parents[3]
# The handler that a process inherits from the server program's first one does nothing there.
WORKER = """
import os, signal
signal.signal(signal.SIGTERM, lambda *_: None)
import server.worker
os.kill(os.getpid(), signal.{name})
print("goes on")
"""


def after(name: str) -> tuple[int, str]:
    """Send a signal to a process that has just loaded the application."""
    ended = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", WORKER.format(name=name)],
        cwd=SERVER,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "server.settings.testing"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout.strip()


def test_it_leaves_a_terminals_interrupt_to_the_first_process() -> None:
    assert after("SIGINT") == (0, "goes on")


def test_it_can_be_stopped_before_the_server_program_listens() -> None:
    assert after("SIGTERM") == (-signal.SIGTERM, "")
