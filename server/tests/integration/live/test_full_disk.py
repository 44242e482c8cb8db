"""A disk that is full costs writes a 503, and nothing that was answered.

It needs a small file system of its own. Where we may not mount one, conftest.py leaves this out.
"""

from __future__ import annotations

import shutil
import subprocess
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.live import live_server
from tests.fixtures.load import Writer, assert_nothing_lost, keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = "16m"
WRITERS = 4
MOST_WRITES = 2_000
"""More than what is left of a page or two can take."""


@pytest.mark.system
def test_a_full_disk_refuses_writes_until_there_is_room(tmp_path: Path) -> None:
    with ExitStack() as stack:
        disk = stack.enter_context(_small_disk(tmp_path))
        url = f"sqlite:///{disk / 'ratecard.sqlite3'}"
        server = stack.enter_context(
            live_server("production", workers=2, threads=4, DATABASE_URL=url, REDIS_URL="")
        )
        writers = [
            Writer(client=stack.enter_context(server.client(token=token)))
            for token in keys(server, WRITERS)
        ]
        assert all(writer.create() for writer in writers)
        for _ in range(3):
            _fill(disk / "ballast")
            for writer in writers:
                _write_until_refused(writer)
                # SQLite makes files of its own to read, too: either this is refused, or right.
                writer.work(0)
            (disk / "ballast").unlink()
            assert all(writer.create() for writer in writers)
        assert server.process.poll() is None
        assert [writer.wrong + writer.broken for writer in writers] == [[]] * WRITERS
        assert_nothing_lost(url, writers)


def _write_until_refused(writer: Writer) -> None:
    assert not all(writer.create() for _ in range(MOST_WRITES))


def _fill(ballast: Path) -> None:
    """Leave not a byte of a file system."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    assert shutil.disk_usage(ballast).free == 0


@contextmanager
def _small_disk(directory: Path) -> Iterator[Path]:
    disk = directory / "disk"
    disk.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk))
    try:
        yield disk
    finally:
        _run("umount", "--lazy", str(disk))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 -- our own command, without a shell
