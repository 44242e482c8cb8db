"""A title is unique among an account's live campaigns, however many ask for it at once."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from tests.integration.races.arena import PARALLEL, WORLDWIDE, Call, statuses, winner

if TYPE_CHECKING:
    from tests.integration.races.arena import Arena

TAKEN = (409, "title_taken")
ROUNDS = 15


def _create(title: str) -> Call:
    body = {
        "title": title,
        "landing_page_url": "https://shop.example.com/",
        "payouts": [WORLDWIDE],
    }
    return Call(method="POST", path="campaigns/", json=body)


def test_of_twenty_creates_of_one_title_one_succeeds(arena: Arena) -> None:
    title = "Résumé Straße Ñandú"
    forms = [title, title.upper(), title.casefold(), unicodedata.normalize("NFD", f" {title} ")]
    answers = arena.race(_create(forms[number % len(forms)]) for number in range(PARALLEL))
    created = winner(answers, status=201, losers=TAKEN)
    assert arena.titles() == [created["title"]]
    assert arena.verified(created["id"])["version"] == 1


def test_of_two_creates_of_one_title_one_succeeds(arena: Arena) -> None:
    for number in range(ROUNDS):
        answers = arena.race([_create(f"Round {number}"), _create(f"ROUND {number}")])
        winner(answers, status=201, losers=TAKEN)
    assert len(arena.titles()) == ROUNDS


def test_of_twenty_campaigns_renamed_alike_one_gets_the_title(arena: Arena) -> None:
    ids = [arena.create()["id"] for _ in range(PARALLEL)]
    answers = arena.race(
        Call(method="PATCH", path=f"campaigns/{pk}/", json={"title": "Wanted"}) for pk in ids
    )
    renamed = winner(answers, status=200, losers=TAKEN)
    assert arena.titles().count("Wanted") == 1
    assert {pk: arena.verified(pk)["version"] for pk in ids} == {
        pk: 2 if pk == renamed["id"] else 1 for pk in ids
    }


def test_two_campaigns_that_exchange_their_titles_are_both_refused(arena: Arena) -> None:
    """The account's lock lets one write titles at a time: nobody waits in a circle."""
    first, second = arena.create("First")["id"], arena.create("Second")["id"]
    for _ in range(60):  # it takes the right microsecond
        answers = arena.race(
            [
                Call(method="PATCH", path=f"campaigns/{first}/", json={"title": "Second"}),
                Call(method="PATCH", path=f"campaigns/{second}/", json={"title": "First"}),
            ]
        )
        assert [(a.status_code, a.json()["code"]) for a in answers] == [TAKEN, TAKEN]
    assert (arena.verified(first)["title"], arena.verified(second)["title"]) == ("First", "Second")


def test_of_two_deleted_campaigns_with_one_title_one_is_restored(arena: Arena) -> None:
    for number in range(ROUNDS):
        ids = []
        for title in (f"Round {number}", f"ROUND {number}"):
            ids.append(arena.create(title)["id"])
            arena.ask("DELETE", f"campaigns/{ids[-1]}/", expect=204)
        answers = arena.race(Call(method="POST", path=f"campaigns/{pk}/restore/") for pk in ids)
        restored = winner(answers, status=200, losers=TAKEN)
        assert arena.verified(restored["id"])["version"] == 3
    assert len(arena.titles()) == ROUNDS
    assert arena.ask("GET", "campaigns/?deleted=true")["count"] == ROUNDS


def test_a_title_is_created_or_restored_but_not_both(arena: Arena) -> None:
    for number in range(ROUNDS):
        title = f"Round {number}"
        deleted = arena.create(title)["id"]
        arena.ask("DELETE", f"campaigns/{deleted}/", expect=204)
        created, restored = arena.race(
            [_create(title), Call(method="POST", path=f"campaigns/{deleted}/restore/")]
        )
        assert (created.status_code, restored.status_code) in {(201, 409), (409, 200)}
    assert len(arena.titles()) == ROUNDS


def test_twenty_duplicates_get_titles_of_their_own(arena: Arena) -> None:
    original = arena.create("Original")["id"]
    duplicate = Call(method="POST", path=f"campaigns/{original}/duplicate/")
    answers = arena.race([duplicate] * PARALLEL)
    assert statuses(answers) == {201: PARALLEL}
    assert len({title.casefold() for title in arena.titles()}) == PARALLEL + 1
    for answer in answers:
        assert arena.verified(answer.json()["id"])["version"] == 1
    assert arena.verified(original)["version"] == 1


def test_duplicates_find_a_title_while_others_take_titles(arena: Arena) -> None:
    """A free title may be gone when it is written: it is looked for again, or refused as taken."""
    original = arena.create("Original")["id"]
    creates = [_create(f"original (COPY {n})") for n in range(2, 2 + PARALLEL // 2)]
    duplicate = Call(method="POST", path=f"campaigns/{original}/duplicate/")
    answers = arena.race([*creates, *[duplicate] * (PARALLEL // 2)])
    assert set(statuses(answers)) <= {201, 409}
    stored = arena.titles()
    assert len({title.casefold() for title in stored}) == len(stored)
    assert len(stored) == 1 + statuses(answers)[201]


def test_of_twenty_duplicates_under_one_title_one_succeeds(arena: Arena) -> None:
    original = arena.create("Original")["id"]
    copy = Call(method="POST", path=f"campaigns/{original}/duplicate/", json={"title": "Copy"})
    winner(arena.race([copy] * PARALLEL), status=201, losers=TAKEN)
    assert arena.titles() == ["Copy", "Original"]
