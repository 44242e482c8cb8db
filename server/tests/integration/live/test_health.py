"""What probes see of a server of two processes, whatever happens to what stands behind it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.fixtures.live import live_server, wait_until
from tests.fixtures.services import FragileValkey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

WORKERS = 2
ALL_IS_WELL = {"database": "ok", "migrations": "ok", "draining": "ok", "redis": "ok"}


@pytest.fixture(scope="module")
def cache() -> Iterator[FragileValkey]:
    with FragileValkey() as cache:
        yield cache


@pytest.fixture(scope="module")
def server(cache: FragileValkey) -> Iterator[LiveServer]:
    with live_server("production", workers=WORKERS, REDIS_URL=cache.url) as server:
        yield server


def probe(server: LiveServer, path: str, **headers: str) -> httpx.Response:
    """Ask as a probe does: in plain HTTP, over a connection of its own."""
    return httpx.get(f"{server.url}{path}", headers=headers, timeout=30, trust_env=False)


def checks(server: LiveServer) -> tuple[int, dict[str, str]]:
    answer = probe(server, "/readyz")
    found: dict[str, str] = answer.json()["checks"]
    return answer.status_code, found


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3:8000", "evil.example", "pod_7"])
def test_probes_need_neither_tls_nor_our_name(server: LiveServer, host: str) -> None:
    for path, body in (
        ("/livez", {"status": "ok"}),
        ("/readyz", {"status": "ok", "checks": ALL_IS_WELL}),
    ):
        answer = probe(server, path, Host=host)
        assert (answer.status_code, answer.json()) == (200, body)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Type"] == "application/json"
        assert not {"Set-Cookie", "RateLimit", "Location"} & answer.headers.keys()


def test_they_are_read_and_nothing_else(server: LiveServer) -> None:
    for path in ("/livez", "/readyz"):
        assert httpx.head(f"{server.url}{path}", trust_env=False).status_code == 200
        answer = httpx.post(f"{server.url}{path}", trust_env=False)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_they_leave_no_line(server: LiveServer) -> None:
    for _ in range(10):
        probe(server, "/livez")
        probe(server, "/readyz")
    httpx.get(f"{server.url}/api/v1/currencies/", headers={"X-Request-ID": "last"}, trust_env=False)
    wait_until(lambda: '"last"' in server.log_text(), what="the line of the last is written")
    assert "livez" not in server.log_text()
    assert "readyz" not in server.log_text()


@pytest.mark.parametrize("fault", ["freeze", "kill"])
def test_without_redis_it_is_degraded_and_goes_on(
    server: LiveServer, cache: FragileValkey, fault: str
) -> None:
    assert _is_everywhere(server, 200, ALL_IS_WELL)
    getattr(cache, fault)()
    degraded = ALL_IS_WELL | {"redis": "degraded"}
    assert _is_everywhere(server, 200, degraded)
    assert probe(server, "/readyz").json()["status"] == "degraded"
    assert probe(server, "/livez").status_code == 200
    cache.thaw() if fault == "freeze" else cache.start()
    wait_until(lambda: _is_everywhere(server, 200, ALL_IS_WELL), what="both have found it again")


def _is_everywhere(server: LiveServer, status: int, expected: dict[str, str]) -> bool:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: checks(server), range(24)))
    return all(answer == (status, expected) for answer in found)
