"""Requests in flight are what all living processes are answering."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from prometheus_client import REGISTRY

from core.management.commands.serve import emptied
from core.metrics.exposition import exposition
from core.metrics.requests import Watch

if TYPE_CHECKING:
    from pathlib import Path

NAME = "ratecard_requests_in_flight"


@pytest.mark.django_db
def test_this_process_says_how_many_it_answers() -> None:
    before = REGISTRY.get_sample_value(NAME) or 0
    with Watch():
        with Watch():
            assert REGISTRY.get_sample_value(NAME) == before + 2
        assert REGISTRY.get_sample_value(NAME) == before + 1
    assert REGISTRY.get_sample_value(NAME) == before


def test_processes_are_added_up_and_the_dead_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for process, number in [(os.getpid(), 2), (os.getppid(), 3), (ended.pid, 40)]:
        (tmp_path / f"in_flight_{process}.bin").write_bytes(struct.pack("I", number))
    (tmp_path / "in_flight_1.bin").touch()  # a process that begins
    assert f"{NAME} 5.0" in exposition().decode().splitlines()
    assert not (tmp_path / f"in_flight_{ended.pid}.bin").exists()


def test_a_server_that_starts_forgets_what_its_last_run_was_answering(tmp_path: Path) -> None:
    counts = emptied(tmp_path)
    (counts / f"in_flight_{os.getpid()}.bin").write_bytes(struct.pack("I", 4))
    assert not [*emptied(tmp_path).iterdir()]
