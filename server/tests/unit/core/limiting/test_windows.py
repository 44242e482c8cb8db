"""Windows that slide, and who is counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import RequestFactory, override_settings
from hypothesis import given
from hypothesis import strategies as st

from core.limiting.clients import client_network
from core.limiting.windows import Limit, MemoryWindows

LIMIT = Limit(name="read", most=10, seconds=60)


class Clock:
    """A clock that stands until it is told to go."""

    def __init__(self) -> None:
        """Begin with a window."""
        self.now = 6_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_a_limit_is_reached_and_says_when_it_is_not_any_more() -> None:
    clock = Clock()
    windows = MemoryWindows(clock)
    first = [windows.hit(LIMIT, "ada") for _ in range(10)]
    assert [verdict.passes for verdict in first] == [True] * 10
    assert [verdict.remaining for verdict in first] == list(range(9, -1, -1))
    assert first[0].reset_seconds == 60
    refused = windows.hit(LIMIT, "ada")
    assert (refused.passes, refused.remaining, refused.retry_seconds) == (False, 0, 66)
    assert windows.hit(LIMIT, "bob").passes
    # What was refused did not count: six seconds into the next window one of ten has slid out.
    clock.now += 65
    assert not windows.hit(LIMIT, "ada").passes
    clock.now += 1
    assert windows.hit(LIMIT, "ada").passes
    assert not windows.hit(LIMIT, "ada").passes


@given(
    most=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 50, allow_nan=False), min_size=1, max_size=200),
)
def test_whoever_waits_as_long_as_he_is_told_passes(most: int, pauses: list[float]) -> None:
    clock = Clock()
    windows = MemoryWindows(clock)
    limit = Limit(name="any", most=most, seconds=60)
    for pause in pauses:
        clock.now += pause
        verdict = windows.hit(limit, "ada")
        assert 0 < verdict.reset_seconds <= 60
        assert 0 <= verdict.remaining < most
        if not verdict.passes:
            assert 0 < verdict.retry_seconds <= 120
            clock.now += verdict.retry_seconds
            assert windows.hit(limit, "ada").passes


def test_of_fifty_at_once_as_many_pass_as_the_limit_allows() -> None:
    windows = MemoryWindows(Clock())
    with ThreadPoolExecutor(50) as pool:
        verdicts = list(pool.map(lambda _: windows.hit(LIMIT, "ada"), range(50)))
    assert sum(verdict.passes for verdict in verdicts) == 10


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, None, "198.51.100.7"),
        (0, "203.0.113.9", "198.51.100.7"),
        (1, None, "198.51.100.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 192.0.2.4", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7"),
        (1, "203.0.113.9:5000", "203.0.113.9"),
        (1, "[2001:db8:1:2:3::4]:5000", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (1, "fe80::1%eth0", "fe80::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "nonsense", "198.51.100.7"),
        (1, "", "198.51.100.7"),
    ],
)
def test_a_client_is_the_network_that_our_own_proxies_tell_of(
    proxies: int, forwarded: str | None, network: str
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="198.51.100.7")
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_network(request) == network


def test_who_has_no_address_is_still_somebody() -> None:
    assert client_network(RequestFactory().get("/", REMOTE_ADDR="")) == "unknown"
