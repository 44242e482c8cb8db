"""One account and its twenty connections, and how to tell whether a race has left things right."""

from __future__ import annotations

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Barrier
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import httpx

    from tests.fixtures.live import LiveServer

PARALLEL = 20
PASSWORD = "correct horse battery 9"
WORLDWIDE = {"country": None, "amount": "1.00", "currency": "EUR"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that takes part in a race. ``path`` begins after ``/api/v1/``."""

    method: str
    path: str
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Arena:
    """An account, and open connections to the server, each with a thread of its own."""

    def __init__(self, server: LiveServer, *, parallel: int = PARALLEL) -> None:
        """Keep where the races take place, and how many take part."""
        self.server = server
        self.parallel = parallel
        self.email = f"{secrets.token_hex(8)}@example.com"
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Sign up, and open the connections."""
        with self._stack:
            self._clients = [
                self._stack.enter_context(self.server.client()) for _ in range(self.parallel)
            ]
            self._threads = self._stack.enter_context(ThreadPoolExecutor(self.parallel))
            account = {"email": self.email, "password": PASSWORD}
            self.use(self.ask("POST", "auth/signup/", account, expect=201)["access"])
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the connections."""
        self._stack.close()

    def use(self, token: str) -> None:
        """Send a token with every request from now on."""
        for client in self._clients:
            client.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, json: Any = None, *, expect: int = 200) -> Any:
        """Send one request by itself, and return the body of its answer.

        :raises AssertionError: the status is not the one that is expected.
        """
        answer = _send(self._clients[0], Call(method=method, path=path, json=json))
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    def race(self, calls: Iterable[Call]) -> list[httpx.Response]:
        """Send a request on each connection in one moment; return answers in the calls' order.

        :raises AssertionError: the server failed at one of them.
        """
        answers = self.send_all(calls)
        failed = [answer.text for answer in answers if answer.status_code >= 500]
        assert not failed, "\n".join([*failed, self.server.log_text()[-20_000:]])
        return answers

    def send_all(self, calls: Iterable[Call]) -> list[httpx.Response]:
        """Do the same, where the server may fail."""
        runners = list(zip(self._clients, calls, strict=False))
        start = Barrier(len(runners))

        def run(client: httpx.Client, call: Call) -> httpx.Response:
            client.get("/api/v1/currencies/")  # opens the connection
            start.wait(timeout=60)
            return _send(client, call)

        return list(self._threads.map(lambda runner: run(*runner), runners))

    def create(self, title: str = "", *payouts: Mapping[str, Any], **values: Any) -> Any:
        """Create a campaign, with a worldwide payout unless told, and return it."""
        body = {
            "title": title or secrets.token_hex(8),
            "landing_page_url": "https://shop.example.com/",
            "payouts": payouts or [WORLDWIDE],
            **values,
        }
        return self.ask("POST", "campaigns/", body, expect=201)

    def titles(self) -> list[str]:
        """Return the titles of all live campaigns, in order."""
        page = self.ask("GET", "campaigns/?page_size=200&ordering=title")
        assert page["next"] is None
        return [campaign["title"] for campaign in page["results"]]

    def verified(self, campaign_id: int) -> Any:
        """Return a live campaign, once its history has been replayed and told the same story.

        :raises AssertionError: version or values are not what the history leads to.
        """
        campaign = self.ask("GET", f"campaigns/{campaign_id}/")
        page = self.ask("GET", f"campaigns/{campaign_id}/history/?page_size=200")
        assert page["next"] is None
        events = page["results"][::-1]
        values, version = replay(events)
        assert values == {
            "title": campaign["title"],
            "landing_page_url": campaign["landing_page_url"],
            "is_running": campaign["is_running"],
            "deleted": campaign["deleted_at"] is not None,
            "payouts": {payout["country"]: _terms(payout) for payout in campaign["payouts"]},
        }
        assert campaign["version"] == version, events
        return campaign


def replay(events: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], int]:
    """Follow a history from its first event; return the values it leads to, and the version.

    All that one write changed is stored at one moment, and each write raises the version once.

    :raises AssertionError: an event's old values are not what those before it led to.
    """
    assert [event["name"] for event in events].count("campaign.created") == 1
    state: dict[str, Any] = {}
    for event in events:
        _apply(state, event["name"].removeprefix("campaign."), event["old"], event["new"])
    return state, len({event["at"] for event in events})


def _apply(state: dict[str, Any], name: str, old: Any, new: Any) -> None:
    match name:
        case "created":
            state |= new | {"deleted": False}
            state.pop("duplicate_of", None)
            state["payouts"] = {payout["country"]: _terms(payout) for payout in new["payouts"]}
        case "payout_added" | "payout_changed" | "payout_removed":
            if old:
                assert state["payouts"].pop(old["country"]) == _terms(old)
            if new:
                assert new["country"] not in state["payouts"]
                state["payouts"][new["country"]] = _terms(new)
        case "deleted" | "restored":
            assert state["deleted"] is (name == "restored")
            state["deleted"] = name == "deleted"
            state |= {key: new[key] for key in ("title", "is_running") if key in new}
        case _:
            assert old.items() <= state.items()
            state |= new


def _terms(payout: Mapping[str, Any]) -> tuple[str, str]:
    return payout["amount"], payout["currency"]


def statuses(answers: Iterable[httpx.Response]) -> Counter[int]:
    """Count the answers of each status."""
    return Counter(answer.status_code for answer in answers)


def winner(answers: Iterable[httpx.Response], *, status: int, losers: tuple[int, str]) -> Any:
    """Return the body of the one answer that has a status; all others have the losers'.

    :param losers: their status, and the code of their problem.
    :raises AssertionError: there are more winners than one, or none, or another kind of answer.
    """
    won = [answer for answer in answers if answer.status_code == status]
    lost = [answer for answer in answers if answer.status_code != status]
    assert len(won) == 1, statuses(answers)
    for answer in lost:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["code"]) == losers, answer.text
    return won[0].json() if won[0].content else None


def _send(client: httpx.Client, call: Call) -> httpx.Response:
    return client.request(
        call.method, f"/api/v1/{call.path}", json=call.json, headers=dict(call.headers)
    )
