"""The process beside the server program's: kept alive, and gone with it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from server.companion import Companion
from tests.fixtures.live import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = Path(__file__).resolve().parents[3]

# Each start adds a line to a file; the process then does what the test wants.
STARTS = "import os, signal, sys, time; print(os.getpid(), file=open('starts', 'a'), flush=True); "
WAITS = STARTS + "time.sleep(600)"
ENDS = STARTS + "sys.exit(3)"
# As the server program does beside a companion: each fork lives on.
FORKS = """
import os, signal, sys, time
from server.companion import Companion
companions = [
    Companion([sys.executable, "-c", sys.argv[1]], environment=dict(os.environ), directory=name)
    for name in sys.argv[2:]
]
forks = []
for number in range(20 * len(companions)):
    if number % 20 == 0:
        companions[number // 20].start()
    forks.append(os.fork())
    if not forks[-1]:
        signal.pause()
sys.stdin.read()
for fork in forks:
    os.kill(fork, signal.SIGKILL)
for companion in companions:
    companion.stop(within_seconds=30)
"""
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


def has_started_again(directory: Path) -> bool:
    return len(starts(directory)) > 1


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_that_ends_is_started_again(tmp_path: Path) -> None:
    with companion(ENDS, tmp_path):
        wait_until(lambda: len(starts(tmp_path)) > 1, what="a second start")


def test_one_that_ends_is_started_again_whatever_was_forked_when_it_started(
    tmp_path: Path,
) -> None:
    directories = [tmp_path / str(number) for number in range(8)]
    for directory in directories:
        directory.mkdir()
    process = subprocess.Popen(  # noqa: S603 -- our own command, without a shell
        [sys.executable, "-c", FORKS, ENDS, *map(str, directories)],
        stdin=subprocess.PIPE,
        cwd=SERVER,
    )
    try:
        for directory in directories:
            wait_until(partial(has_started_again, directory), what="a second start")
    finally:
        process.communicate(timeout=60)


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
