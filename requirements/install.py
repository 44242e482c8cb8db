"""Install a locked requirement file into .venv, unless that already has it.

Usage: ``python3 requirements/install.py base|production|development``
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

# Each set contains the ones before it.
SETS = ("base", "production", "development")

REQUIREMENTS = Path(__file__).resolve().parent
VENV = REQUIREMENTS.parent / ".venv"
PYTHON = VENV / "bin" / "python"
# Present while something is being installed: when it is there at the start, that was cut short.
UNFINISHED = VENV / "unfinished"


def main(name: str) -> None:
    """Make .venv what the requirement file of this name says, saying what takes time."""
    with Path(__file__).open() as lock:
        try:  # two commands in one fresh clone take turns
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another command that installs into .venv")
            fcntl.flock(lock, fcntl.LOCK_EX)
        works = _works()
        if works and _stamp(name).exists() and _stamp(name).read_text() == _digest(name):
            return
        if not works:
            _create()
        _install(name, keep_on_failure=works)


def _works() -> bool:
    """Tell whether .venv is complete and its interpreter still there."""
    if not PYTHON.exists() or UNFINISHED.exists():
        return False
    return subprocess.run([PYTHON, "-c", "import pip"], capture_output=True).returncode == 0


def _create() -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    _say(f"Creating .venv with Python {version}")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    if subprocess.run([sys.executable, "-m", "venv", VENV]).returncode:
        sys.exit("Python could not create .venv: its message is above.")


def _install(name: str, *, keep_on_failure: bool) -> None:
    _say(f"Installing requirements/{name}.txt into .venv (once; about a minute)")
    UNFINISHED.touch()
    pip = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    # The file names all there is. Left to look, pip would take the newest release of whatever is
    # asked for with an extra, and then refuse it for its hash (pypa/pip#9644).
    source = ["--no-deps", "--require-hashes", "--requirement"]
    failed = subprocess.run([*pip, *source, str(REQUIREMENTS / f"{name}.txt")]).returncode
    if keep_on_failure or not failed:
        UNFINISHED.unlink()
    if failed:
        sys.exit(f"pip could not install requirements/{name}.txt: its message is above.")
    for contained in SETS[: SETS.index(name) + 1]:
        _stamp(contained).write_text(_digest(contained))


def _stamp(name: str) -> Path:
    return VENV / f"installed-{name}"


def _digest(name: str) -> str:
    return hashlib.sha256((REQUIREMENTS / f"{name}.txt").read_bytes()).hexdigest()


def _say(text: str) -> None:
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback
    main(sys.argv[1])
