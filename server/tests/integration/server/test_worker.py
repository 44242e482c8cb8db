"""What a process of the server program is like once it has loaded ``server.worker``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

SERVER = Path(__file__).resolve().parents[3]
# The handler that a process inherits from the server program's first one does nothing there.
LOADED = """
import gc, os, signal
signal.signal(signal.SIGTERM, lambda *_: None)
import server.worker
{then}
"""


def loaded(then: str) -> tuple[int, str]:
    """Run something in a process that has just loaded the application."""
    ended = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", LOADED.format(then=then)],
        cwd=SERVER,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "server.settings.testing"},
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout.strip()


def after(name: str) -> tuple[int, str]:
    """Send it a signal."""
    return loaded(f'os.kill(os.getpid(), signal.{name}); print("goes on")')


def test_it_leaves_a_terminals_interrupt_to_the_first_process() -> None:
    assert after("SIGINT") == (0, "goes on")


def test_it_can_be_stopped_before_the_server_program_listens() -> None:
    assert after("SIGTERM") == (-signal.SIGTERM, "")


def test_what_it_has_loaded_is_not_collected_again() -> None:
    code, objects = loaded(
        "print(sum(map(len, map(gc.get_objects, range(3)))), gc.get_freeze_count())"
    )
    looked_at, left_alone = map(int, objects.split())
    assert (code, looked_at * 10 < left_alone) == (0, True), objects
