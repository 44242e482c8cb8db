"""The load generator: wrk, which walks a file of requests as fast as it is answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import processor
from benchmarks.base import HOST, BenchError
from benchmarks.plan import CONNECTIONS

if TYPE_CHECKING:
    from benchmarks.servers import Server

_SCRIPT = Path(__file__).with_name("walk.lua")
_HOW = "The bench needs wrk: apt install wrk (Debian, Ubuntu), brew install wrk (macOS)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server did under load."""

    per_second: float
    requests: int
    mean_ms: float
    p99_ms: float
    cpu_ms: float
    """Processor time of the server and of PostgreSQL for one request; 0 where none tells."""
    walked: int
    """How often the file of requests was walked to its end."""


def require() -> None:
    """Find wrk; install it where we may.

    :raises BenchError: it is not there.
    """
    if shutil.which("wrk"):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise BenchError(_HOW)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "wrk"]):
        subprocess.run([apt, "-qq", *arguments], check=False, env=quiet, capture_output=True)
    if not shutil.which("wrk"):
        raise BenchError(_HOW)


def load(server: Server, requests: Path, *, seconds: int, host: str = HOST) -> Load:
    """Send the requests of a file, over and over, for some seconds.

    :param host: what the requests name; the links in answers repeat it, so that answers that are
        kept for one host are not another's.
    :raises BenchError: the server refused some, or hung up.
    """
    parents = [server.process.pid, server.database]
    before = processor.seconds(parents)
    done = subprocess.run(
        [
            str(shutil.which("wrk")),
            *("-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s"),
            *("-s", str(_SCRIPT), f"http://127.0.0.1:{server.port}/", "--", str(requests), host),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BenchError(f"wrk failed.\n{done.stdout}{done.stderr}")
    taken = processor.seconds(parents) - before
    found = json.loads(done.stdout.splitlines()[-1])
    if found["refused"] or found["broken"] or not found["requests"]:
        raise BenchError(
            f"{server.name}: {found['refused']} of {found['requests']} requests of "
            f"{requests.name} were refused, {found['broken']} broken.\n{server.end_of_log()}"
        )
    return Load(
        per_second=found["requests"] / found["microseconds"] * 1e6,
        requests=found["requests"],
        mean_ms=found["mean"] / 1000,
        p99_ms=found["p99"] / 1000,
        walked=found["walked"],
        cpu_ms=taken / found["requests"] * 1000,
    )
