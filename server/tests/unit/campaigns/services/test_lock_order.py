"""In which order a write takes its locks: the campaigns first, the account's version last.

Titles are written under the version, so that the writes of an account cannot wait in a circle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from campaigns import commands
from campaigns.commands import Bulk, BulkAction, CampaignDetails
from campaigns.exceptions import TitleTaken
from core.exceptions import VersionMismatch
from tests.factories.campaigns import LANDING_PAGE, terms
from tests.fixtures.campaign_store import CAMPAIGN_LOCKED, TITLE_WRITTEN, VERSION_RAISED
from tests.fixtures.fakes import COLLEAGUE, OTHER, OWNER, CampaignWorld, on

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaigns.models import Campaign

    Write = Callable[[CampaignWorld, Campaign], object]

FULL = [CAMPAIGN_LOCKED, VERSION_RAISED, TITLE_WRITTEN]


def create(world: CampaignWorld, _campaign: Campaign) -> object:
    return world.service.create(
        commands.CreateCampaign(
            account_id=OWNER,
            actor_id=COLLEAGUE,
            title="Another",
            landing_page_url=LANDING_PAGE,
            payouts=(terms(),),
        )
    )


def duplicate(world: CampaignWorld, campaign: Campaign) -> object:
    return world.service.duplicate(commands.DuplicateCampaign(**on(campaign)))


def rename(world: CampaignWorld, campaign: Campaign, title: str = "Another") -> object:
    details = CampaignDetails(title=title)
    return world.service.change(commands.ChangeCampaign(**on(campaign), details=details))


def replace(world: CampaignWorld, campaign: Campaign) -> object:
    details = CampaignDetails(title="Another", payouts=(terms("EE"), terms("FI")))
    return world.service.change(commands.ChangeCampaign(**on(campaign), details=details))


def start(world: CampaignWorld, campaign: Campaign) -> object:
    return world.service.start(commands.CampaignCommand(**on(campaign)))


def delete(world: CampaignWorld, campaign: Campaign) -> object:
    world.service.delete(commands.CampaignCommand(**on(campaign)))
    return None


def add_payout(world: CampaignWorld, campaign: Campaign) -> object:
    return world.service.add_payout(commands.AddPayout(**on(campaign), terms=terms("FI")))


def change_payout(world: CampaignWorld, campaign: Campaign) -> object:
    payout = campaign.rate_card[0]
    command = commands.ChangePayout(**on(campaign), payout_id=payout.pk, country="FI")
    return world.service.change_payout(command)


def remove_payout(world: CampaignWorld, campaign: Campaign) -> object:
    payout = campaign.rate_card[0]
    world.service.remove_payout(commands.PayoutCommand(**on(campaign), payout_id=payout.pk))
    return None


def bulk(world: CampaignWorld, *campaigns: Campaign, action: BulkAction) -> object:
    ids = tuple(campaign.pk for campaign in campaigns)
    return world.bulk.apply(
        Bulk(account_id=OWNER, actor_id=COLLEAGUE, action=action, campaign_ids=ids)
    )


@pytest.mark.parametrize(
    "write",
    [duplicate, rename, replace, start, delete, add_payout, change_payout, remove_payout],
)
def test_a_campaign_is_locked_then_the_version_raised_then_its_title_written(
    world: CampaignWorld, write: Write
) -> None:
    campaign = world.created(payouts=(terms(), terms("EE")))
    write(world, campaign)
    assert world.store.locks == FULL
    assert (world.store.version(OWNER), world.store.version(OTHER)) == (3, 1)


def test_a_new_one_has_nothing_to_lock(world: CampaignWorld) -> None:
    create(world, world.created())
    assert world.store.locks == [VERSION_RAISED, TITLE_WRITTEN]
    assert world.store.version(OWNER) == 3


def test_a_restored_one_is_locked_first_too(world: CampaignWorld) -> None:
    deleted = world.deleted()
    world.service.restore(commands.RestoreCampaign(**on(deleted)))
    assert world.store.locks == FULL


@pytest.mark.parametrize("action", BulkAction)
def test_many_are_locked_at_once_and_raise_the_version_once(
    world: CampaignWorld, action: BulkAction
) -> None:
    made: dict[str, Any] = {"is_running": action is BulkAction.STOP}
    make = world.deleted if action is BulkAction.RESTORE else world.created
    campaigns = [make(title, **made) for title in ("One", "Two")]
    before = world.store.version(OWNER)
    bulk(world, *campaigns, action=action)
    assert world.store.locks == FULL
    assert world.store.version(OWNER) == before + 1


def test_what_changes_nothing_raises_no_version(world: CampaignWorld) -> None:
    campaign = world.created(payouts=(terms(), terms("EE")))
    same = CampaignDetails(title="Spring", payouts=(terms("EE"), terms()))
    unchanged = commands.ChangeCampaign(**on(campaign), details=same)
    payout = commands.ChangePayout(
        **on(campaign), payout_id=campaign.rate_card[0].pk, keep_country=True
    )
    world.service.change(unchanged)
    world.service.stop(commands.CampaignCommand(**on(campaign)))
    world.service.restore(commands.RestoreCampaign(**on(campaign)))
    world.service.change_payout(payout)
    bulk(world, campaign, action=BulkAction.STOP)
    assert world.store.locks == [CAMPAIGN_LOCKED] * 5
    assert world.store.version(OWNER) == 2


def test_what_is_refused_raises_no_version(world: CampaignWorld) -> None:
    world.created("Taken")
    campaign = world.created()
    with pytest.raises(TitleTaken):
        rename(world, campaign, "TAKEN")
    with pytest.raises(VersionMismatch):
        world.service.delete(commands.CampaignCommand(**on(campaign), versions=frozenset({9})))
    assert world.store.version(OWNER) == 3
