"""The rate card, one payout at a time."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from campaigns.commands import AddPayout, ChangePayout, PayoutCommand
from campaigns.exceptions import CampaignNotFound, CountryTaken, LastPayout, PayoutNotFound
from core.exceptions import RuleViolation, VersionMismatch
from tests.factories.campaigns import terms
from tests.fixtures.fakes import COLLEAGUE, OTHER, CampaignWorld, on

if TYPE_CHECKING:
    from campaigns.models import Campaign, CampaignPayout


@pytest.fixture
def campaign(world: CampaignWorld) -> Campaign:
    """Return a campaign that pays worldwide and in Estonia."""
    return world.created(payouts=(terms("EE", "2"), terms()))


def one(payout: CampaignPayout | int, **values: Any) -> dict[str, Any]:
    """Return which payout a command is for."""
    return {"payout_id": payout if isinstance(payout, int) else payout.pk, **values}


def card(world: CampaignWorld, campaign: Campaign) -> list[tuple[str | None, str, str]]:
    return [
        (payout.country, payout.amount_text, payout.currency)
        for payout in world.store.stored(campaign.pk).rate_card
    ]


def assert_untouched(world: CampaignWorld, campaign: Campaign) -> None:
    stored = world.store.stored(campaign.pk)
    assert stored.described() == campaign.described()
    assert (stored.version, stored.updated_at) == (1, campaign.created_at)
    assert world.memory.history == []


class TestAdd:
    @pytest.mark.parametrize(
        ("country", "expected"),
        [("AT", [None, "AT", "EE"]), ("FI", [None, "EE", "FI"])],
    )
    def test_stores_it_in_order_and_raises_the_version(
        self,
        world: CampaignWorld,
        campaign: Campaign,
        country: str,
        expected: list[str | None],
    ) -> None:
        command = AddPayout(**on(campaign), terms=terms(country, "9", "JPY"))
        changed, payout = world.service.add_payout(command)
        stored = world.store.stored(campaign.pk)
        assert [other.country for other in stored.rate_card] == expected
        assert [other.country for other in changed.rate_card] == expected
        assert (country, "9", "JPY") in card(world, campaign)
        assert payout.pk in {other.pk for other in stored.rate_card}
        assert payout.created_at == payout.updated_at == world.clock.now
        assert stored.version == changed.version == 2
        assert stored.updated_at == world.clock.now

    def test_records_it(self, world: CampaignWorld, campaign: Campaign) -> None:
        world.service.add_payout(AddPayout(**on(campaign), terms=terms("AT", "9", "JPY")))
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("campaign.payout_added", COLLEAGUE)
        assert (recorded.old, recorded.new) == (
            None,
            {"country": "AT", "amount": "9", "currency": "JPY"},
        )
        assert recorded.subject == ("campaign", campaign.pk)

    @pytest.mark.parametrize(("country", "name"), [("EE", "Estonia"), (None, "Worldwide")])
    def test_refuses_a_country_that_is_paid(
        self, world: CampaignWorld, campaign: Campaign, country: str | None, name: str
    ) -> None:
        with pytest.raises(CountryTaken, match=name):
            world.service.add_payout(AddPayout(**on(campaign), terms=terms(country, "9")))
        assert_untouched(world, campaign)


class TestChange:
    def test_stores_what_is_given(self, world: CampaignWorld, campaign: Campaign) -> None:
        estonia = campaign.rate_card[1]
        command = ChangePayout(
            **on(campaign), **one(estonia), country="AT", amount=Decimal(9), currency="JPY"
        )
        changed, payout = world.service.change_payout(command)
        stored = world.store.stored(campaign.pk)
        assert card(world, campaign) == [(None, "1.50", "EUR"), ("AT", "9", "JPY")]
        assert payout.pk == stored.rate_card[1].pk == estonia.pk
        assert stored.rate_card[1].updated_at == world.clock.now
        assert stored.rate_card[1].created_at == campaign.created_at
        assert stored.rate_card[0].updated_at == campaign.created_at
        assert stored.version == changed.version == 2

    def test_keeps_what_is_not_given(self, world: CampaignWorld, campaign: Campaign) -> None:
        estonia = campaign.rate_card[1]
        world.service.change_payout(
            ChangePayout(**on(campaign), **one(estonia), keep_country=True, currency="JPY")
        )
        assert card(world, campaign)[1] == ("EE", "2", "JPY")
        world.service.change_payout(
            ChangePayout(**on(campaign), **one(estonia), keep_country=True, amount=Decimal(7))
        )
        assert card(world, campaign)[1] == ("EE", "7", "JPY")

    def test_can_become_worldwide_and_comes_first_then(self, world: CampaignWorld) -> None:
        campaign = world.created(payouts=(terms("AT"), terms("EE", "2")))
        changed, _ = world.service.change_payout(
            ChangePayout(**on(campaign), **one(campaign.rate_card[1]), country=None)
        )
        assert [payout.country for payout in changed.rate_card] == [None, "AT"]
        assert card(world, campaign)[0] == (None, "2.00", "EUR")

    def test_records_old_and_new(self, world: CampaignWorld, campaign: Campaign) -> None:
        world.service.change_payout(
            ChangePayout(**on(campaign), **one(campaign.rate_card[1]), country="AT")
        )
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("campaign.payout_changed", COLLEAGUE)
        assert recorded.old == {"country": "EE", "amount": "2.00", "currency": "EUR"}
        assert recorded.new == {"country": "AT", "amount": "2.00", "currency": "EUR"}

    def test_the_same_terms_change_nothing(self, world: CampaignWorld, campaign: Campaign) -> None:
        command = ChangePayout(
            **on(campaign), **one(campaign.rate_card[1]), country="EE", amount=Decimal("2.000")
        )
        changed, _ = world.service.change_payout(command)
        assert (changed.version, world.store.writes) == (1, 0)
        assert_untouched(world, campaign)

    @pytest.mark.parametrize(("index", "country"), [(0, "EE"), (1, None)])
    def test_refuses_a_country_that_another_payout_has(
        self, world: CampaignWorld, campaign: Campaign, index: int, country: str | None
    ) -> None:
        command = ChangePayout(**on(campaign), **one(campaign.rate_card[index]), country=country)
        with pytest.raises(CountryTaken):
            world.service.change_payout(command)
        assert_untouched(world, campaign)

    @pytest.mark.parametrize(
        "values", [{"country": "XX"}, {"amount": Decimal(0)}, {"currency": "XAU"}]
    )
    def test_refuses_what_no_payout_may_have(
        self, world: CampaignWorld, campaign: Campaign, values: dict[str, Any]
    ) -> None:
        with pytest.raises(RuleViolation):
            world.service.change_payout(
                ChangePayout(**on(campaign), **one(campaign.rate_card[1]), **values)
            )
        assert_untouched(world, campaign)


class TestRemove:
    def test_removes_it_and_raises_the_version(
        self, world: CampaignWorld, campaign: Campaign
    ) -> None:
        world.service.remove_payout(PayoutCommand(**on(campaign), **one(campaign.rate_card[0])))
        stored = world.store.stored(campaign.pk)
        assert card(world, campaign) == [("EE", "2.00", "EUR")]
        assert (stored.version, stored.updated_at) == (2, world.clock.now)

    def test_records_what_it_was(self, world: CampaignWorld, campaign: Campaign) -> None:
        world.service.remove_payout(PayoutCommand(**on(campaign), **one(campaign.rate_card[0])))
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("campaign.payout_removed", COLLEAGUE)
        assert recorded.old == {"country": None, "amount": "1.50", "currency": "EUR"}
        assert recorded.new is None

    def test_the_last_one_stays(self, world: CampaignWorld) -> None:
        campaign = world.created()
        with pytest.raises(LastPayout):
            world.service.remove_payout(PayoutCommand(**on(campaign), **one(campaign.rate_card[0])))
        assert_untouched(world, campaign)


def test_a_payout_belongs_to_its_campaign(world: CampaignWorld, campaign: Campaign) -> None:
    neighbour = world.created("Neighbour", payouts=(terms(), terms("AT")))
    for payout_id in (neighbour.rate_card[0].pk, 4711):
        with pytest.raises(PayoutNotFound):
            world.service.change_payout(
                ChangePayout(**on(campaign), **one(payout_id), currency="JPY")
            )
        with pytest.raises(PayoutNotFound):
            world.service.remove_payout(PayoutCommand(**on(campaign), **one(payout_id)))
    assert_untouched(world, campaign)
    assert_untouched(world, neighbour)


def test_the_campaign_is_the_owners_live_and_at_a_known_version(
    world: CampaignWorld, campaign: Campaign
) -> None:
    deleted = world.deleted("Gone")
    payout = one(campaign.rate_card[1])
    refused = [
        (on(campaign, account_id=OTHER), None, CampaignNotFound),
        (on(deleted), None, CampaignNotFound),
        (on(4711), None, CampaignNotFound),
        (on(campaign), frozenset({2}), VersionMismatch),
    ]
    for target, versions, refusal in refused:
        known = {**target, "versions": versions}
        with pytest.raises(refusal):
            world.service.add_payout(AddPayout(**known, terms=terms("AT")))
        with pytest.raises(refusal):
            world.service.change_payout(ChangePayout(**known, **payout, currency="JPY"))
        with pytest.raises(refusal):
            world.service.remove_payout(PayoutCommand(**known, **payout))
    assert_untouched(world, campaign)
