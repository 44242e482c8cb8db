"""The process beside the server program's: kept alive, and gone with it."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from server.companion import Companion
from tests.fixtures.live import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Each start adds a line to a file; the process then does what the test wants.
STARTS = "import os, signal, sys, time; print(os.getpid(), file=open('starts', 'a'), flush=True); "
WAITS = STARTS + "time.sleep(600)"
ENDS = STARTS + "sys.exit(3)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS


@contextmanager
def companion(program: str, directory: Path) -> Iterator[Companion]:
    found = Companion(
        [sys.executable, "-c", program], environment=dict(os.environ), directory=str(directory)
    )
    found.start()
    try:
        yield found
    finally:
        found.stop(within_seconds=30)


def starts(directory: Path) -> list[int]:
    """Return the processes that were started."""
    path = directory / "starts"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_that_ends_is_started_again(tmp_path: Path) -> None:
    with companion(ENDS, tmp_path):
        wait_until(lambda: len(starts(tmp_path)) > 1, what="a second start")


def test_one_that_is_told_to_stop_ends_and_is_not_started_again(tmp_path: Path) -> None:
    with companion(WAITS, tmp_path) as found:
        wait_until(lambda: bool(starts(tmp_path)), what="a start")
        found.tell_to_stop()
        [process] = starts(tmp_path)
        wait_until(lambda: not is_alive(process), what="its end")
        found.stop(within_seconds=30)
    assert starts(tmp_path) == [process]


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    with companion(STUBBORN, tmp_path) as found:
        wait_until(lambda: bool(starts(tmp_path)), what="a start")
        found.stop(within_seconds=0.1)
        [process] = starts(tmp_path)
        assert not is_alive(process)
