"""Twenty clients write at once: on either database they wait for each other, and none fails."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

WRITERS = 20
ROUNDS = 5
PASSWORD = "correct horse battery 9"


@pytest.fixture(scope="module")
def wide_server() -> Iterator[LiveServer]:
    """Yield a server of two processes, with a thread for each writer in either."""
    with live_server(workers=2, threads=WRITERS) as server:
        yield server


def test_writers_of_twenty_accounts_wait_for_each_other(wide_server: LiveServer) -> None:
    start = Barrier(WRITERS)

    def write(number: int) -> tuple[Counter[int], int]:
        """Sign up, then create, change, start and delete; count statuses, and what is left."""
        answered: Counter[int] = Counter()
        with wide_server.client() as client:

            def send(method: str, path: str, json: Any = None) -> Any:
                answer = client.request(method, f"/api/v1/{path}", json=json)
                answered[answer.status_code] += 1
                return answer.json() if answer.content else None

            start.wait(timeout=60)
            account = {"email": f"writer{number}@example.com", "password": PASSWORD}
            client.headers["Authorization"] = (
                f"Bearer {send('POST', 'auth/signup/', account)['access']}"
            )
            for turn in range(ROUNDS):
                campaign = send("POST", "campaigns/", _campaign(f"Title {turn}"))
                path = f"campaigns/{campaign['id']}/"
                send("PUT", path, campaign | {"payouts": [_payout("EE"), _payout("LV")]})
                send("POST", f"{path}start/")
                send("POST", f"{path}payouts/", _payout("FI"))
            send("DELETE", path)
            return answered, send("GET", "campaigns/")["count"]

    with ThreadPoolExecutor(WRITERS) as threads:
        outcomes = list(threads.map(write, range(WRITERS)))
    expected = Counter({201: 1 + 2 * ROUNDS, 200: 2 * ROUNDS + 1, 204: 1})
    assert [answered for answered, _ in outcomes] == [expected] * WRITERS, wide_server.log_text()
    assert [left for _, left in outcomes] == [ROUNDS - 1] * WRITERS


def test_writers_of_one_campaign_wait_for_each_other(wide_server: LiveServer) -> None:
    with wide_server.client() as client:
        account = {"email": "owner@example.com", "password": PASSWORD}
        token = client.post("/api/v1/auth/signup/", json=account).json()["access"]
    with wide_server.client(token=token) as client:
        campaign = client.post("/api/v1/campaigns/", json=_campaign("Contested")).json()
        path = f"/api/v1/campaigns/{campaign['id']}/"
        start = Barrier(WRITERS)

        def rename(number: int) -> int:
            start.wait(timeout=60)
            return client.patch(path, json={"title": f"Title {number}"}).status_code

        with ThreadPoolExecutor(WRITERS) as threads:
            answered = Counter(threads.map(rename, range(WRITERS)))
        assert answered == {200: WRITERS}, wide_server.log_text()
        assert client.get(path).json()["version"] == 1 + WRITERS


def _campaign(title: str) -> dict[str, Any]:
    return {
        "title": title,
        "landing_page_url": "https://shop.example.com/",
        "payouts": [_payout(None)],
    }


def _payout(country: str | None) -> dict[str, Any]:
    return {"country": country, "amount": "1.50", "currency": "EUR"}
