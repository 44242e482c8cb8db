"""The contestants: applications on the same server program, with the same workers."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings as django_settings

from benchmarks import processor
from benchmarks.base import HOST, PROJECT, BenchError, environment
from benchmarks.probe import Probe
from benchmarks.tokens import SIGNING_KEY
from server.settings.requirements import rate_limit_variable
from tests.fixtures.live import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal["ratecard", "twin", "twin_today", "ceiling"]
"""``twin`` has libraries of the time of the server that Ratecard replaces: ADR 0017."""

READY_WITHIN_SECONDS = 60
STOPPED_WITHIN_SECONDS = 20
WORKERS = 2
THREADS = 2
"""As docs/operations.md has it for a machine that PostgreSQL is on, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A contestant that answers."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    database: int
    """The first process of PostgreSQL."""

    def end_of_log(self) -> str:
        """Return the last lines that it logged."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-5:])

    @property
    def workers(self) -> dict[int, int]:
        """The resident bytes of each process that answers requests, on Linux."""
        page = os.sysconf("SC_PAGE_SIZE")
        return {
            pid: int(fields[21]) * page
            for pid, fields in processor.children(self.process.pid).items()
        }


def variables(kind: Kind, database_url: str, redis_url: str = "") -> dict[str, str]:
    """Return the environment that configures an application."""
    settings = "server.settings.production" if kind == "ratecard" else f"{_package(kind)}.settings"
    return {
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secrets.token_hex(32),
        "JWT_SIGNING_KEY": SIGNING_KEY,
        "ALLOWED_HOSTS": f".{HOST}",
        "CORS_ALLOWED_ORIGINS": "",
        "SIGNUP": "closed",
        "TRUSTED_PROXIES": "1",
        "HOST": "127.0.0.1",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
        "DEBUG": "0",
        "WEB_THREADS": str(THREADS),
        "PREPARED_STATEMENTS": "on",
        # The others have none, and what it takes is nothing that a request takes.
        "WORKER": "apart",
        # Counted as in production, and never reached.
        **{rate_limit_variable(name): "1000000/60" for name in django_settings.RATE_LIMITS},
    }


@contextmanager
def serving(  # noqa: PLR0913 -- all but two have to be named
    kind: Kind,
    configuration: Mapping[str, str],
    directory: Path,
    *,
    database: int,
    workers: int = WORKERS,
    threads: int = THREADS,
    libraries: Path | None = None,
) -> Iterator[Server]:
    """Run an application until the block ends.

    :param libraries: as of ``environment``.
    :raises BenchError: it does not answer.
    """
    port = free_port()
    log = directory / f"{kind}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(kind, port, workers, threads),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            env=environment(
                {
                    **configuration,
                    "PORT": str(port),
                    "WEB_WORKERS": str(workers),
                    "WEB_THREADS": str(threads),
                },
                libraries=libraries,
            ),
            start_new_session=True,
        )
    try:
        server = Server(name=kind, port=port, process=process, log=log, database=database)
        _wait_until_it_answers(server, workers)
        yield server
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOPPED_WITHIN_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _command(kind: Kind, port: int, workers: int, threads: int) -> list[str]:
    if kind == "ratecard":
        return [sys.executable, "server/manage.py", "serve"]
    # As core/management/commands/serve.py starts Ratecard.
    return [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads)),
        *("--no-ws", "--log-level", "warning", f"{_package(kind)}.wsgi:application"),
    ]


def _package(kind: Kind) -> str:
    return f"benchmarks.{kind.removesuffix('_today')}"


def _wait_until_it_answers(server: Server, workers: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with suppress(OSError), Probe(server.port) as probe:
            # Nobody is signed in: 401 is an answer.
            probe.get("/api/v1/campaigns/", bearer="")
            if len(server.workers) >= workers or sys.platform != "linux":
                return
        time.sleep(0.05)
    text = server.log.read_text(encoding="utf-8", errors="replace")
    raise BenchError(f"{server.name} does not answer.\n{text}")
