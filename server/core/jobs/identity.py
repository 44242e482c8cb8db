"""What a worker is called: the same after it died and was started again.

So what it left half-way can be taken up at once, and by nobody else in that moment. A second one
beside it, on the same machine and for the same server, gets a name of its own.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def worker_name() -> str:
    """Return the name of this process as a worker."""
    directory = Path(settings.RUN_DIRECTORY)
    name = f"{socket.gethostname()[:80]}:{directory.name}"[:160]
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # Held as long as this process lives.
        lock = os.open(directory / "worker.lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return f"{name}:{secrets.token_hex(4)}"
    return name
