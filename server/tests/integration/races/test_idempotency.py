"""One key, fifty requests in one moment: one effect, and one answer."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.fixtures.live import wait_until
from tests.integration.races.arena import WORLDWIDE, Arena, Call, statuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

    from tests.fixtures.live import LiveServer

PARALLEL = 50


@pytest.fixture
def wide(server: LiveServer) -> Iterator[Arena]:
    """Yield an account with fifty connections, more than the server has threads."""
    with Arena(server, parallel=PARALLEL) as arena:
        yield arena


def _with_key(method: str, path: str, json: Any = None, *, key: str = "") -> Call:
    headers = {"Idempotency-Key": key or secrets.token_hex(16)}
    return Call(method=method, path=path, json=json, headers=headers)


def _create(title: str, *, key: str = "") -> Call:
    body = {
        "title": title,
        "landing_page_url": "https://shop.example.com/",
        "payouts": [WORLDWIDE],
    }
    return _with_key("POST", "campaigns/", body, key=key)


def _the_one(answers: Sequence[httpx.Response], *, status: int) -> httpx.Response:
    """Return the one answer that was no replay, once all others are found to be equal to it."""
    told = {
        (answer.status_code, answer.content, answer.headers["ETag"], answer.headers.get("Location"))
        for answer in answers
    }
    assert len(told) == 1, told
    [first] = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
    assert first.status_code == status
    return first


def test_of_fifty_creates_one_creates_and_all_are_told_of_it(wide: Arena) -> None:
    answers = wide.race([_create("Loans")] * PARALLEL)
    assert len(answers) == PARALLEL
    created = _the_one(answers, status=201).json()
    assert wide.titles() == ["Loans"]
    assert wide.verified(created["id"])["version"] == 1


def test_of_fifty_duplicates_one_duplicates(wide: Arena) -> None:
    """Without a key each would find a title of its own."""
    original = wide.create("Original")["id"]
    answers = wide.race([_with_key("POST", f"campaigns/{original}/duplicate/")] * PARALLEL)
    copy = _the_one(answers, status=201).json()
    assert wide.titles() == ["Original", copy["title"]]


def test_of_fifty_changes_with_if_match_one_changes_and_none_is_too_late(wide: Arena) -> None:
    campaign = wide.create("Original")["id"]
    call = _with_key("POST", f"campaigns/{campaign}/payouts/", WORLDWIDE | {"country": "EE"})
    call = Call(
        method=call.method,
        path=call.path,
        json=call.json,
        headers={**call.headers, "If-Match": '"1-1"'},
    )
    _the_one(wide.race([call] * PARALLEL), status=201)
    assert wide.verified(campaign)["version"] == 2


def test_of_two_bodies_under_one_key_one_has_an_effect(wide: Arena) -> None:
    for turn in range(5):
        key = secrets.token_hex(16)
        titles = [f"{turn} first", f"{turn} second"]
        answers = wide.race(_create(titles[number % 2], key=key) for number in range(PARALLEL))
        assert statuses(answers) == {201: PARALLEL // 2, 422: PARALLEL // 2}
        created = _the_one([a for a in answers if a.status_code == 201], status=201)
        assert {a.json()["code"] for a in answers if a.status_code == 422} == {
            "idempotency_mismatch"
        }
        assert [title for title in wide.titles() if title in titles] == [created.json()["title"]]


def test_two_accounts_with_one_key_do_not_meet(server: LiveServer) -> None:
    call = _create("Loans")
    with (
        Arena(server) as ada,
        Arena(server) as bob,
        ThreadPoolExecutor(2) as threads,
    ):
        races = list(threads.map(lambda arena: arena.race([call] * 20), [ada, bob]))
        created = [_the_one(answers, status=201).json()["id"] for answers in races]
        assert created[0] != created[1]
        assert ada.titles() == bob.titles() == ["Loans"]


def test_what_fails_leaves_the_key_free_for_all_that_wait(wide: Arena) -> None:
    """Each that waited tries by itself, and is refused by itself."""
    wide.create("Loans")
    call = _create("LOANS")
    answers = wide.race([call] * PARALLEL)
    assert statuses(answers) == {409: PARALLEL}
    assert not [answer for answer in answers if "Idempotency-Replayed" in answer.headers]
    assert _kept(wide) == 0


def test_who_waits_for_a_key_too_long_is_told_to_come_back(arena: Arena) -> None:
    """A campaign that somebody keeps locked holds up who has the key, and who waits for it."""
    campaign = arena.create("Loans")["id"]
    call = _with_key("PATCH", f"campaigns/{campaign}/", {"title": "Cars"})
    with ThreadPoolExecutor(1) as thread, psycopg.connect(arena.server.database_url) as database:
        database.execute("SELECT 1 FROM campaigns_campaign WHERE id = %s FOR UPDATE", [campaign])
        race = thread.submit(arena.send_all, [call] * 2)
        wait_until(lambda: _waiting(arena) == 2, what="both wait")
        answers = race.result()
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "2"
    assert _kept(arena) == 0
    _the_one(arena.race([call] * 20), status=200)
    assert arena.verified(campaign)["version"] == 2


def _waiting(arena: Arena) -> int:
    with psycopg.connect(arena.server.database_url) as database:
        rows = database.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return len(rows.fetchall())


def _kept(arena: Arena) -> int:
    """Count the answers that are kept for an account."""
    with psycopg.connect(arena.server.database_url) as database:
        rows = database.execute(
            "SELECT 1 FROM core_idempotentanswer answer"
            " JOIN accounts_account account ON account.id = answer.account_id"
            " WHERE account.email = %s",
            [arena.email],
        )
        return len(rows.fetchall())
