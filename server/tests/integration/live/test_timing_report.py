"""How long sign-ins and resets take for addresses with and without an account: a report.

It prints, and asserts nothing about time: on a busy machine that would tell of the machine.
``pytest -m system -s`` shows it.
"""

from __future__ import annotations

import secrets
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.live import live_server

if TYPE_CHECKING:
    import httpx

ACCOUNTS = 40
GUESSES = 4
"""For each address; with the fifth it would have to wait."""
PASSWORD = "correct horse battery 9"


@pytest.mark.system  # a minute
def test_report_known_against_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    with live_server() as server, server.client() as client:
        known = [f"{secrets.token_hex(8)}@example.com" for _ in range(ACCOUNTS)]
        for email in known:
            body = {"email": email, "password": PASSWORD}
            assert client.post("/api/v1/auth/signup/", json=body).status_code == 201
        unknown = [f"{secrets.token_hex(8)}@example.com" for _ in range(ACCOUNTS)]
        pairs = list(zip(known, unknown, strict=True))
        lines = [
            "sign-in  " + compared(client, "signin/", pairs, password="not this one"),
            "reset    " + compared(client, "password/reset/", pairs),
        ]
    with capsys.disabled():
        print(*["", *lines], sep="\n")  # noqa: T201 -- it is a report


def compared(client: httpx.Client, path: str, pairs: list[tuple[str, str]], **values: Any) -> str:
    """Ask for each in turn, so that what slows the machine down slows both."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(GUESSES):
        for pair in pairs:
            for email in pair[:: 1 if turn % 2 else -1]:
                started = time.perf_counter()
                answer = client.post(f"/api/v1/auth/{path}", json={"email": email, **values})
                times[email == pair[0]].append((time.perf_counter() - started) * 1000)
                assert answer.status_code in {202, 401}, answer.text
    return f"known {_summary(times[True])}   unknown {_summary(times[False])}"


def _summary(times: list[float]) -> str:
    low, _, high = quantiles(times, n=4)
    return f"median {median(times):6.2f} ms (quartiles {low:.2f}, {high:.2f}; {len(times)})"
