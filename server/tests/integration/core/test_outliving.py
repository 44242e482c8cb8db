"""An answer about one campaign stays right while others change, and no longer."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from django.db.models import F

from accounts.models import Account
from tests.fixtures.api import payout
from tests.fixtures.front import OF_ONE, Django, comparable
from tests.fixtures.queries import counted_queries

if TYPE_CHECKING:
    from tests.fixtures.front import Sender

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", OF_ONE)
@pytest.mark.parametrize("headers", [{}, {"Accept_Encoding": "gzip"}])
def test_changes_of_other_campaigns_leave_an_answer_right(
    sender: Sender, path: str, headers: dict[str, str]
) -> None:
    first = sender.get(path, **headers)
    for action in ("start", "stop", "start"):
        sender.api.post(f"campaigns/{sender.ids['other']}/{action}/")
    sender.api.create("Another")
    with counted_queries() as queries:
        again = sender.get(path, **headers)
    assert comparable(again) == comparable(first)
    assert len(sender.made) == 1
    assert len(queries) == 1


@pytest.mark.parametrize("path", OF_ONE)
def test_more_changes_than_are_known_leave_nothing_right(sender: Sender, path: str) -> None:
    sender.get(path)
    for action in ["start", "stop"] * 25:
        sender.api.post(f"campaigns/{sender.ids['other']}/{action}/")
    sender.get(path)
    assert len(sender.made) == 2


def test_a_change_of_many_leaves_nothing_right(sender: Sender) -> None:
    sender.get()
    ids = [sender.ids["campaign"], sender.ids["other"]]
    sender.api.post("campaigns/bulk/", {"action": "start", "ids": ids})
    sender.api.post(f"campaigns/{sender.ids['other']}/stop/")
    assert sender.get().json["is_running"] is True


def test_a_version_that_went_back_leaves_nothing_right(sender: Sender) -> None:
    """As with a copy that is put back: whatever was before, another thing was answered then."""
    sender.api.post(f"campaigns/{sender.ids['other']}/start/")
    sender.get()
    Account.objects.update(campaigns_version=F("campaigns_version") - 1)
    sender.get()
    assert len(sender.made) == 2


def test_whatever_is_written_what_is_given_again_is_right(sender: Sender) -> None:
    chance = random.Random(28)
    numbers = sender.ids

    def write() -> None:
        one = chance.choice([numbers["campaign"], numbers["other"]])
        method, path, body = chance.choice(
            [
                ("POST", f"campaigns/{one}/start/", None),
                ("POST", f"campaigns/{one}/stop/", None),
                ("PATCH", f"campaigns/{one}/", {"title": f"Title {chance.random()}"}),
                ("DELETE", f"campaigns/{one}/", None),
                ("POST", f"campaigns/{one}/restore/", None),
                ("POST", f"campaigns/{one}/payouts/", payout(chance.choice(["IT", "PL"]))),
                ("POST", f"campaigns/{one}/duplicate/", None),
                ("POST", "campaigns/bulk/", {"action": "stop", "ids": [one]}),
                (
                    "PUT",
                    f"campaigns/{numbers['campaign']}/payouts/{numbers['payout']}/",
                    payout("DE", f"{chance.randint(1, 99)}.00"),
                ),
            ]
        )
        assert sender.api.send(method, path, body).status < 500

    paths = [*OF_ONE, "campaigns/{other}/"]
    for _ in range(60):
        write()
        for path in paths:
            assert comparable(sender.get(path)) == comparable(sender.send("GET", path, to=Django()))
    assert len(sender.made) < 200, "of 240"
