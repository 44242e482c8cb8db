"""What every module of the bench may know: where it is, and how it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parents[1]
HOST = "ratecard.example"
"""What requests name as their host: links in the answers are then equal."""
TOKENS_LIVE = timedelta(days=1)


class BenchError(RuntimeError):
    """The bench itself failed; the message says at what."""


def memory_gib() -> float:
    """Return how much memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3


def run_django(variables: Mapping[str, str], *arguments: str) -> str:
    """Run Python with Ratecard and the bench on its path; return what it printed.

    :raises BenchError: it failed.
    """
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env=environment(variables),
    )
    if done.returncode:
        raise BenchError(f"{' '.join(arguments)} failed.\n{done.stdout}{done.stderr}")
    return done.stdout


def environment(variables: Mapping[str, str], *, libraries: Path | None = None) -> dict[str, str]:
    """Return the environment of a process of the bench.

    :param libraries: a folder of packages that it imports before those of the virtual environment.
    """
    path = [*([libraries] if libraries else []), PROJECT, PROJECT / "server"]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), **variables}


def install(requirements: Path, folder: Path) -> Path:
    """Install locked requirements into a folder of their own, and return it.

    :raises BenchError: pip could not.
    """
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--require-hashes", "--target", str(folder)]
    done = subprocess.run(
        [*pip, *options, "--requirement", str(requirements)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BenchError(f"pip could not install {requirements.name}.\n{done.stderr}")
    return folder
