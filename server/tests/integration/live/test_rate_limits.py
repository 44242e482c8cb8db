"""Exactly as many requests pass as a limit says, over all processes, however they are written."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.live import live_server, wait_until
from tests.fixtures.services import FragileValkey, valkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import httpx

    from tests.fixtures.live import LiveServer

WORKERS = 2
MOST = 20
PARALLEL = 50
LIMIT = f"{MOST}/3600"
READ = "/api/v1/currencies/"
LOGIN = "/admin/login/"
PATIENCE = "20"
"""Seconds to wait for Valkey where the test is not about its silence: 50 at once keep it busy."""
_networks = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request as a client of some address sends it through the proxy."""

    path: str = READ
    method: str = "GET"
    forwarded: str = ""
    """What the client itself wrote into ``X-Forwarded-For``."""
    headers: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] | None = None

    def headers_from(self, address: str) -> list[tuple[str, str]]:
        """Return the headers that reach the server: the proxy adds whom it was asked by."""
        told = f"{self.forwarded}, {address}" if self.forwarded else address
        return [("X-Forwarded-For", told), *self.headers.items()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A server of two processes with small limits, and the way to it."""

    server: LiveServer

    def send(self, ask: Ask, address: str) -> httpx.Response:
        """Send a request as the proxy passes it on, and return the answer.

        Threads do not share a client: httpx may close a connection that another has just taken.
        """
        with self.server.client() as client:
            return client.request(
                ask.method, ask.path, headers=ask.headers_from(address), data=ask.data
            )

    def send_all(self, asks: Sequence[Ask], addresses: Sequence[str]) -> list[httpx.Response]:
        """Send requests at once, each over a connection of its own."""
        start = Barrier(len(asks))

        def send(ask: Ask, address: str) -> httpx.Response:
            start.wait(60)
            return self.send(ask, address)

        with ThreadPoolExecutor(len(asks)) as threads:
            return list(threads.map(send, asks, addresses))

    def passed(self, asks: Sequence[Ask], addresses: Sequence[str]) -> int:
        """Count those of many requests that are not refused; see no fault in any answer."""
        answers = self.send_all(asks, addresses)
        assert not any(answer.is_server_error for answer in answers)
        return sum(answer.status_code != 429 for answer in answers)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    """Yield the way to a server that counts in Valkey."""
    with valkey() as url, _door(url, patience=PATIENCE) as door:
        yield door


@pytest.fixture
def address() -> str:
    """Return an address that nobody has asked from."""
    return f"192.0.2.{next(_networks)}"


def _spoofed() -> str:
    return f"198.51.100.{secrets.randbelow(256)}"


def _their_own_headers(number: int) -> Ask:
    names = ("X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Forwarded")
    return Ask(headers={names[number % len(names)]: _spoofed(), "Forwarded": f"for={_spoofed()}"})


def _override(number: int) -> Ask:
    method = ("DELETE", "PUT", "HEAD", "OPTIONS")[number % 4]
    return Ask(headers={"X-HTTP-Method-Override": method, "X-Method-Override": method})


def _spelled(number: int) -> Ask:
    """Write an address that leads nowhere, in one of many ways."""
    spellings = (
        *("/api/v1/Currencies/", "/API/v1/currencies/", "/api//v1/currencies/", "//api/v1/x/"),
        *("/api/v1/currencies", "/api/v1/currencies//", "/api/v1/%63urrencies;/", "/nowhere/"),
        *("/api/v1/./x/", "/api/v2/currencies/", "/problems//", "/admin/Login/", "/static/no.js"),
    )
    return Ask(path=spellings[number % len(spellings)])


WAYS: dict[str, Callable[[int], Ask]] = {
    "one address before": lambda _: Ask(forwarded=_spoofed()),
    "many addresses before": lambda number: Ask(forwarded=", ".join([_spoofed()] * (number + 1))),
    "no address before": lambda number: Ask(forwarded=("unknown", "::1", ",,", "-")[number % 4]),
    "headers of other proxies": _their_own_headers,
    "methods in a header": _override,
    "HEAD and GET": lambda number: Ask(method=("HEAD", "GET")[number % 2]),
    "queries": lambda number: Ask(path=f"{READ}?number={number}"),
    "spellings": _spelled,
    "docs": lambda number: Ask(path=("/api/v1/docs/", "/problems/", "/")[number % 3]),
    "not signed in": lambda _: Ask(path="/api/v1/campaigns/"),
    "wrong tokens": lambda number: Ask(
        path="/api/v1/campaigns/", headers={"Authorization": f"Bearer {number}.{number}.x"}
    ),
    "the admin's sign-in": lambda number: Ask(
        path=LOGIN,
        method="POST",
        data={"username": f"{number}@example.com", "password": secrets.token_hex(8)},
    ),
    "sign-in": lambda number: Ask(
        path="/api/v1/auth/signin/",
        method="POST",
        data={"email": f"{number}@example.com", "password": secrets.token_hex(8)},
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_of_fifty_at_once_exactly_as_many_pass_as_the_limit_says(
    door: Door, address: str, way: str
) -> None:
    asks = [WAYS[way](number) for number in range(PARALLEL)]
    assert door.passed(asks, [address] * PARALLEL) == MOST
    assert door.passed([Ask()], [address.replace("192.0.2.", "203.0.113.")]) == 1  # somebody else


def test_a_proxy_that_adds_a_header_of_its_own_is_understood(door: Door, address: str) -> None:
    """As some do, instead of a comma: the last line is the proxy's."""
    asks = [Ask(headers={"X-Forwarded-For": address}) for _ in range(PARALLEL)]
    assert door.passed(asks, [_spoofed() for _ in range(PARALLEL)]) == MOST


def test_the_addresses_of_one_network_count_together(door: Door) -> None:
    network = f"2001:db8:{secrets.randbelow(65536):x}:{secrets.randbelow(65536):x}"
    addresses = [f"{network}:{number:x}::{number:x}" for number in range(PARALLEL - 10)]
    addresses += [f"[{network}::1]:{port}" for port in range(5000, 5010)]
    assert door.passed([Ask()] * PARALLEL, addresses) == MOST
    assert door.passed([Ask()], [f"2001:db9:{network[9:]}::1"]) == 1  # a neighbour


def test_an_address_of_version_4_is_the_same_in_version_6(door: Door, address: str) -> None:
    assert door.passed([Ask()] * PARALLEL, [address, f"::ffff:{address}"] * 25) == MOST


def test_a_refusal_says_what_is_refused_and_until_when(door: Door, address: str) -> None:
    asks = [Ask(), Ask(path="/nowhere/"), Ask(path=LOGIN, method="POST")]
    for ask, name, content_type in zip(
        asks,
        ("read", "page", "signin"),
        ("application/problem+json", "text/html; charset=utf-8", "text/html; charset=utf-8"),
        strict=True,
    ):
        door.send_all([ask] * MOST, [address] * MOST)
        refusal = door.send(ask, address)
        assert refusal.status_code == 429
        assert refusal.headers["Content-Type"] == content_type
        assert refusal.headers["RateLimit-Policy"] == f'"{name}";q={MOST};w=3600'
        assert refusal.headers["RateLimit"].startswith(f'"{name}";r=0;t=')
        assert 0 < int(refusal.headers["Retry-After"]) <= 2 * 3600
        if name == "read":
            assert refusal.json()["code"] == "rate_limited"


def test_while_valkey_hangs_each_process_lets_no_more_pass_than_the_limit(address: str) -> None:
    with FragileValkey() as cache, _door(cache.url) as door:
        assert door.passed([Ask()] * 10, [address] * 10) == 10
        cache.freeze()
        _see_each_process_count_by_itself(door, address)
        cache.thaw()
        _wait_until_back(door)
        # It may have counted some that it was asked about while it hung.
        asks, addresses = [Ask()] * 2 * PARALLEL, [address] * 2 * PARALLEL
        assert door.passed(asks, addresses) <= MOST - 10


def test_a_valkey_that_starts_again_starts_from_nothing(address: str) -> None:
    asks, addresses = [Ask()] * PARALLEL, [address] * PARALLEL
    with FragileValkey() as cache, _door(cache.url, patience=PATIENCE) as door:
        assert door.passed(asks, addresses) == MOST
        cache.kill()
        _see_each_process_count_by_itself(door, address)
        cache.start()
        _wait_until_back(door)
        assert door.passed(asks, addresses) == MOST


def test_a_valkey_that_forgot_the_script_is_told_it_again(address: str) -> None:
    with FragileValkey() as cache, _door(cache.url) as door:
        assert door.passed([Ask()] * 5, [address] * 5) == 5
        with cache.client() as client:
            client.script_flush()
        assert door.passed([Ask()] * PARALLEL, [address] * PARALLEL) == MOST - 5
        assert "redis_away" not in door.server.log_text()


def test_without_redis_each_process_counts_by_itself(address: str) -> None:
    with _door("") as door:
        _see_each_process_count_by_itself(door, address)


def _see_each_process_count_by_itself(door: Door, address: str) -> None:
    """Ask until every process has let all pass that it may: one of them may take most at first."""
    passed = 0

    def all_is_spent() -> bool:
        nonlocal passed
        asks = [WAYS["one address before"](number) for number in range(PARALLEL)]
        passed += door.passed(asks, [address] * PARALLEL)
        return passed >= WORKERS * MOST

    wait_until(all_is_spent, what="each process has let as many pass as the limit says")
    all_is_spent()
    assert passed == WORKERS * MOST


def _wait_until_back(door: Door) -> None:
    def said(event: str) -> int:
        return door.server.log_text().count(f'"{event}"')

    wait_until(lambda: said("redis_away") == said("redis_back") > 0, what="all have found it again")


@contextmanager
def _door(redis_url: str, *, patience: str = "") -> Iterator[Door]:
    with live_server(
        "production",
        workers=WORKERS,
        threads=4,
        REDIS_URL=redis_url,
        RATE_LIMIT_READ=LIMIT,
        RATE_LIMIT_PAGE=LIMIT,
        RATE_LIMIT_SIGNIN=LIMIT,
        LIVE_REDIS_SECONDS=patience,
    ) as server:
        yield Door(server=server)
