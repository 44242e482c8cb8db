"""Production as an operator runs it: behind a proxy that ends TLS, with Redis, logging JSON."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from tests.fixtures.live import HTTPS, PROJECT, live_server, wait_until
from tests.fixtures.spreadsheets import HEADER, line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

MEBIBYTE = 1024 * 1024
PASSWORD = "correct horse battery 9"
PROFILE = "/api/v1/auth/profile/"
CURRENCIES = "/api/v1/currencies/"
TOKEN = b"a" * 32


@pytest.fixture(scope="module")
def production() -> Iterator[LiveServer]:
    """Yield a server with production's settings."""
    with live_server("production", collect_static=True) as server:
        yield server


@pytest.fixture
def proxy(production: LiveServer) -> Iterator[httpx.Client]:
    """Yield a client that speaks as the proxy does."""
    with production.client() as client:
        yield client


def test_without_the_proxy_s_word_on_tls_pages_are_redirected_to_it(
    production: LiveServer,
) -> None:
    answer = httpx.get(f"{production.url}/problems/", trust_env=False)
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{urlsplit(production.url).netloc}/problems/"


@pytest.mark.parametrize("path", [CURRENCIES, "/api/v1/auth/signin/", "/api/nowhere"])
def test_without_it_the_api_is_refused_so_that_no_token_is_sent_in_clear_twice(
    production: LiveServer, path: str
) -> None:
    answer = httpx.post(f"{production.url}{path}", json={}, trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert "HTTPS" in answer.json()["detail"]
    assert "Location" not in answer.headers


def test_with_the_proxy_s_word_it_answers_and_demands_tls_from_now_on(proxy: httpx.Client) -> None:
    answer = proxy.get(CURRENCIES)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == (
        "max-age=31536000; includeSubDomains; preload"
    )


def test_the_word_of_a_proxy_that_is_not_ours_counts_for_nothing() -> None:
    with live_server("production", TRUSTED_PROXIES="0") as server:
        answer = httpx.get(f"{server.url}{CURRENCIES}", headers=HTTPS, trust_env=False)
        assert answer.status_code == 400


def test_links_in_answers_are_of_the_address_that_the_client_used(proxy: httpx.Client) -> None:
    headers = _signed_up(proxy)
    for name in ("First", "Second"):
        key = {"name": name, "scope": "read"}
        assert proxy.post("/api/v1/auth/keys/", json=key, headers=headers).status_code == 201
    page = proxy.get(
        "/api/v1/auth/keys/?page_size=1", headers=headers | {"Host": "ratecard.example"}
    )
    assert page.json()["next"].startswith("https://ratecard.example/api/v1/auth/keys/?")


def test_a_host_that_is_not_ours_is_a_problem(proxy: httpx.Client) -> None:
    answer = proxy.get(CURRENCIES, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "bad_request"
    assert "evil" not in answer.text


@pytest.mark.parametrize("page", ["/api/v1/docs/", "/api/v1/redoc/", "/admin/login/", "/problems/"])
def test_static_files_have_hashed_names_and_are_kept_for_good(
    proxy: httpx.Client, page: str
) -> None:
    html = proxy.get(page)
    assert html.status_code == 200
    files = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js|png))"', html.text)
    assert files
    for name in files:
        assert re.search(r"\.[0-9a-f]{12}\.(css|js|png)$", name), name
        answer = proxy.get(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_head_answers_as_get_does_without_the_body(proxy: httpx.Client) -> None:
    got, head = proxy.get(CURRENCIES), proxy.head(CURRENCIES)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"] == "application/json"


def test_a_chunked_body_is_read(proxy: httpx.Client) -> None:
    headers = _signed_up(proxy) | {"Content-Type": "application/json"}
    chunks = [b'{"display_', b'name": "A', b'da"}']
    answer = proxy.patch(PROFILE, content=iter(chunks), headers=headers)
    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert (answer.status_code, answer.json()["display_name"]) == (200, "Ada")


@pytest.mark.parametrize("path", ["auth/signin/", "nowhere/"])
def test_a_chunked_body_beyond_the_limit_is_refused(proxy: httpx.Client, path: str) -> None:
    chunk = b" " * 65536
    answer = proxy.post(
        f"/api/v1/{path}",
        content=(chunk for _ in range(MEBIBYTE // len(chunk) + 1)),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(
    production: LiveServer,
) -> None:
    address = urlsplit(production.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=30) as connection:
        connection.sendall(
            b"POST /api/v1/auth/signin/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"X-Forwarded-Proto: https\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1048577\r\n\r\n"
        )
        assert connection.recv(64).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "body",
    [
        "Content-Length: {longer}\r\n\r\n{file}",
        "Transfer-Encoding: chunked\r\n\r\n{longer:x}\r\n{file}",
        "Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{file}\r\n",
    ],
    ids=["shorter than it says", "in the middle of a chunk", "without a last chunk"],
)
def test_a_file_whose_connection_is_lost_is_not_taken(
    production: LiveServer, proxy: httpx.Client, body: str
) -> None:
    file = f"{HEADER}\n{line('Cut off')}\n"
    token = _signed_up(proxy)["Authorization"]
    address = urlsplit(production.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=30) as connection:
        connection.sendall(
            (
                "POST /api/v1/campaigns/import/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"X-Forwarded-Proto: https\r\nAuthorization: {token}\r\nContent-Type: text/csv\r\n"
                + body.format(file=file, size=len(file), longer=2 * len(file))
            ).encode()
        )
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(64).startswith(b"HTTP/1.1 400 ")


def test_half_a_form_is_not_taken(production: LiveServer) -> None:
    address = urlsplit(production.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=30) as connection:
        connection.sendall(
            b"POST /theme/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-Proto: https\r\n"
            b"Origin: https://127.0.0.1\r\nCookie: __Host-csrf=" + TOKEN + b"\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
            b"csrfmiddlewaretoken=" + TOKEN + b"&theme=dark"
        )
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(64).startswith(b"HTTP/1.1 403 ")


def test_nothing_newer_is_spoken_than_the_proxy_speaks(production: LiveServer) -> None:
    address = urlsplit(production.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=30) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert connection.recv(64) == b""


def test_a_body_of_exactly_the_limit_is_read(proxy: httpx.Client) -> None:
    body = json.dumps({"email": "nobody@example.com", "password": PASSWORD}).encode()
    answer = proxy.post(
        "/api/v1/auth/signin/",
        content=body.ljust(MEBIBYTE),
        headers={"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_each_request_is_one_line_of_json_that_tells_no_secret(
    production: LiveServer, proxy: httpx.Client
) -> None:
    headers = _signed_up(proxy) | {"X-Request-ID": "request-of-this-test"}
    answer = proxy.get("/api/v1/campaigns/?search=canary", headers=headers)
    assert answer.headers["X-Request-ID"] == "request-of-this-test"
    wait_until(lambda: "request-of-this-test" in production.log_text(), what="the line is written")
    lines = [json.loads(text) for text in production.log_text().splitlines() if text[:1] == "{"]
    (line,) = [line for line in lines if line.get("request_id") == "request-of-this-test"]
    assert line.keys() == {
        *("event", "level", "logger", "timestamp", "request_id", "account_id"),
        *("method", "route", "status", "duration_ms"),
    }
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/campaigns/", 200)
    for secret in ("canary", PASSWORD, headers["Authorization"], "@example.com"):
        assert secret not in production.log_text()


def test_it_ends_when_it_is_told_to() -> None:
    with live_server("production") as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=30) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url, trust_env=False)
        wait_until(lambda: not _group_exists(server.process.pid), what="its workers have ended")


def test_a_terminals_interrupt_ends_it_in_order() -> None:
    with live_server("production", workers=1) as server:
        os.killpg(server.process.pid, signal.SIGINT)  # as a terminal does: to every process
        assert server.process.wait(timeout=30) == 0
        assert "Killing worker" not in server.log_text()


def test_a_second_server_does_not_share_the_port() -> None:
    with live_server() as server:
        port = str(httpx.URL(server.url).port)
        second = subprocess.run(  # noqa: S603 -- our own command
            [sys.executable, str(PROJECT / "server" / "manage.py"), "serve"],
            env={**os.environ, "PORT": port, "DJANGO_SETTINGS_MODULE": "server.settings.testing"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert second.returncode == 1
    assert f"PORT {port}" in second.stderr
    assert "Traceback" not in second.stderr


def _group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _signed_up(client: httpx.Client) -> dict[str, str]:
    """Create an account; return the header of its access token."""
    account = {"email": f"{os.urandom(6).hex()}@example.com", "password": PASSWORD}
    answer = client.post("/api/v1/auth/signup/", json=account)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access']}"}
