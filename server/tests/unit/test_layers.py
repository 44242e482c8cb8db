"""What import-linter cannot see of the layers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SERVER = Path(__file__).resolve().parents[2]
APPS = ("accounts", "campaigns", "core")


def spelling_objects() -> list[str]:
    """Return the modules that ask a manager for rows."""
    return sorted(
        str(path.relative_to(SERVER))
        for app in APPS
        for path in (SERVER / app).rglob("*.py")
        if re.search(r"\.(objects|_default_manager|_base_manager)\b", path.read_text())
    )


def test_only_repositories_spell_objects() -> None:
    assert spelling_objects() == [
        "accounts/repositories.py",
        "campaigns/imports/repositories.py",
        "campaigns/repositories.py",
        "core/idempotency/repositories.py",
        "core/jobs/repositories.py",
        "core/repositories.py",
    ]


@pytest.mark.parametrize("app", APPS)
def test_doors_open_no_transaction(app: str) -> None:
    doors = [*(SERVER / app).rglob("api/*.py"), *(SERVER / app).glob("admin*.py")]
    assert doors
    assert not [path.name for path in doors if "atomic" in path.read_text()]
