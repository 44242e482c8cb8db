"""What a run says while it goes on."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and at its end how long it took."""
    sys.stdout.write(f"== {title}... ")
    sys.stdout.flush()
    started = time.monotonic()
    yield
    say(f"{time.monotonic() - started:.0f} s")
