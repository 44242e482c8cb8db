"""Processor time that a contestant and its databases take, which a busy machine hardly changes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def children(parent: int) -> dict[int, list[str]]:
    """Return the fields of ``/proc/<pid>/stat``, from the state on, of a process's children."""
    found = {}
    for directory in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end while we look
            text = (directory / "stat").read_text(encoding="utf-8", errors="replace")
            fields = text.rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found[int(directory.name)] = fields
    return found


def parent_of(pid: int) -> int:
    """Return the process that started another; 0 where the system has no /proc."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(text.rpartition(")")[2].split()[1])
    return 0


def seconds(parents: list[int]) -> float:
    """Return the processor time that the children of some processes have taken so far."""
    return sum(
        (int(fields[11]) + int(fields[12])) / _TICKS
        for parent in parents
        for fields in children(parent).values()
    )
