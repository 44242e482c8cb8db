"""A rate card keeps its rules, however many change it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.races.arena import PARALLEL, WORLDWIDE, Call, statuses, winner

if TYPE_CHECKING:
    from tests.integration.races.arena import Arena

TAKEN = (409, "country_taken")
ROUNDS = 25
COUNTRIES = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "ES",
    "FI",
    "FR",
    "GR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
]


def _payout(country: str | None, amount: str = "2.00") -> dict[str, Any]:
    return {"country": country, "amount": amount, "currency": "EUR"}


@pytest.mark.parametrize("country", ["EE", None])
def test_of_twenty_payouts_for_one_country_one_is_added(arena: Arena, country: str | None) -> None:
    campaign = arena.create("", _payout("LV"))["id"]
    path = f"campaigns/{campaign}/payouts/"
    answers = arena.race(
        Call(method="POST", path=path, json=_payout(country, f"{number}.00"))
        for number in range(1, 1 + PARALLEL)
    )
    added = winner(answers, status=201, losers=TAKEN)
    stored = arena.verified(campaign)
    assert stored["version"] == 2
    assert [payout for payout in stored["payouts"] if payout["country"] == country] == [added]


@pytest.mark.parametrize("country", ["EE", None])
def test_of_twenty_payouts_that_move_to_one_country_one_does(
    arena: Arena, country: str | None
) -> None:
    campaign = arena.create("", *[_payout(code) for code in COUNTRIES])
    answers = arena.race(
        Call(
            method="PATCH",
            path=f"campaigns/{campaign['id']}/payouts/{payout['id']}/",
            json={"country": country},
        )
        for payout in campaign["payouts"]
    )
    moved = winner(answers, status=200, losers=TAKEN)
    stored = arena.verified(campaign["id"])
    assert stored["version"] == 2
    assert [row["id"] for row in stored["payouts"] if row["country"] == country] == [moved["id"]]


def test_of_the_last_two_payouts_one_stays(arena: Arena) -> None:
    for _ in range(ROUNDS):
        campaign = arena.create("", _payout("EE"), WORLDWIDE)
        path = f"campaigns/{campaign['id']}/payouts/"
        answers = arena.race(
            Call(method="DELETE", path=f"{path}{payout['id']}/") for payout in campaign["payouts"]
        )
        winner(answers, status=204, losers=(409, "last_payout"))
        stored = arena.verified(campaign["id"])
        assert (len(stored["payouts"]), stored["version"]) == (1, 2)


def test_of_twenty_payouts_the_last_one_stays(arena: Arena) -> None:
    campaign = arena.create("", *[_payout(code) for code in COUNTRIES])
    path = f"campaigns/{campaign['id']}/payouts/"
    answers = arena.race(
        Call(method="DELETE", path=f"{path}{payout['id']}/") for payout in campaign["payouts"]
    )
    assert statuses(answers) == {204: PARALLEL - 1, 409: 1}
    stored = arena.verified(campaign["id"])
    assert (len(stored["payouts"]), stored["version"]) == (1, PARALLEL)


def test_of_twenty_replacements_of_one_version_one_succeeds(arena: Arena) -> None:
    campaign = arena.create("Contested")
    answers = arena.race(
        Call(
            method="PUT",
            path=f"campaigns/{campaign['id']}/",
            json=campaign | {"payouts": [_payout(None, f"{number}.50")]},
            headers={"If-Match": '"1-1"'},
        )
        for number in range(1, 1 + PARALLEL)
    )
    replaced = winner(answers, status=200, losers=(412, "version_mismatch"))
    assert arena.verified(campaign["id"]) == replaced
    assert replaced["version"] == 2


def test_concurrent_replacements_leave_one_whole_rate_card(arena: Arena) -> None:
    """The last write wins as a whole: no two rate cards are mixed."""
    campaign = arena.create("Contested", _payout("EE"), _payout("LV"), WORLDWIDE)
    countries = ["EE", "LV", "LT", "FI", "SE", None]
    cards = [
        [_payout(country, f"{number}.25") for country in countries[number % 4 : number % 4 + 3]]
        for number in range(1, 1 + PARALLEL)
    ]
    answers = arena.race(
        Call(method="PUT", path=f"campaigns/{campaign['id']}/", json=campaign | {"payouts": card})
        for card in cards
    )
    assert statuses(answers) == {200: PARALLEL}
    stored = arena.verified(campaign["id"])
    assert stored["version"] == 1 + PARALLEL
    assert stored in [answer.json() for answer in answers]
    kept = [
        {name: payout[name] for name in ("country", "amount", "currency")}
        for payout in stored["payouts"]
    ]
    assert kept in [sorted(card, key=lambda payout: payout["country"] or "") for card in cards]


def test_single_payouts_and_whole_rate_cards_do_not_tread_on_each_other(arena: Arena) -> None:
    campaign = arena.create("Contested", _payout("EE"), _payout("LV"), WORLDWIDE)
    path = f"campaigns/{campaign['id']}/"
    for _ in range(5):
        stored = arena.verified(campaign["id"])
        payout = stored["payouts"][0]["id"]
        calls = [
            Call(method="PUT", path=path, json=stored),
            Call(method="PATCH", path=path, json={"payouts": [_payout("SE"), _payout("EE")]}),
            Call(method="POST", path=f"{path}payouts/", json=_payout("FI")),
            Call(method="POST", path=f"{path}payouts/", json=_payout("SE", "9.99")),
            Call(method="PATCH", path=f"{path}payouts/{payout}/", json={"amount": "7.77"}),
            Call(method="PUT", path=f"{path}payouts/{payout}/", json=_payout("LT")),
            Call(method="DELETE", path=f"{path}payouts/{payout}/"),
            Call(method="POST", path=f"{path}start/"),
            Call(method="POST", path=f"{path}stop/"),
            Call(method="GET", path=path),
        ]
        answers = arena.race(calls * 2)
        assert set(statuses(answers)) <= {200, 201, 204, 404, 409}
        assert arena.verified(campaign["id"])["payouts"]
