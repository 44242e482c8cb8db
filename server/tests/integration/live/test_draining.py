"""A server that is told to stop says so, goes on for a while, and leaves no request unanswered."""

from __future__ import annotations

import json
import os
import signal
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from tests.fixtures.live import live_server, wait_until
from tests.fixtures.scraping import TOKEN, scrape

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.live import LiveServer

PATIENCE = "300"
CURRENCIES = "/api/v1/currencies/"


def readiness(server: LiveServer) -> tuple[int, str]:
    answer = httpx.get(f"{server.url}/readyz", trust_env=False)
    return answer.status_code, answer.json()["checks"]["draining"]


def is_refused(server: LiveServer) -> bool:
    address = urlsplit(server.url)
    try:
        socket.create_connection((address.hostname, address.port or 0), timeout=5).close()
    except OSError:
        return True
    return False


def test_it_drains_before_it_stops() -> None:
    with live_server(workers=2, DRAIN_SECONDS=PATIENCE) as server:
        assert readiness(server) == (200, "ok")
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: readiness(server) == (503, "failed"), what="it says that it drains")
        for _ in range(8):  # over connections of their own, and so of both processes
            assert readiness(server) == (503, "failed")
            assert httpx.get(f"{server.url}/livez", trust_env=False).status_code == 200
            assert httpx.get(f"{server.url}{CURRENCIES}", trust_env=False).status_code == 200
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)  # enough
        assert server.process.wait(timeout=30) == 0


def test_it_stops_by_itself_when_it_has_drained() -> None:
    with live_server(DRAIN_SECONDS="1") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=30) == 0


def test_a_terminal_does_not_wait() -> None:
    with live_server(DRAIN_SECONDS=PATIENCE) as server:
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(timeout=30) == 0
        assert "Killing worker" not in server.log_text()


def test_a_request_that_has_begun_is_answered() -> None:
    body = json.dumps({"email": "ada@example.com", "password": "correct horse battery 9"}).encode()
    with live_server(workers=2, METRICS_TOKEN=TOKEN) as server:
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname, address.port or 0), 30) as connection:
            connection.sendall(
                b"POST /api/v1/auth/signup/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body[:10])
            )
            with server.client() as client:
                wait_until(
                    lambda: scrape(client).sum("ratecard_requests_in_flight") == 1,
                    what="the request is in a thread",
                )
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: is_refused(server), what="the port is closed")
            connection.sendall(body[10:])
            assert connection.recv(64).startswith(b"HTTP/1.1 201 ")
        assert server.process.wait(timeout=30) == 0
        assert "Killing worker" not in server.log_text()


def test_an_operator_takes_it_out_and_back_by_a_file(tmp_path: Path) -> None:
    with live_server(workers=2, RUN_DIR=str(tmp_path)) as server:
        [directory] = tmp_path.iterdir()
        (directory / "draining").touch()
        assert {readiness(server) for _ in range(8)} == {(503, "failed")}
        (directory / "draining").unlink()
        assert {readiness(server) for _ in range(8)} == {(200, "ok")}
