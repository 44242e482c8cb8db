"""A PostgreSQL that is killed costs some requests a 503, and nobody a write that was answered."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.fragile import FragilePostgres
from tests.fixtures.live import live_server, wait_until
from tests.fixtures.load import Writer, assert_nothing_lost, keys, under_load

if TYPE_CHECKING:
    from collections.abc import Sequence

ACCOUNTS = 4
WRITERS = 8
BACK_WITHIN_SECONDS = 5
LONGEST_ANSWER_SECONDS = 15
"""What a statement may take; a connection is waited for two seconds, and a lock for five."""
LONG_AWAY_SECONDS = 20
"""After that, a wait that doubles with each attempt has grown beyond what is promised."""


@pytest.mark.parametrize(
    "away_seconds",
    [
        pytest.param([1], id="short"),
        pytest.param(
            [0, LONG_AWAY_SECONDS, 3, LONG_AWAY_SECONDS], id="full", marks=pytest.mark.system
        ),
    ],
)
def test_a_database_that_is_killed_under_load(
    away_seconds: Sequence[int], capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(FragilePostgres())
        server = stack.enter_context(
            live_server("production", workers=2, threads=4, DATABASE_URL=database.url, REDIS_URL="")
        )
        tokens = keys(server, ACCOUNTS) * (WRITERS // ACCOUNTS)
        writers = [
            Writer(client=stack.enter_context(server.client(token=token))) for token in tokens
        ]
        with under_load(writers):
            outages = [_outage(database, writers, seconds=seconds) for seconds in away_seconds]
        statuses = sum((writer.statuses for writer in writers), Counter[int]())
        with capsys.disabled():
            for outage in outages:
                print(f"\n{outage}", end="")  # noqa: T201 -- figures that one wants to see
            print(f"; {dict(statuses)}")  # noqa: T201 -- as above
        assert server.process.poll() is None
        assert "database_unavailable" in server.log_text()
        assert [writer.wrong for writer in writers] == [[]] * WRITERS
        assert [writer.broken for writer in writers] == [[]] * WRITERS
        assert max(writer.slowest for writer in writers) < LONGEST_ANSWER_SECONDS
        assert max(outage.refused_for for outage in outages) <= BACK_WITHIN_SECONDS
        assert_nothing_lost(database.url, writers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A time without a database."""

    away: float
    """Seconds until it was started again."""
    refused: int
    """Requests that were 503."""
    refused_for: float
    """Seconds from when it was back to the last of them."""


def _outage(database: FragilePostgres, writers: Sequence[Writer], *, seconds: float) -> Outage:
    """Kill the database while everybody works, and start it again; return once all work again."""
    _wait_for_work(writers)
    before, killed_at = _refusals(writers), time.monotonic()
    database.kill()
    wait_until(
        lambda: len(_refusals(writers)) > len(before) and time.monotonic() > killed_at + seconds,
        what="it is missed",
    )
    started_at = time.monotonic()
    database.start()
    back_at = time.monotonic()
    # What has not come by then, or after it, is told by those who did not get on.
    wait_until(
        lambda: time.monotonic() > back_at + BACK_WITHIN_SECONDS and not _refused_since(writers),
        what="nobody is refused any more",
    )
    _wait_for_work(writers)
    refusals = _refusals(writers)[len(before) :]
    return Outage(
        away=round(started_at - killed_at, 1),
        refused=len(refusals),
        refused_for=round(max(0.0, refusals[-1] - back_at), 1),
    )


def _wait_for_work(writers: Sequence[Writer]) -> None:
    """Wait until each has been answered some more."""
    before = [_answered(writer) for writer in writers]
    wait_until(
        lambda: all(
            _answered(writer) >= count + 4 for writer, count in zip(writers, before, strict=True)
        ),
        what="everybody is answered",
    )


def _answered(writer: Writer) -> int:
    return sum(writer.statuses.values()) - writer.statuses[503]


def _refusals(writers: Sequence[Writer]) -> list[float]:
    """Return when somebody was refused, in order."""
    return sorted(at for writer in writers for at in list(writer.refused_at))


def _refused_since(writers: Sequence[Writer]) -> bool:
    """Tell whether somebody was refused in the last second."""
    return any(at > time.monotonic() - 1 for at in _refusals(writers)[-1:])
