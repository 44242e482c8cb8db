"""States and bulk changes: many writers of the same campaigns neither fail nor lose anything."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from tests.integration.races.arena import PARALLEL, Call, statuses, winner

if TYPE_CHECKING:
    import httpx

    from tests.integration.races.arena import Arena


def _bulk(action: str, ids: list[int]) -> Call:
    return Call(method="POST", path="campaigns/bulk/", json={"action": action, "ids": ids})


def _done(answer: httpx.Response, pk: int) -> int:
    return [row["status"] for row in answer.json()["results"] if row["id"] == pk].count("done")


def test_a_storm_of_starts_and_stops_counts_each_change_once(arena: Arena) -> None:
    campaign = arena.create()
    path = f"campaigns/{campaign['id']}/"
    for _ in range(3):
        answers = arena.race(
            Call(method="POST", path=f"{path}{'start' if number % 2 else 'stop'}/")
            for number in range(PARALLEL)
        )
        assert statuses(answers) == {200: PARALLEL}
    stored = arena.verified(campaign["id"])
    history = arena.ask("GET", f"{path}history/?page_size=200")
    assert stored["version"] == history["count"] > 1


def test_twenty_starts_are_one_change(arena: Arena) -> None:
    campaign = arena.create()
    answers = arena.race([Call(method="POST", path=f"campaigns/{campaign['id']}/start/")] * 20)
    assert statuses(answers) == {200: PARALLEL}
    assert {answer.headers["ETag"] for answer in answers} == {'"2-1"'}
    assert arena.verified(campaign["id"])["version"] == 2


def test_twenty_deletions_are_one_change(arena: Arena) -> None:
    campaign = arena.create()["id"]
    answers = arena.race([Call(method="DELETE", path=f"campaigns/{campaign}/")] * PARALLEL)
    winner(answers, status=204, losers=(404, "not_found"))
    arena.ask("POST", f"campaigns/{campaign}/restore/")
    assert arena.verified(campaign)["version"] == 3


def test_twenty_restores_are_one_change(arena: Arena) -> None:
    campaign = arena.create()["id"]
    arena.ask("DELETE", f"campaigns/{campaign}/", expect=204)
    answers = arena.race([Call(method="POST", path=f"campaigns/{campaign}/restore/")] * PARALLEL)
    assert statuses(answers) == {200: PARALLEL}
    assert arena.verified(campaign)["version"] == 3


def test_bulk_changes_and_single_ones_neither_fail_nor_get_lost(arena: Arena) -> None:
    """Ids in any order, single writes in between: a deadlock would answer 503."""
    chance = random.Random(20)
    ids = [arena.create()["id"] for _ in range(12)]
    writes = dict.fromkeys(ids, 1)
    for _ in range(4):
        calls = [
            _bulk(action, chance.sample(ids, k=len(ids))) for action in ["start", "stop"] * 5
        ] + [
            Call(method="PATCH", path=f"campaigns/{pk}/", json=_random_change(chance))
            for pk in chance.sample(ids, k=10)
        ]
        before = {pk: arena.ask("GET", f"campaigns/{pk}/")["version"] for pk in ids}
        answers = arena.race(chance.sample(calls, k=len(calls)))
        assert statuses(answers) == {200: PARALLEL}
        for pk in ids:
            writes[pk] = arena.verified(pk)["version"]
            assert writes[pk] >= before[pk]
            bulk = [answer for answer in answers if "results" in answer.json()]
            done = sum(_done(answer, pk) for answer in bulk)
            assert writes[pk] - before[pk] >= done


def _random_change(chance: random.Random) -> dict[str, Any]:
    amount = f"{chance.randint(1, 99)}.00"
    return {
        "is_running": chance.random() < 0.5,
        "payouts": [{"country": None, "amount": amount, "currency": "EUR"}],
    }


def test_bulk_deletions_and_restores_in_any_order_agree_with_the_history(arena: Arena) -> None:
    chance = random.Random(21)
    ids = [arena.create()["id"] for _ in range(12)]
    for _ in range(4):
        calls = [
            _bulk(action, chance.sample(ids, k=len(ids))) for action in ["delete", "restore"] * 10
        ]
        assert statuses(arena.race(calls)) == {200: PARALLEL}
        outcomes = arena.ask("POST", "campaigns/bulk/", {"action": "restore", "ids": ids})
        assert {row["status"] for row in outcomes["results"]} <= {"done", "unchanged"}
        for pk in ids:
            arena.verified(pk)


def test_bulk_restores_that_want_each_other_s_titles_do_not_deadlock(arena: Arena) -> None:
    """Two sets with the same titles in opposite orders: each title comes back exactly once."""
    titles = [f"Title {number:02}" for number in range(60)]
    first, second = (_deleted(arena, order) for order in (titles, titles[::-1]))
    for _ in range(10):
        answers = arena.race([_bulk("restore", first), _bulk("restore", second)])
        assert statuses(answers) == {200: 2}
        restored = {
            row["id"]
            for answer in answers
            for row in answer.json()["results"]
            if row["status"] == "done"
        }
        assert arena.titles() == titles
        arena.ask("POST", "campaigns/bulk/", {"action": "delete", "ids": [*restored]})


def _deleted(arena: Arena, titles: list[str]) -> list[int]:
    """Create campaigns with these titles, in this order, and delete them."""
    ids = [arena.create(title)["id"] for title in titles]
    arena.ask("POST", "campaigns/bulk/", {"action": "delete", "ids": ids})
    return ids
