"""What each process of the server program loads: the application, deaf to Ctrl-C.

A terminal sends its interrupt to every process of the group. The server program's first process
hears it and stops the others in order, by SIGTERM; one that has heard both hangs.
"""

from __future__ import annotations

import signal

from server.wsgi import application

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

__all__ = ["application"]
