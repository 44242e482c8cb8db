"""Look for what is known to be wrong: in our code, in our files, in what we depend on.

Usage: ``.venv/bin/python requirements/audit.py code|secrets|dependencies …``
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
ADVISORIES = ("pypi", "osv")
# What looks like a secret, and everybody may read.
PUBLIC = (
    "every-click-counts",  # the demo's password, refused in production
    "correct horse battery( 9)?",  # in the tours of the documents
    "none|password|secret|p%40ss",  # in the URLs of examples and of tests
    "k9Lw2qZx8Rt5Vb1Nm7Yc3Hd6Jf4Gs0Pa",  # who may read the metrics of the tests' servers
    "[$]{?[A-Z_]+[:?]*}?",  # a variable, not its value
    "…",  # a value left out
    "(django-insecure-)?c4f1a9d27be84f60a3d58e7716b0923f",  # a key that the tests start with
    "0af7651916cd43dd8448eb211c80319c",  # the trace id in W3C's recommendation
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # SHA-256 of "abc"
)


def main(names: list[str]) -> None:
    """Run the audits of these names, all of them, and fail if one finds anything."""
    audits = {"code": code, "secrets": secrets, "dependencies": dependencies}
    found = [audits[name]() for name in names]
    sys.exit(max(found))


def code() -> int:
    """Look for unsafe calls in the server's code."""
    print("== Unsafe code", flush=True)
    done = _run("bandit", "--quiet", "--configfile", "pyproject.toml", "--recursive", "server")
    print(done.stdout, end="")
    # It warns of each comment that justifies one finding and not another on the same line.
    kept = [line for line in done.stderr.splitlines() if "nosec encountered" not in line]
    print("\n".join(kept), end="\n" if kept else "", file=sys.stderr)
    return done.returncode


def secrets() -> int:
    """Look for secrets in every file that git has."""
    print("== Secrets", flush=True)
    listing = _run("git", "ls-files", "-z", "--", ":!requirements/*.txt").stdout
    files = [name for name in listing.split("\0") if (PROJECT / name).is_file()]
    if not files:
        print("git lists no files: this needs a git clone.", file=sys.stderr)
        return 1
    python = [name for name in files if name.endswith(".py")]
    others = sorted({*files} - {*python})
    public = ["--exclude-secrets", f"^({'|'.join(PUBLIC)})$"]
    found = 0
    # In Python a variable called password tells little; ruff and bandit look at those.
    for some, options in ((python, ["--disable-plugin", "KeywordDetector"]), (others, [])):
        done = _run("detect-secrets-hook", "--no-verify", *public, *options, *some)
        print(done.stdout + done.stderr, end="")
        found = max(found, done.returncode)
    return found


def dependencies() -> int:
    """Compare the production requirements with the advisories that are known."""
    print("== Known vulnerabilities of requirements/production.txt", flush=True)
    for service in ADVISORIES:
        done = _run(
            "pip-audit",
            *("--requirement", "requirements/production.txt", "--require-hashes", "--disable-pip"),
            *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"),
        )
        status, text = verdict(done.stdout)
        print(f"{service}: {text}", flush=True)
        if status is not None:
            return status
    print("NOT AUDITED: try again where the advisories can be reached.", file=sys.stderr)
    return 1


def verdict(report: str) -> tuple[int | None, str]:
    """Judge a report of pip-audit.

    It ends with success if a source knows none of the requirements, as a mirror of packages does,
    that has no advisories.

    :return: the exit status, and what to say; no status if the report says nothing about some.
    """
    try:
        audited: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None, "could not be asked"
    vulnerable = [
        f"{each['name']} {each['version']}: {found['id']}, mended in "
        + (", ".join(found["fix_versions"]) or "no version yet")
        for each in audited
        for found in each.get("vulns", [])
    ]
    if vulnerable:
        return 1, "\n  ".join(["vulnerable", *vulnerable])
    unknown = [each["name"] for each in audited if "skip_reason" in each]
    if unknown or not audited:
        return None, f"has no answer for {len(unknown)} of {len(audited)}"
    return 0, f"nothing known against {len(audited)}"


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = BIN / program
    return subprocess.run(
        [str(path) if path.exists() else program, *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
