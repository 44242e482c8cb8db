"""What clients cost that are slow on purpose, where no proxy stands in front.

Headers are waited for beside the threads. A body is read in one, for as long as its client likes:
as many slow bodies as there are threads keep everybody waiting. That is why the proxy must take
bodies whole before it passes them on (docs/operations.md).
"""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.fixtures.live import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

THREADS = 8
MANY = 100
ADDRESS = "/api/v1/currencies/"
HALF_OF_THE_HEADERS = b"GET /api/v1/currencies/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: "
BEGINNING_OF_A_BODY = (
    b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: 1000\r\n\r\n{"
)


def test_slow_headers_keep_nobody_waiting(server: LiveServer) -> None:
    with _slow_clients(server, HALF_OF_THE_HEADERS, MANY), server.client() as client:
        assert {client.get(ADDRESS).status_code for _ in range(2 * THREADS)} == {200}


def test_slow_bodies_that_nobody_asked_for_keep_nobody_waiting(server: LiveServer) -> None:
    body = BEGINNING_OF_A_BODY % b"/api/v1/nowhere/"
    with _slow_clients(server, body, MANY), server.client() as client:
        assert {client.get(ADDRESS).status_code for _ in range(2 * THREADS)} == {200}


def test_slow_bodies_hold_a_thread_each_and_no_longer_than_their_clients(
    server: LiveServer,
) -> None:
    body = BEGINNING_OF_A_BODY % b"/api/v1/auth/signin/"
    with server.client() as client:
        with _slow_clients(server, body, THREADS - 1):
            assert {client.get(ADDRESS).status_code for _ in range(THREADS)} == {200}
        with _slow_clients(server, body, THREADS):
            wait_until(lambda: _is_kept_waiting(client), what="each thread reads a slow body")
        assert {client.get(ADDRESS).status_code for _ in range(2 * THREADS)} == {200}


@pytest.mark.system
def test_headers_that_never_end_are_waited_for_half_a_minute(server: LiveServer) -> None:
    with _slow_clients(server, HALF_OF_THE_HEADERS, 1) as (client,):
        client.settimeout(40)
        assert client.recv(1) == b""


def _is_kept_waiting(client: httpx.Client) -> bool:
    try:
        client.get(ADDRESS, timeout=1)
    except httpx.ReadTimeout:
        return True
    return False


@contextmanager
def _slow_clients(server: LiveServer, sent: bytes, number: int) -> Iterator[list[socket.socket]]:
    """Open connections that send a part of a request, and then nothing more."""
    address = urlsplit(server.url)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection((address.hostname, address.port or 0)))
            for _ in range(number)
        ]
        for client in clients:
            client.sendall(sent)
        yield clients
