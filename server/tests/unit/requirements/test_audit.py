"""`make audit` says that all is well only when somebody has looked."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

AUDIT = runpy.run_path(str(Path(__file__).resolve().parents[4] / "requirements" / "audit.py"))
verdict = AUDIT["verdict"]
FINE = {"name": "django", "version": "5.2.9", "vulns": []}
UNKNOWN = {"name": "granian", "skip_reason": "Dependency not found"}
VULNERABLE = {
    "name": "urllib3",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}],
}


def report(*dependencies: dict[str, Any]) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_no_advisory_against_any_is_success() -> None:
    assert verdict(report(FINE, FINE))[0] == 0


def test_an_advisory_is_a_failure_that_names_the_way_out() -> None:
    status, text = verdict(report(FINE, UNKNOWN, VULNERABLE))
    assert status == 1
    assert "urllib3 1.0: PYSEC-1, mended in 1.1" in text


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("", id="no connection"),
        pytest.param("[]", id="another form"),
        pytest.param(report(), id="nothing looked at"),
        pytest.param(report(FINE, UNKNOWN), id="some unknown to the source"),
        pytest.param(report(UNKNOWN, UNKNOWN), id="all unknown: a mirror without advisories"),
    ],
)
def test_a_source_that_cannot_tell_is_not_taken_for_success(said: str) -> None:
    assert verdict(said)[0] is None
