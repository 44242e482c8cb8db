"""What each process of the server program loads: the application, and which signals it hears.

A terminal sends its interrupt to every process of the group. The server program's first process
hears it and stops the others in order, by SIGTERM; one that hears both hangs. And one that gets
its SIGTERM while it still loads the application would answer it with the first process's handler,
which does nothing there: until granian installs its own, SIGTERM simply ends it.
"""

from __future__ import annotations

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
signal.signal(signal.SIGTERM, signal.SIG_DFL)

from server.wsgi import application  # noqa: E402 -- loading it is what takes the time

__all__ = ["application"]
