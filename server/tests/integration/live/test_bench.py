"""``make bench``: its contestants start, answer alike and are measured."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks import traffic, wrk
from benchmarks.probe import Probe
from benchmarks.traffic import Request

from tests.fixtures.live import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.system
@pytest.mark.parametrize("body", [None, {"title": "Spring"}])
def test_what_fills_the_cache_asks_in_the_words_of_the_load(tmp_path: Path, body: Any) -> None:
    method = "GET" if body is None else "POST"
    request = Request(account=1, path="/api/v1/campaigns/1/", method=method, body=body)
    asked: list[dict[str, str]] = []

    class Listener(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 -- the library's name

        def log_message(self, *_arguments: object) -> None:
            pass

    wrk.require()
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        server: Any = SimpleNamespace(
            name="listener",
            port=listener.server_port,
            process=SimpleNamespace(pid=os.getpid()),
            database=os.getpid(),
            end_of_log=str,
        )
        try:
            with Probe(listener.server_port) as probe:
                probe.request(request)
            wrk.load(server, traffic.write(tmp_path / "requests", [request]), seconds=1)
        finally:
            listener.shutdown()
    assert len(asked) > 1
    assert all(one == asked[0] for one in asked)
