"""What a Valkey that hangs costs those who read: the slowest answer before, while and after.

The budget (issue 3): no error, at most half a second until each process has noticed, and nothing
after. ``python -m benchmarks.faults`` measures it on a server of two processes.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from benchmarks.say import say
from tests.fixtures.live import live_server, wait_until
from tests.fixtures.services import FragileValkey, postgres

if TYPE_CHECKING:
    import httpx

    from tests.fixtures.live import LiveServer

WORKERS = 2
CLIENTS = 8
PAUSE = 0.02
PHASE_SECONDS = 5.0
_numbers = count()
ACCOUNT = {"email": "faults@example.com", "password": "correct horse battery 9"}
CAMPAIGN = {
    "title": "Faults",
    "landing_page_url": "https://shop.example.com/",
    "payouts": [{"country": None, "amount": "1.00", "currency": "EUR"}],
}


@dataclass(frozen=True, slots=True)
class Phase:
    """The answers of some seconds: how many, how many were no 200, and the slowest, in ms."""

    name: str
    answers: int
    errors: int
    median: float
    slowest: float


def measure() -> list[Phase]:
    """Read steadily; freeze Valkey after a while, and let it go on after another."""
    with (
        postgres() as database,
        FragileValkey() as cache,
        live_server(
            "production", workers=WORKERS, DATABASE_URL=database, REDIS_URL=cache.url
        ) as server,
        server.client() as client,
    ):
        access = client.post("/api/v1/auth/signup/", json=ACCOUNT).json()["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        client.post("/api/v1/campaigns/", json=CAMPAIGN).raise_for_status()
        _phase("warm-up", client)
        phases = [_phase("before", client)]
        cache.freeze()
        phases.append(_phase("frozen, until the breaker opens", client, seconds=1.0))
        wait_until(lambda: _said(server, "redis_away") == WORKERS, what="both have noticed")
        phases.append(_phase("frozen, breaker open", client))
        cache.thaw()
        wait_until(lambda: _said(server, "redis_back") == WORKERS, what="both have noticed")
        phases.append(_phase("after", client))
    return phases


def _phase(name: str, client: httpx.Client, *, seconds: float = PHASE_SECONDS) -> Phase:
    until = time.monotonic() + seconds

    def read(_number: int) -> list[tuple[float, bool]]:
        taken = []
        while time.monotonic() < until:
            started = time.perf_counter()
            # Each address is new: what a process has been given it does not ask Valkey for again.
            answer = client.get("/api/v1/campaigns/", params={"search": str(next(_numbers))})
            taken.append((time.perf_counter() - started, answer.is_success))
            time.sleep(PAUSE)
        return taken

    with ThreadPoolExecutor(CLIENTS) as threads:
        found = sorted(one for taken in threads.map(read, range(CLIENTS)) for one in taken)
    return Phase(
        name=name,
        answers=len(found),
        errors=sum(not is_right for _, is_right in found),
        median=found[len(found) // 2][0] * 1000,
        slowest=found[-1][0] * 1000,
    )


def _said(server: LiveServer, event: str) -> int:
    return server.log_text().count(f'"{event}"')


if __name__ == "__main__":
    for phase in measure():
        say(
            f"{phase.name:<32} {phase.answers:>6} answers, {phase.errors} errors, "
            f"median {phase.median:.1f} ms, slowest {phase.slowest:.0f} ms"
        )
