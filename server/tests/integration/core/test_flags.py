"""Feature flags, and the one that there is: whether answers are kept."""

from __future__ import annotations

import pytest
from django.core.cache import caches

from accounts.models import Account
from core import flags
from core.models import Flag
from tests.fixtures.api import ApiClient, payload
from tests.fixtures.queries import counted_queries

pytestmark = pytest.mark.django_db

KEPT = "kept_answers"


@pytest.fixture(autouse=True)
def _ask() -> None:
    """Ask the database, which other tests do without."""
    caches["flags"].clear()
    flags.forget()


def _queries(api: ApiClient) -> list[int]:
    """Return how many queries the same list makes the second and the third time."""
    api.get("campaigns/")
    counts = []
    for _ in range(2):
        with counted_queries() as statements:
            answer = api.get("campaigns/")
        assert answer.status == 200
        counts.append(len(statements))
    return counts


def test_answers_are_kept_where_nobody_said_otherwise(api: ApiClient) -> None:
    api.post("campaigns/", payload())
    assert _queries(api) == [1, 1]


def test_whoever_turns_it_off_turns_it_off_for_everyone(api: ApiClient) -> None:
    api.post("campaigns/", payload())
    Flag.objects.create(name=KEPT, everyone=False)
    assert _queries(api) == [2, 2]
    tag = api.get("campaigns/").headers["ETag"]
    assert api.get("campaigns/", If_None_Match=tag).status == 304


def test_it_is_rolled_out_to_accounts_by_name(api: ApiClient, other: ApiClient) -> None:
    for client in (api, other):
        client.post("campaigns/", payload())
    flag = Flag.objects.create(name=KEPT)
    assert isinstance(flag, Flag)
    flag.users.add(Account.objects.get(pk=api.account_id))
    assert (_queries(api), _queries(other)) == ([1, 1], [2, 2])


def test_a_percentage_is_of_accounts_and_the_same_ones_each_time() -> None:
    flag = Flag(name=KEPT, percent=30, pk=1)
    chosen = {account for account in range(1, 2001) if flag.is_on_for(account)}
    assert 500 < len(chosen) < 700
    assert chosen == {account for account in range(1, 2001) if flag.is_on_for(account)}
    flag.percent = 60
    assert chosen < {account for account in range(1, 2001) if flag.is_on_for(account)}
    assert not flag.is_on_for(None)
