"""Whether this server is about to stop.

A file says so. All processes of a server see it at once, however they were started, and an operator
can make it by hand to take a server out of its balancer without stopping it.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

FILE_NAME = "draining"


def is_draining() -> bool:
    """Tell whether the server is to be sent no more requests."""
    directory: str = settings.RUN_DIRECTORY
    return bool(directory) and (Path(directory) / FILE_NAME).exists()
