"""What clients may do to the server through the nginx that docs/deployment.md describes."""

from __future__ import annotations

import ssl
from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.fixtures.live import live_server, wait_until
from tests.fixtures.nginx import NAME, nginx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fixtures.nginx import Nginx

pytestmark = pytest.mark.system  # nginx, openssl

CURRENCIES = "/api/v1/currencies/"
NOWHERE = "/api/v1/nowhere/"
PAGES = 20  # in an hour, of one client
SLOW = 50  # of each kind; the server has four threads
SLOW_HEADERS = f"GET {CURRENCIES} HTTP/1.1\r\nHost: {NAME}\r\nX-Slow: "
SLOW_BODY = (
    f"POST /api/v1/auth/signin/ HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\n"
    'Content-Length: 1000\r\n\r\n{"email": "'
)
BOTH_LENGTHS = "Content-Length: 60\r\nTransfer-Encoding: chunked\r\n"
TWO_LENGTHS = "Content-Length: 60\r\nContent-Length: 5\r\n"


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """Yield nginx with a small server behind it."""
    directory: Path = tmp_path_factory.mktemp("nginx")
    with (
        live_server("production", threads=4, RATE_LIMIT_PAGE=f"{PAGES}/3600") as server,
        nginx(directory, server=server.url) as front,
    ):
        yield front


def ended(connection: ssl.SSLSocket) -> bool:
    """Tell whether nginx has answered or closed a connection."""
    connection.setblocking(False)  # noqa: FBT003 -- the name of the method says what it is
    try:
        connection.recv(1)
    except (ssl.SSLWantReadError, BlockingIOError):
        return False
    except OSError:
        return True
    return True


def test_slow_clients_keep_nobody_waiting_and_are_ended(front: Nginx) -> None:
    with ExitStack() as stack:
        slow = []
        for begun in (SLOW_HEADERS, SLOW_BODY):
            for _ in range(SLOW):
                connection = stack.enter_context(front.connect())
                connection.sendall(begun.encode())
                slow.append(connection)
        assert front.get(CURRENCIES).status_code == 200
        assert not any(map(ended, slow)), "they were no load on anything when it was answered"
        wait_until(lambda: all(map(ended, slow)), what="nginx ends the slow connections")


def test_nobody_gets_more_by_inventing_addresses(front: Nginx) -> None:
    statuses = [
        front.get(
            NOWHERE,
            source="127.0.0.2",  # nobody else's: what others asked for counts for them
            **{"X-Forwarded-For": f"203.0.113.{number}", "Forwarded": f"for=203.0.113.{number}"},
        ).status_code
        for number in range(PAGES + 1)
    ]
    assert statuses[-1] == 429
    assert {*statuses} == {404, 429}


def test_nor_by_spelling_headers_as_variables_are_spelled(front: Nginx) -> None:
    """Under CGI's rules ``X_Forwarded_For`` is the same variable as ``X-Forwarded-For``."""
    statuses = [
        front.get(NOWHERE, source="127.0.0.3", X_Forwarded_For=f"203.0.113.{number}").status_code
        for number in range(PAGES + 1)
    ]
    assert {*statuses[:-1]} == {404}
    assert statuses[-1] == 429


@pytest.mark.parametrize("lengths", [BOTH_LENGTHS, TWO_LENGTHS], ids=["both", "two"])
def test_a_body_has_one_length(front: Nginx, lengths: str) -> None:
    """What follows it, by the other reading, is nobody's request."""
    with front.connect() as connection:
        connection.sendall(
            f"POST /api/v1/auth/signin/ HTTP/1.1\r\nHost: {NAME}\r\n"
            f"Content-Type: application/json\r\n{lengths}\r\n"
            f"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
        )
        answer = b""
        while received := connection.recv(4096):
            answer += received
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_without_tls_pages_are_redirected_and_the_api_is_refused(front: Nginx) -> None:
    def ask(path: str) -> httpx.Response:
        return httpx.get(
            f"http://127.0.0.1:{front.plain_port}{path}", headers={"Host": NAME}, trust_env=False
        )

    assert ask("/problems/").headers["Location"] == f"https://{NAME}/problems/"
    refused = ask(CURRENCIES)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_request")


def test_what_is_for_the_operator_is_not_public(front: Nginx) -> None:
    paths = ("/metrics", "/metrics/", "/readyz", "//readyz/", "/%72eadyz", "/x/../metrics")
    assert [front.get(path).status_code for path in paths] == [404] * len(paths)


def test_the_access_log_has_no_query_values(front: Nginx) -> None:
    front.get(f"{NOWHERE}?search=canary-7f3a", Referer="https://app.example/?q=canary-7f3a")
    wait_until(lambda: f"GET {NOWHERE}" in front.log.read_text(), what="nginx logs the request")
    assert "canary-7f3a" not in front.log.read_text()
