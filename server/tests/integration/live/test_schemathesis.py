"""The document and the server agree: schemathesis looks for a request that shows they do not."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.live import PROJECT, clean_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.live import LiveServer

# All of schemathesis' checks. Data that fits the document may still break a rule that no JSON
# schema can state, or meet a store in which it is refused: the statuses below are those refusals.
CONFIG = """
hooks = "tests.integration.live.fuzzing"
continue-on-failure = true
request-timeout = 30

[generation]
max-examples = 15
deterministic = true
database = "none"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "412", "422"]

[phases.stateful]
max-steps = 8

[phases.stateful.generation]
max-examples = 15
"""


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return where the statuses that were answered are written."""
    return tmp_path / "record.jsonl"


def test_no_request_shows_a_difference_between_the_document_and_the_server(
    server: LiveServer, tmp_path: Path, record: Path
) -> None:
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 -- our own command, without a shell
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", f"{server.api}/schema/", "--no-color", "--checks", "all"),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=clean_environment()
        | {
            "PYTHONPATH": str(PROJECT / "server"),
            "FUZZED_API": f"{server.api}/",
            "FUZZING_RECORD": str(record),
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr

    succeeded = set()
    for line in record.read_text(encoding="utf-8").splitlines():
        answer = json.loads(line)
        if 200 <= answer["status"] < 300:
            succeeded.add((answer["method"], answer["path"]))
    # Only the mail has a token that would do.
    by_mail = {("POST", "/api/v1/auth/password/reset/confirm/")}
    assert _operations(server) - succeeded == by_mail


def _operations(server: LiveServer) -> set[tuple[str, str]]:
    """Return each operation of the document: its method and its path."""
    with server.client() as client:
        document = client.get(
            "/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}
        )
    return {
        (method.upper(), path)
        for path, operations in document.raise_for_status().json()["paths"].items()
        for method in operations
    }
