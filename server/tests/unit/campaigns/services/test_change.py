"""Changing campaigns: their values, their whole rate card, their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from campaigns.commands import CampaignCommand, CampaignDetails, ChangeCampaign
from campaigns.exceptions import CampaignNotFound, TitleTaken
from core.exceptions import VersionMismatch
from tests.factories.campaigns import LANDING_PAGE, terms
from tests.fixtures.fakes import COLLEAGUE, OTHER, OWNER, CampaignWorld, on, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaigns.models import Campaign
    from campaigns.services.campaigns import CampaignService

URL = "https://other.example.com/"


def change(world: CampaignWorld, campaign: Campaign, details: CampaignDetails) -> Campaign:
    return world.service.change(ChangeCampaign(**on(campaign), details=details))


def assert_untouched(world: CampaignWorld, campaign: Campaign) -> None:
    stored = world.store.stored(campaign.pk)
    assert stored.described() == campaign.described()
    assert (stored.version, stored.updated_at) == (1, campaign.created_at)
    assert world.store.writes == 0
    assert world.memory.history == []


class TestValues:
    def test_stores_what_is_given_and_leaves_the_rest(self, world: CampaignWorld) -> None:
        campaign = world.created(is_running=True)
        changed = change(world, campaign, CampaignDetails(title="Autumn"))
        stored = world.store.stored(campaign.pk)
        assert stored.described() == {**campaign.described(), "title": "Autumn"}
        assert shown(changed) == shown(stored)
        assert stored.title_key == "autumn"
        assert stored.search_key == f"autumn\n{LANDING_PAGE}"

    def test_raises_the_version_once_and_stamps_the_clock(self, world: CampaignWorld) -> None:
        campaign = world.created()
        details = CampaignDetails(
            title="Autumn", landing_page_url=URL, is_running=True, payouts=(terms("EE"),)
        )
        changed = change(world, campaign, details)
        stored = world.store.stored(campaign.pk)
        assert stored.version == changed.version == 2
        assert stored.updated_at == changed.updated_at == world.clock.now
        assert stored.created_at == campaign.created_at

    def test_records_old_and_new_of_what_changed(self, world: CampaignWorld) -> None:
        campaign = world.created()
        change(world, campaign, CampaignDetails(title="Autumn", landing_page_url=LANDING_PAGE))
        [recorded] = world.memory.history
        assert recorded.name == "campaign.changed"
        assert (recorded.old, recorded.new) == ({"title": "Spring"}, {"title": "Autumn"})
        assert (recorded.account_id, recorded.actor_id) == (OWNER, COLLEAGUE)
        assert (recorded.subject, recorded.at) == (("campaign", campaign.pk), world.clock.now)

    def test_records_each_kind_of_change(self, world: CampaignWorld) -> None:
        campaign = world.created()
        details = CampaignDetails(landing_page_url=URL, is_running=True)
        change(world, campaign, details)
        assert [(line.name, line.old, line.new) for line in world.memory.history] == [
            ("campaign.changed", {"landing_page_url": LANDING_PAGE}, {"landing_page_url": URL}),
            ("campaign.started", {"is_running": False}, {"is_running": True}),
        ]

    def test_the_same_values_change_nothing(self, world: CampaignWorld) -> None:
        campaign = world.created(payouts=(terms("EE"), terms(None, "1.5")))
        details = CampaignDetails(
            title=" Spring ",
            landing_page_url=LANDING_PAGE,
            is_running=False,
            payouts=(terms(None, "1.5000"), terms("EE")),
        )
        assert change(world, campaign, details).version == 1
        assert_untouched(world, campaign)

    def test_a_title_may_change_its_case(self, world: CampaignWorld) -> None:
        campaign = world.created()
        change(world, campaign, CampaignDetails(title="SPRING"))
        assert world.store.stored(campaign.pk).title == "SPRING"

    def test_a_taken_title_undoes_the_whole_change(self, world: CampaignWorld) -> None:
        world.created("Autumn")
        campaign = world.created()
        details = CampaignDetails(title="AUTUMN", payouts=(terms("EE"), terms("AT")))
        with pytest.raises(TitleTaken):
            change(world, campaign, details)
        stored = world.store.stored(campaign.pk)
        assert stored.described() == campaign.described()
        assert world.memory.history == []


class TestRateCard:
    def test_replaces_it_and_keeps_the_ids_of_countries_that_stay(
        self, world: CampaignWorld
    ) -> None:
        campaign = world.created(
            payouts=(terms(), terms("AT", "1"), terms("EE", "2"), terms("FI", "3"))
        )
        ids = {payout.country: payout.pk for payout in campaign.rate_card}
        wanted = (terms("FI", "3"), terms("SE", "4", "SEK"), terms("EE", "9"), terms())
        changed = change(world, campaign, CampaignDetails(payouts=wanted))
        stored = world.store.stored(campaign.pk).rate_card
        assert [(payout.country, payout.amount_text, payout.currency) for payout in stored] == [
            (None, "1.50", "EUR"),
            ("EE", "9.00", "EUR"),
            ("FI", "3.00", "EUR"),
            ("SE", "4.00", "SEK"),
        ]
        assert [payout.pk for payout in stored[:3]] == [ids[None], ids["EE"], ids["FI"]]
        assert stored[3].pk not in ids.values()
        assert [payout.pk for payout in changed.rate_card] == [payout.pk for payout in stored]

    def test_stamps_only_the_payouts_that_changed(self, world: CampaignWorld) -> None:
        campaign = world.created(payouts=(terms("AT"), terms("EE")))
        wanted = (terms("AT"), terms("EE", "9"), terms("FI"))
        change(world, campaign, CampaignDetails(payouts=wanted))
        stored = world.store.stored(campaign.pk).rate_card
        before, now = campaign.created_at, world.clock.now
        assert [(payout.created_at, payout.updated_at) for payout in stored] == [
            (before, before),
            (before, now),
            (now, now),
        ]

    def test_records_each_payout(self, world: CampaignWorld) -> None:
        campaign = world.created(payouts=(terms("AT"), terms("EE"), terms("FI")))
        wanted = (terms("EE", "9", "JPY"), terms("FI"), terms())
        change(world, campaign, CampaignDetails(payouts=wanted))
        at = {"country": "AT", "amount": "1.50", "currency": "EUR"}
        old = {"country": "EE", "amount": "1.50", "currency": "EUR"}
        new = {"country": "EE", "amount": "9", "currency": "JPY"}
        worldwide = {"country": None, "amount": "1.50", "currency": "EUR"}
        assert [(line.name, line.old, line.new) for line in world.memory.history] == [
            ("campaign.payout_removed", at, None),
            ("campaign.payout_changed", old, new),
            ("campaign.payout_added", None, worldwide),
        ]
        assert {line.subject for line in world.memory.history} == {("campaign", campaign.pk)}
        assert world.store.stored(campaign.pk).version == 2

    def test_a_country_may_take_the_place_of_the_world(self, world: CampaignWorld) -> None:
        campaign = world.created(payouts=(terms(),))
        change(world, campaign, CampaignDetails(payouts=(terms("EE"),)))
        stored = world.store.stored(campaign.pk).rate_card
        assert [payout.country for payout in stored] == ["EE"]


def start(service: CampaignService, command: CampaignCommand) -> Campaign:
    return service.start(command)


def stop(service: CampaignService, command: CampaignCommand) -> Campaign:
    return service.stop(command)


class TestState:
    @pytest.mark.parametrize(
        ("act", "name", "is_running"),
        [(start, "campaign.started", True), (stop, "campaign.stopped", False)],
    )
    def test_changes_and_records(
        self,
        world: CampaignWorld,
        *,
        act: Callable[[CampaignService, CampaignCommand], Campaign],
        name: str,
        is_running: bool,
    ) -> None:
        campaign = world.created(is_running=not is_running)
        changed = act(world.service, CampaignCommand(**on(campaign)))
        stored = world.store.stored(campaign.pk)
        assert stored.is_running is changed.is_running is is_running
        assert (stored.version, stored.updated_at) == (2, world.clock.now)
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == (name, COLLEAGUE)
        assert recorded.old == {"is_running": not is_running}
        assert recorded.new == {"is_running": is_running}

    @pytest.mark.parametrize(("act", "is_running"), [(start, True), (stop, False)])
    def test_twice_is_once(
        self,
        world: CampaignWorld,
        *,
        act: Callable[[CampaignService, CampaignCommand], Campaign],
        is_running: bool,
    ) -> None:
        campaign = world.created(is_running=is_running)
        assert act(world.service, CampaignCommand(**on(campaign))).version == 1
        assert_untouched(world, campaign)


def rename(service: CampaignService, command: CampaignCommand) -> Campaign:
    return service.change(
        ChangeCampaign(
            account_id=command.account_id,
            actor_id=command.actor_id,
            campaign_id=command.campaign_id,
            versions=command.versions,
            details=CampaignDetails(title="Autumn"),
        )
    )


def delete(service: CampaignService, command: CampaignCommand) -> None:
    service.delete(command)


@pytest.mark.parametrize("act", [start, rename, delete])
class TestRefusals:
    def test_somebody_elses_a_deleted_and_an_unused_one_are_alike(
        self, world: CampaignWorld, act: Callable[[CampaignService, CampaignCommand], object]
    ) -> None:
        campaign, deleted = world.created(), world.deleted("Gone")
        world.store.writes = 0
        refusals = []
        for target in (on(campaign, account_id=OTHER), on(deleted), on(4711)):
            with pytest.raises(CampaignNotFound) as refusal:
                act(world.service, CampaignCommand(**target))
            refusals.append(refusal.value.detail)
        assert len(set(refusals)) == 1
        assert_untouched(world, campaign)

    def test_another_version_refuses_and_says_which_is_current(
        self, world: CampaignWorld, act: Callable[[CampaignService, CampaignCommand], object]
    ) -> None:
        campaign = world.created()
        for versions in (frozenset[int](), frozenset({0, 2})):
            command = CampaignCommand(**on(campaign), versions=versions)
            with pytest.raises(VersionMismatch, match="the version is 1 by now"):
                act(world.service, command)
        assert_untouched(world, campaign)

    def test_one_of_several_known_versions_will_do(
        self, world: CampaignWorld, act: Callable[[CampaignService, CampaignCommand], object]
    ) -> None:
        campaign = world.created()
        act(world.service, CampaignCommand(**on(campaign), versions=frozenset({1, 7})))
        assert world.store.stored(campaign.pk).version == 2
