"""A body within its limit costs little and is answered shortly, whatever is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.api import payload

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db
SHORT = 100_000


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("campaigns/", payload(payouts=[{}] * 200_000), ("/payouts", "max_length")),
        ("campaigns/bulk/", {"action": "stop", "ids": [""] * 200_000}, ("/ids", "max_length")),
        ("campaigns/bulk/", {"action": "stop", "ids": {}}, ("/ids", "not_a_list")),
        ("campaigns/", payload(payouts={}), ("/payouts", "not_a_list")),
        ("campaigns/", payload("e" + "\u0301\u0316" * 80_000), ("/title", "max_length")),
    ],
    ids=str,
)
def test_what_is_too_much_is_refused_at_once(
    api: ApiClient, path: str, body: dict[str, Any], place: tuple[str, str]
) -> None:
    answer = api.post(path, body)
    assert (answer.status, answer.places) == (400, [place])


def test_no_more_than_a_hundred_wrong_values_are_named(anonymous: ApiClient) -> None:
    answer = anonymous.post("auth/signin/", {f"unknown{number}": 1 for number in range(20_000)})
    assert (answer.status, len(answer.places)) == (400, 100)
    assert len(answer.content) < SHORT
