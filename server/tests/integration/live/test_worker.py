"""The worker beside the server program: what it does, and what happens when it is killed."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import jobs
from tests.fixtures.live import live_server, prepared, wait_until
from tests.fixtures.spreadsheets import file_of, line, many_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.live import LiveServer

ROWS = 5_000
CAMPAIGNS = ROWS // 5


@pytest.fixture(scope="module")
def with_worker() -> Iterator[LiveServer]:
    with live_server(WORKER="beside") as server:
        yield server


@pytest.mark.parametrize("phase", ["checking", "applying"])
def test_an_import_whose_worker_is_killed_is_taken_up_and_ends(
    with_worker: LiveServer, phase: str
) -> None:
    server = with_worker
    worker = jobs.worker_of(server)
    with jobs.signed_up(server, f"{phase}@example.com") as client:
        address = jobs.send(client, file_of(*many_lines(ROWS)))

        def is_at_it() -> bool:
            found = jobs.read(client, address)
            assert found["state"] in {"waiting", "running"}, found
            return bool(found["state"] == "running" and found["progress"]["phase"] == phase)

        wait_until(is_at_it, what=phase, within_seconds=jobs.ENDS_WITHIN_SECONDS)
        jobs.kill(worker)
        assert client.get("/api/v1/campaigns/").json()["count"] == 0
        found = jobs.ended(client, address)
        assert (found["state"], found["problems"]) == ("done", [])
        assert found["campaigns"] == {"created": CAMPAIGNS, "changed": 0, "unchanged": 0}
        listed = client.get("/api/v1/campaigns/", params={"page_size": 1}).json()
        assert listed["count"] == CAMPAIGNS
        assert len(listed["results"][0]["payouts"]) == 5
        again = jobs.ended(client, jobs.send(client, file_of(*many_lines(ROWS))))
        assert again["campaigns"] == {"created": 0, "changed": 0, "unchanged": CAMPAIGNS}
    assert jobs.worker_of(server) != worker
    assert "it is started again" in server.log_text()


def test_two_imports_of_one_account_at_once_are_both_done(with_worker: LiveServer) -> None:
    with jobs.signed_up(with_worker, "twice@example.com") as client:
        addresses = [
            jobs.send(client, file_of(*(line(f"Campaign {row}", country) for row in range(500))))
            for country in ("EE", "LV")
        ]
        found = [jobs.ended(client, address)["campaigns"] for address in addresses]
        assert found == [
            {"created": 500, "changed": 0, "unchanged": 0},
            {"created": 0, "changed": 500, "unchanged": 0},
        ]


def test_others_write_while_an_import_is_worked_on(with_worker: LiveServer) -> None:
    with (
        jobs.signed_up(with_worker, "busy@example.com") as client,
        jobs.signed_up(with_worker, "calm@example.com") as other,
    ):
        address = jobs.send(client, file_of(*many_lines(2_500)))
        written = 0
        while jobs.read(client, address)["state"] in {"waiting", "running"}:
            campaign = {
                "title": f"Meanwhile {written}",
                "landing_page_url": "https://shop.example.com",
                "payouts": [{"amount": "1", "currency": "EUR"}],
            }
            assert other.post("/api/v1/campaigns/", json=campaign).status_code == 201
            written += 1
        assert written
        assert jobs.read(client, address)["state"] == "done"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_worker_ends_with_the_server(number: int) -> None:
    with live_server(WORKER="beside") as server:
        worker = jobs.worker_of(server)
        os.kill(server.process.pid, number)
        server.process.wait(timeout=30)
        wait_until(lambda: not jobs.is_alive(worker), what="the worker's end")


def test_what_the_worker_was_at_is_done_by_the_next_when_the_server_stops() -> None:
    with prepared(WORKER="beside") as site:
        with site.serving() as server, jobs.signed_up(server, "ada@example.com") as client:
            jobs.worker_of(server)
            address = jobs.send(client, file_of(*many_lines(ROWS)))
            wait_until(lambda: jobs.read(client, address)["state"] == "running", what="a start")
            server.process.terminate()
            server.process.wait(timeout=30)
            authorization = client.headers["Authorization"]
        with site.serving() as server, server.client() as client:
            client.headers["Authorization"] = authorization
            assert jobs.ended(client, address)["state"] == "done"


def test_no_worker_is_started_where_another_unit_has_it() -> None:
    with (
        live_server(WORKER="apart") as server,
        jobs.signed_up(server, "ada@example.com") as client,
    ):
        address = jobs.send(client, file_of(line("Loans")))
        assert jobs.read(client, address)["state"] == "waiting"
        assert jobs.workers(server) == []
