"""An account says which campaigns its last versions changed, so that others' answers stay right."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Account
from accounts.rules import LONGEST_RECENT_CHANGES
from campaigns.caching import outlives, state
from campaigns.repositories import CampaignRepository
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    created: Account = AccountFactory.create()
    return created


def raised(account: Account, *campaign_ids: int | None) -> Any:
    """Raise its version for each; return a request of it."""
    for campaign_id in campaign_ids:
        CampaignRepository().raise_version(account_id=account.pk, campaign_id=campaign_id)
    return SimpleNamespace(user=Account.objects.get(pk=account.pk))


def test_the_last_changes_are_named(account: Account) -> None:
    raised(account, 7, None, 12)
    account.refresh_from_db()
    assert account.campaigns_version == 4
    assert account.recent_changes == "4:12;2:7;"


def test_as_many_are_named_as_there_is_room_for(account: Account) -> None:
    raised(account, *range(1_000_000, 1_000_040))
    account.refresh_from_db()
    assert account.recent_changes.startswith("41:1000039;40:1000038;")
    assert len(account.recent_changes) == LONGEST_RECENT_CHANGES


@pytest.mark.parametrize(
    ("changed", "is_right"),
    [
        ([8], True),
        ([8, 9, 8], True),
        ([0], True),
        ([77], True),
        ([], False),  # the same state is no other
        ([7], False),
        ([7, 8], False),
        ([8, 7, 8], False),
        ([None], False),
        ([8, None], False),
        ([8] * 100, False),
    ],
)
def test_an_answer_outlives_changes_of_others(
    account: Account, changed: list[int | None], *, is_right: bool
) -> None:
    raised(account, 7)
    then = state(raised(account, 8))
    assert outlives(raised(account, *changed), then, campaign_id=7) is is_right


def test_one_that_is_cut_off_is_not_read(account: Account) -> None:
    """What is left of its number could be another's."""
    then = state(raised(account))
    now = raised(account, *[123] * 30)
    now.user.recent_changes = "2:123;"[:-3]
    now.user.campaigns_version = 2
    assert now.user.recent_changes == "2:1"
    assert not outlives(now, then, campaign_id=7)


def test_another_form_or_account_is_not_outlived(account: Account) -> None:
    then = state(raised(account))
    now = raised(account, 8)
    assert outlives(now, then, campaign_id=7)
    assert not outlives(now, then + "0", campaign_id=7)
    assert not outlives(now, f"1{then}", campaign_id=7)
