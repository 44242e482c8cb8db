"""The server is killed in the middle of writes: sent again with its key, each is done once."""

from __future__ import annotations

import os
import secrets
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Semaphore
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.fixtures.live import fresh_database, live_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.live import LiveServer

pytestmark = pytest.mark.system

ROUNDS = 3
WRITERS = 8
ANSWERS = 40
"""After so many the server is killed, while the writers go on."""
PASSWORD = "correct horse battery 9"


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A request that was sent, and what came back; nothing if the server was killed meanwhile."""

    path: str
    key: str
    answer: httpx.Response | None


def test_what_was_sent_when_the_server_was_killed_is_done_once_when_sent_again(
    tmp_path: Path,
) -> None:
    with fresh_database(tmp_path) as database_url:
        start = partial(
            live_server,
            workers=2,
            DATABASE_URL=database_url,
            SECRET_KEY=secrets.token_hex(32),
        )
        with start() as server:
            token, original = _prepared(server)
            writes = _killed_while_writing(server, token, original)
        known, unanswered = {original}, 0
        for turn in range(ROUNDS):
            unanswered += len([write for write in writes if write.answer is None])
            with start() as server, server.client(token=token) as client:
                copies = {_sent_again(client, write) for write in writes}
                assert len(copies) == len(writes)
                stored = _stored(client)
                assert stored == known | copies
                known = stored
                if turn < ROUNDS - 1:
                    writes = _killed_while_writing(server, token, original)
        assert unanswered  # otherwise nothing was interrupted


def _prepared(server: LiveServer) -> tuple[str, int]:
    """Return an API key, which outlives access tokens, and a campaign to duplicate."""
    account = {"email": "ada@example.com", "password": PASSWORD}
    with server.client() as client:
        access = client.post("/api/v1/auth/signup/", json=account).json()["access"]
    with server.client(token=access) as client:
        key = client.post("/api/v1/auth/keys/", json={"name": "Importer", "scope": "write"})
        campaign = {
            "title": "Original",
            "landing_page_url": "https://shop.example.com/",
            "payouts": [{"country": None, "amount": "1.50", "currency": "EUR"}],
        }
        created = client.post("/api/v1/campaigns/", json=campaign)
        return str(key.json()["key"]), int(created.json()["id"])


def _killed_while_writing(server: LiveServer, token: str, original: int) -> list[Write]:
    """Duplicate, each time under a key of its own, until the server is gone."""
    answered = Semaphore(0)
    path = f"/api/v1/campaigns/{original}/duplicate/"

    def write_on(_writer: int) -> list[Write]:
        writes: list[Write] = []
        with server.client(token=token) as client:
            while True:
                key = secrets.token_hex(16)
                try:
                    answer = client.post(path, headers={"Idempotency-Key": key})
                except httpx.TransportError:
                    return [*writes, Write(path=path, key=key, answer=None)]
                assert answer.status_code == 201, answer.text
                writes.append(Write(path=path, key=key, answer=answer))
                answered.release()

    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [threads.submit(write_on, number) for number in range(WRITERS)]
        for _ in range(ANSWERS):
            assert answered.acquire(timeout=60)
        os.killpg(server.process.pid, signal.SIGKILL)
        return [write for writer in writers for write in writer.result()]


def _sent_again(client: httpx.Client, write: Write) -> int:
    """Send a request again; return the id of its copy."""
    again = client.post(write.path, headers={"Idempotency-Key": write.key})
    assert again.status_code == 201, again.text
    if write.answer is not None:
        assert again.headers["Idempotency-Replayed"] == "true"
        for name in ("ETag", "Location"):
            assert again.headers[name] == write.answer.headers[name]
        assert again.content == write.answer.content
    return int(again.json()["id"])


def _stored(client: httpx.Client) -> set[int]:
    """Return the ids of all campaigns."""
    found: set[int] = set()
    address: Any = "/api/v1/campaigns/?cursor=&page_size=200"
    while address:
        page = client.get(address).json()
        found |= {campaign["id"] for campaign in page["results"]}
        address = page["next"]
    return found
