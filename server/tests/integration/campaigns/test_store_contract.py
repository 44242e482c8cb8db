"""What the use cases may rely on, asked of the repository and of the fake alike (locks aside)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError

from campaigns import rules
from campaigns.exceptions import CampaignNotFound, CountryTaken, TitleTaken
from campaigns.models import CampaignPayout
from campaigns.rendering import rate_card_json
from tests.factories.campaigns import terms
from tests.fixtures.memory import START
from tests.integration.campaigns.stores import Stores, fake_stores, real_stores, unsaved

if TYPE_CHECKING:
    from datetime import datetime

    from campaigns.models import Campaign

NOW = START + timedelta(days=40)
OUTDATED = NOW - rules.RESTORABLE_FOR
RESTORABLE = OUTDATED + timedelta(microseconds=1)
UNUSED = 987_654_321


@pytest.fixture(
    params=[
        pytest.param(fake_stores, id="fake"),
        pytest.param(real_stores, id="real", marks=pytest.mark.django_db),
    ]
)
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.param()
    return made


GETTERS = ["get_for_update", "get_with_rate_card_for_update"]


class TestGetForUpdate:
    def get(self, stores: Stores, getter: str, campaign_id: int, account_id: int = 0) -> Campaign:
        with stores.atomic():
            found: Campaign = getattr(stores.store, getter)(
                account_id=account_id or stores.owner, campaign_id=campaign_id
            )
        return found

    @pytest.mark.parametrize("rendered", [True, False])
    def test_returns_the_campaign_as_it_can_be_shown(
        self, stores: Stores, *, rendered: bool
    ) -> None:
        payouts = (terms("EE", "2"), terms("AT", "3"), terms(None, "1"))
        added = stores.added(payouts=payouts, rendered=rendered)
        campaign = self.get(stores, "get_for_update", added.pk)
        assert (campaign.pk, campaign.title, campaign.version) == (added.pk, "Spring", 1)
        assert campaign.is_rendered
        assert campaign.rendered_payouts == rate_card_json(stores.read(added).rate_card)
        assert stores.read(added).is_rendered is rendered

    @pytest.mark.parametrize("rendered", [True, False])
    def test_returns_the_campaign_with_its_rate_card_in_order(
        self, stores: Stores, *, rendered: bool
    ) -> None:
        payouts = (terms("EE", "2"), terms("AT", "3"), terms(None, "1"))
        added = stores.added(payouts=payouts, rendered=rendered)
        campaign = self.get(stores, "get_with_rate_card_for_update", added.pk)
        assert (campaign.pk, campaign.title, campaign.version) == (added.pk, "Spring", 1)
        assert [payout.country for payout in campaign.rate_card] == [None, "AT", "EE"]
        assert all(payout.campaign is campaign for payout in campaign.rate_card)

    @pytest.mark.parametrize("getter", GETTERS)
    def test_somebody_elses_is_as_little_there_as_an_unused_id(
        self, stores: Stores, getter: str
    ) -> None:
        added = stores.added()
        for account_id, campaign_id in [(stores.other, added.pk), (stores.owner, UNUSED)]:
            with pytest.raises(CampaignNotFound):
                self.get(stores, getter, campaign_id, account_id)

    @pytest.mark.parametrize("getter", GETTERS)
    def test_a_deleted_one_is_not_there(self, stores: Stores, getter: str) -> None:
        added = stores.added(deleted_at=NOW)
        with pytest.raises(CampaignNotFound):
            self.get(stores, getter, added.pk)

    def test_what_is_not_saved_is_not_stored(self, stores: Stores) -> None:
        added = stores.added()
        campaign = self.get(stores, "get_with_rate_card_for_update", added.pk)
        campaign.edit(title="Autumn", landing_page_url=None)
        campaign.rate_card[0].amount = Decimal(9)
        campaign.set_rate_card(campaign.rate_card)
        found = stores.read(added)
        assert found.title == "Spring"
        assert found.rate_card[0].amount == Decimal("1.5")
        assert found.rendered_payouts == added.rendered_payouts


class TestGetDeletedForUpdate:
    @pytest.mark.parametrize("rendered", [True, False])
    @pytest.mark.parametrize("deleted_at", [None, RESTORABLE, NOW])
    def test_returns_live_and_restorable_ones(
        self, stores: Stores, deleted_at: datetime | None, *, rendered: bool
    ) -> None:
        payouts = (terms("EE"), terms())
        added = stores.added(deleted_at=deleted_at, payouts=payouts, rendered=rendered)
        with stores.atomic():
            campaign = stores.store.get_deleted_for_update(
                account_id=stores.owner, campaign_id=added.pk, at=NOW
            )
        assert campaign.deleted_at == deleted_at
        assert campaign.is_rendered
        assert campaign.rendered_payouts == rate_card_json(stores.read(added).rate_card)

    def test_after_thirty_days_it_is_not_there(self, stores: Stores) -> None:
        added = stores.added(deleted_at=OUTDATED)
        with pytest.raises(CampaignNotFound), stores.atomic():
            stores.store.get_deleted_for_update(
                account_id=stores.owner, campaign_id=added.pk, at=NOW
            )

    def test_somebody_elses_is_as_little_there_as_an_unused_id(self, stores: Stores) -> None:
        added = stores.added(deleted_at=NOW)
        for account_id, campaign_id in [(stores.other, added.pk), (stores.owner, UNUSED)]:
            with pytest.raises(CampaignNotFound), stores.atomic():
                stores.store.get_deleted_for_update(
                    account_id=account_id, campaign_id=campaign_id, at=NOW
                )


class TestAdd:
    def test_stores_every_value_and_gives_an_id(self, stores: Stores) -> None:
        added = stores.added("Straße", payouts=(terms("EE", "0.0005", "CLF"),))
        found = stores.read(added)
        assert found.described() == {
            "title": "Straße",
            "landing_page_url": added.landing_page_url,
            "is_running": False,
            "payouts": [{"country": "EE", "amount": "0.0005", "currency": "CLF"}],
        }
        assert (found.account_id, found.title_key) == (stores.owner, "strasse")
        assert (found.created_at, found.updated_at, found.deleted_at) == (START, START, None)

    def test_a_title_is_taken_whatever_its_case(self, stores: Stores) -> None:
        stores.added("Straße")
        with pytest.raises(TitleTaken, match="STRASSE"), stores.atomic():
            stores.store.add(unsaved("STRASSE", account_id=stores.owner))

    def test_a_title_is_free_for_others_and_once_its_campaign_is_deleted(
        self, stores: Stores
    ) -> None:
        stores.added(deleted_at=NOW)
        stores.added(deleted_at=NOW)
        stores.added(account_id=stores.other)
        assert stores.read(stores.added()).title == "Spring"


class TestSave:
    def test_stores_every_value(self, stores: Stores) -> None:
        campaign = stores.added()
        campaign.edit(title="Autumn", landing_page_url="https://example.com/")
        campaign.start()
        campaign.touch(at=NOW)
        with stores.atomic():
            stores.store.save(campaign)
        found = stores.read(campaign)
        assert (found.title, found.title_key, found.is_running) == ("Autumn", "autumn", True)
        assert (found.landing_page_url, found.version) == ("https://example.com/", 2)
        assert (found.created_at, found.updated_at) == (START, NOW)

    def test_a_title_may_be_taken_by_then(self, stores: Stores) -> None:
        stores.added("Autumn")
        campaign = stores.added()
        campaign.edit(title="AUTUMN", landing_page_url=None)
        with pytest.raises(TitleTaken, match="AUTUMN"), stores.atomic():
            stores.store.save(campaign)
        assert stores.read(campaign).title == "Spring"

    def test_its_own_title_is_free(self, stores: Stores) -> None:
        campaign = stores.added()
        campaign.edit(title="SPRING", landing_page_url=None)
        with stores.atomic():
            stores.store.save(campaign)
        assert stores.read(campaign).title == "SPRING"

    def test_a_deleted_one_takes_no_title(self, stores: Stores) -> None:
        campaign = stores.added()
        campaign.delete_softly(at=NOW)
        with stores.atomic():
            stores.store.save(campaign)
        stores.added()
        assert stores.read(campaign).deleted_at == NOW

    def test_restoring_needs_a_free_title(self, stores: Stores) -> None:
        campaign = stores.added(deleted_at=NOW)
        stores.added()
        campaign.restore()
        with pytest.raises(TitleTaken), stores.atomic():
            stores.store.save(campaign)
        assert stores.read(campaign).deleted_at == NOW


class TestPayouts:
    def test_added_ones_get_ids_that_stay(self, stores: Stores) -> None:
        campaign = stores.added()
        payouts = [
            CampaignPayout.create(campaign, terms(country, "2"), at=NOW) for country in ("EE", "AT")
        ]
        with stores.atomic():
            stores.store.add_payouts(payouts)
        assert stores.card(campaign)[1:] == [
            (payouts[1].pk, "AT", "2.00", "EUR"),
            (payouts[0].pk, "EE", "2.00", "EUR"),
        ]
        assert stores.read(campaign).rate_card[1].created_at == NOW

    def test_none_added_is_nothing_done(self, stores: Stores) -> None:
        campaign = stores.added()
        with stores.atomic():
            stores.store.add_payouts([])
            stores.store.save_payouts([])
            stores.store.remove_payouts([])
        assert len(stores.card(campaign)) == 1

    @pytest.mark.parametrize(("country", "name"), [(None, "Worldwide"), ("EE", "Estonia")])
    def test_a_country_is_taken(self, stores: Stores, country: str | None, name: str) -> None:
        campaign = stores.added(payouts=(terms(), terms("EE")))
        before = stores.card(campaign)
        payouts = [
            CampaignPayout.create(campaign, payout, at=NOW)
            for payout in (terms("AT"), terms(country))
        ]
        with pytest.raises(CountryTaken, match=name), stores.atomic():
            stores.store.add_payouts(payouts)
        assert stores.card(campaign) == before

    @pytest.mark.parametrize("country", [None, "EE"])
    def test_one_country_may_not_be_added_twice(self, stores: Stores, country: str | None) -> None:
        campaign = stores.added(payouts=(terms("AT"),))
        payouts = [CampaignPayout.create(campaign, terms(country), at=NOW) for _ in range(2)]
        with pytest.raises(CountryTaken), stores.atomic():
            stores.store.add_payouts(payouts)
        assert len(stores.card(campaign)) == 1

    def test_two_campaigns_pay_in_one_country(self, stores: Stores) -> None:
        one, two = stores.added("One"), stores.added("Two")
        assert len(stores.card(one)) == len(stores.card(two)) == 1

    def test_saved_ones_keep_their_ids(self, stores: Stores) -> None:
        campaign = stores.added(payouts=(terms(), terms("EE")))
        for payout, changed in zip(
            campaign.rate_card, (terms("AT", "7", "JPY"), terms("FI", "8.125")), strict=True
        ):
            payout.revise(changed, at=NOW)
        with stores.atomic():
            stores.store.save_payouts(campaign.rate_card)
        first, second = campaign.rate_card
        assert stores.card(campaign) == [
            (first.pk, "AT", "7", "JPY"),
            (second.pk, "FI", "8.125", "EUR"),
        ]
        found = stores.read(campaign).rate_card[0]
        assert (found.created_at, found.updated_at) == (START, NOW)

    def test_one_cannot_be_saved_over_another(self, stores: Stores) -> None:
        campaign = stores.added(payouts=(terms(), terms("EE")))
        before = stores.card(campaign)
        campaign.rate_card[0].revise(terms("EE"), at=NOW)
        with pytest.raises(IntegrityError), stores.atomic():
            stores.store.save_payouts(campaign.rate_card[:1])
        assert stores.card(campaign) == before

    def test_removed_ones_are_gone_and_no_others(self, stores: Stores) -> None:
        neighbour = stores.added("Neighbour", payouts=(terms("EE"),))
        campaign = stores.added(payouts=(terms(), terms("EE"), terms("AT")))
        with stores.atomic():
            stores.store.remove_payouts(campaign.rate_card[1:])
        assert [country for _, country, _, _ in stores.card(campaign)] == [None]
        assert len(stores.card(neighbour)) == 1


class TestRateCard:
    def test_how_it_is_shown_is_stored_and_nothing_else(self, stores: Stores) -> None:
        neighbour = stores.added("Neighbour", rendered=False)
        campaign = stores.added(payouts=(terms("EE"), terms()), rendered=False)
        campaign.title, campaign.version = "Autumn", 7
        campaign.set_rate_card(campaign.rate_card)
        with stores.atomic():
            stores.store.save_rate_card(campaign)
        found = stores.read(campaign)
        assert found.is_rendered
        assert found.rendered_payouts == campaign.rendered_payouts
        assert (found.title, found.version, found.updated_at) == ("Spring", 1, START)
        assert not stores.read(neighbour).is_rendered

    def test_saving_a_campaign_stores_it_too(self, stores: Stores) -> None:
        campaign = stores.added(rendered=False)
        campaign.set_rate_card(campaign.rate_card)
        with stores.atomic():
            stores.store.save(campaign)
        assert stores.read(campaign).rendered_payouts == campaign.rendered_payouts

    def test_those_of_an_old_form_are_found_in_order_whoever_has_them(self, stores: Stores) -> None:
        current = stores.added("Current")
        old = [
            stores.added("One", payouts=(terms("EE"), terms()), rendered=False),
            stores.added("Two", account_id=stores.other, rendered=False),
            stores.added("Three", deleted_at=NOW, rendered=False),
        ]
        other_form = stores.added("Four")
        other_form.rendered_form = "0123456789abcdef"
        with stores.atomic():
            stores.store.save_rate_card(other_form)
        old.append(other_form)
        for after, most, expected in [
            (0, 9, old),
            (0, 2, old[:2]),
            (old[0].pk, 2, old[1:3]),
            (other_form.pk, 9, []),
        ]:
            with stores.atomic():
                found = stores.store.get_unrendered(after=after, most=most)
            assert [campaign.pk for campaign in found] == [campaign.pk for campaign in expected]
            for campaign in found:
                countries = [payout.country for payout in stores.read(campaign).rate_card]
                assert [payout.country for payout in campaign.rate_card] == countries
        assert stores.read(current).is_rendered

    def test_many_are_stored_at_once_and_nothing_else(self, stores: Stores) -> None:
        one, two, three = (stores.added(title, rendered=False) for title in ("One", "Two", "Three"))
        with stores.atomic():
            found = stores.store.get_unrendered(after=0, most=2)
            for campaign in found:
                campaign.title = "Another"
                campaign.set_rate_card(campaign.rate_card)
            stores.store.save_rate_cards(found)
        for campaign in (stores.read(one), stores.read(two)):
            assert campaign.is_rendered
            assert campaign.rendered_payouts == rate_card_json(campaign.rate_card)
            assert (campaign.version, campaign.updated_at) == (1, START)
        assert [stores.read(campaign).title for campaign in (one, two)] == ["One", "Two"]
        assert not stores.read(three).is_rendered


class TestVersion:
    def test_rises_by_one_for_the_account_that_is_named(self, stores: Stores) -> None:
        before = [stores.version(account_id) for account_id in (stores.owner, stores.other)]
        for _ in range(2):
            with stores.atomic():
                stores.store.raise_version(account_id=stores.owner)
        after = [stores.version(account_id) for account_id in (stores.owner, stores.other)]
        assert after == [before[0] + 2, before[1]]

    def test_falls_back_with_its_transaction(self, stores: Stores) -> None:
        before = stores.version(stores.owner)
        stores.added()

        def raise_and_fail() -> None:
            with stores.atomic():
                stores.store.raise_version(account_id=stores.owner)
                stores.store.add(unsaved("Spring", account_id=stores.owner))

        with pytest.raises(TitleTaken):
            raise_and_fail()
        assert stores.version(stores.owner) == before


class TestTitles:
    def test_titles_like_are_the_live_ones_of_the_account(self, stores: Stores) -> None:
        for title in ("Straße", "STRASSE (copy)", "Strand", "An STRASSE"):
            stores.added(title)
        stores.added("Strasse (copy 2)", deleted_at=NOW)
        stores.added("Strasse (copy 3)", account_id=stores.other)
        found = stores.store.titles_like(account_id=stores.owner, title_key="strasse")
        assert found == {"strasse", "strasse (copy)"}

    @pytest.mark.parametrize("key", ["50% off", "under_score", "back\\slash"])
    def test_titles_like_takes_the_key_literally(self, stores: Stores, key: str) -> None:
        stores.added(f"{key} sale")
        stores.added(key.replace("%", " per cent").replace("_", "x").replace("\\", "/"))
        found = stores.store.titles_like(account_id=stores.owner, title_key=key)
        assert found == {f"{key} sale"}

    def test_live_title_keys_are_those_asked_for(self, stores: Stores) -> None:
        for title in ("One", "Two"):
            stores.added(title)
        stores.added("Three", deleted_at=NOW)
        stores.added("Four", account_id=stores.other)
        found = stores.store.live_title_keys(
            account_id=stores.owner, among={"one", "three", "four", "five"}
        )
        assert found == {"one"}
        assert stores.store.live_title_keys(account_id=stores.owner, among=set()) == set()


class TestMany:
    def get(self, stores: Stores, campaign_ids: set[int]) -> list[Campaign]:
        with stores.atomic():
            return list(
                stores.store.get_many_for_update(
                    account_id=stores.owner, campaign_ids=campaign_ids, at=NOW
                )
            )

    def test_returns_what_is_live_or_restorable_by_id(self, stores: Stores) -> None:
        live, recent = stores.added("Live"), stores.added("Recent", deleted_at=RESTORABLE)
        outdated = stores.added("Outdated", deleted_at=OUTDATED)
        foreign = stores.added("Foreign", account_id=stores.other)
        stores.added("Not asked for")
        wanted = {foreign.pk, outdated.pk, recent.pk, live.pk, UNUSED}
        assert [campaign.pk for campaign in self.get(stores, wanted)] == [live.pk, recent.pk]
        assert self.get(stores, set()) == []

    def test_states_are_stored_and_versions_rise_each_from_its_own(self, stores: Stores) -> None:
        one, two, neighbour = stores.added("One"), stores.added("Two"), stores.added("Three")
        two.touch(at=START)
        with stores.atomic():
            stores.store.save(two)
        campaigns = self.get(stores, {one.pk, two.pk})
        for campaign in campaigns:
            campaign.start()
            campaign.touch(at=NOW)
        with stores.atomic():
            stores.store.save_states(campaigns)
        found = [stores.read(campaign) for campaign in (one, two, neighbour)]
        assert [campaign.is_running for campaign in found] == [True, True, False]
        assert [campaign.version for campaign in found] == [2, 3, 1]
        assert [campaign.updated_at for campaign in found] == [NOW, NOW, START]
        assert [campaign.title for campaign in found] == ["One", "Two", "Three"]

    def test_deleting_and_restoring_are_states(self, stores: Stores) -> None:
        campaign = stores.added()
        campaign.delete_softly(at=NOW)
        with stores.atomic():
            stores.store.save_states([campaign])
        assert stores.read(campaign).deleted_at == NOW
        campaign.restore()
        with stores.atomic():
            stores.store.save_states([campaign])
        assert stores.read(campaign).deleted_at is None

    def test_restoring_needs_free_titles_or_nothing_is_stored(self, stores: Stores) -> None:
        free = stores.added("Free", deleted_at=NOW)
        taken = stores.added("Taken", deleted_at=NOW)
        stores.added("TAKEN")
        for campaign in (free, taken):
            campaign.restore()
        with pytest.raises(TitleTaken), stores.atomic():
            stores.store.save_states([free, taken])
        assert stores.read(free).deleted_at == stores.read(taken).deleted_at == NOW


class TestPurge:
    def test_returns_some_of_anybodys_that_were_deleted_by_then(self, stores: Stores) -> None:
        old = [
            stores.added("Old", deleted_at=OUTDATED),
            stores.added("Old", deleted_at=OUTDATED - timedelta(days=1), account_id=stores.other),
            stores.added("Old", deleted_at=OUTDATED),
        ]
        stores.added("Recent", deleted_at=RESTORABLE)
        stores.added("Live")
        for most, expected in [(5, old), (2, old[:2])]:
            with stores.atomic():
                found = stores.store.get_purgeable(deleted_before=OUTDATED, most=most)
            assert [campaign.pk for campaign in found] == [campaign.pk for campaign in expected]

    def test_purged_ones_are_gone_and_no_others(self, stores: Stores) -> None:
        old, live = stores.added("Old", deleted_at=OUTDATED), stores.added("Live")
        with stores.atomic():
            stores.store.purge([old])
        assert stores.stored(old.pk) is None
        assert len(stores.card(live)) == 1


def test_a_failed_transaction_stores_nothing(stores: Stores) -> None:
    campaign = stores.added()
    campaign.start()

    def save_and_fail() -> None:
        with stores.atomic():
            stores.store.save(campaign)
            stores.store.add(unsaved(campaign.title, account_id=stores.owner))

    with pytest.raises(TitleTaken):
        save_and_fail()
    assert not stores.read(campaign).is_running
