"""``make bench``: its contestants start, answer alike and are measured."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.fixtures.live import PROJECT

# Settings of this run that are none of the bench's.
NOT_ITS_OWN = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}


@pytest.mark.system
def test_the_bench_compares_and_measures() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_ITS_OWN}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--only", "one"],
        cwd=PROJECT,
        env=environment | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'server'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Comparing the contestants' answers" in done.stdout
    for budget in ("one campaign, cold", "one campaign, warm"):
        assert f"{budget}, against the twin" in done.stdout
