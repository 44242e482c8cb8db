"""Fifty mebibytes and a hundred thousand rows go in and out in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from campaigns.spreadsheet.form import COLUMNS, MOST_BYTES, MOST_ROWS
from tests.fixtures import jobs
from tests.fixtures.live import live_server

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.system

MAY_GROW = 64 * 1024 * 1024
COUNTRIES = ("", "EE", "LV", "LT", "FI")
LONG = "x" * 400


def large_file() -> Iterator[bytes]:
    """Yield a file that is as large as one may be, and has as many rows."""
    header = f"{','.join(COLUMNS)}\n".encode()
    yield header
    size = len(header)
    for start in range(0, MOST_ROWS, 1_000):
        lines = "".join(
            f"Campaign {row // 5} {'y' * 60},https://shop.example.com/{row // 5}/{LONG},true,"
            f"{COUNTRIES[row % 5]},1.50,EUR\n"
            for row in range(start, start + 1_000)
        ).encode()
        size += len(lines)
        yield lines
    yield b"\n" * (MOST_BYTES - size)


def test_a_file_of_the_largest_size_goes_in_and_out_in_bounded_memory() -> None:
    with (
        live_server(WORKER="beside", threads=2) as server,
        jobs.signed_up(server, "ada@example.com") as client,
    ):
        client.get("/api/v1/campaigns/export.csv")
        worker = jobs.worker_of(server)
        # The worker is watched over by a thread, whose children are its own.
        (web,) = {*jobs.children(server.process.pid)} - {worker}
        before = {pid: jobs.peak_memory(pid) for pid in (web, worker)}
        address = jobs.send(client, large_file(), size=MOST_BYTES)
        found = jobs.ended(client, address)
        assert found["state"] == "done", found
        assert found["campaigns"]["created"] == MOST_ROWS // 5
        size = 0
        with client.stream("GET", "/api/v1/campaigns/export.csv") as answer:
            assert answer.status_code == 200
            for piece in answer.iter_bytes():
                size += piece.count(b"\n")
        assert size == MOST_ROWS + 1
        grown = {pid: jobs.peak_memory(pid) - before[pid] for pid in (web, worker)}
        assert grown[web] < MAY_GROW
        assert grown[worker] < MAY_GROW
