"""Whether this process has been told to stop: jobs that take long ask for it."""

from __future__ import annotations

import os
import threading

_told = threading.Event()
_parent: list[int] = []


def watch_parent() -> None:
    """Stop also when the process that started this one is gone."""
    _parent[:] = [os.getppid()]


def tell() -> None:
    """Tell everything in this process to stop."""
    _told.set()


def forget() -> None:
    """Begin anew."""
    _told.clear()
    _parent.clear()


def is_told() -> bool:
    """Tell whether to stop."""
    return _told.is_set() or bool(_parent and os.getppid() != _parent[0])


def wait(seconds: float) -> None:
    """Wait, but no longer than until this process is told to stop."""
    _told.wait(seconds)
