"""Creating and duplicating campaigns."""

from __future__ import annotations

import pytest

from campaigns.commands import CreateCampaign, DuplicateCampaign
from campaigns.exceptions import CampaignNotFound, TitleTaken
from campaigns.models import Campaign
from core.exceptions import VersionMismatch
from tests.factories.campaigns import LANDING_PAGE, terms
from tests.fixtures.campaign_store import FakeCampaigns
from tests.fixtures.fakes import COLLEAGUE, OTHER, OWNER, CampaignWorld, on


def create(title: str = "Spring", *, is_running: bool = False) -> CreateCampaign:
    return CreateCampaign(
        account_id=OWNER,
        actor_id=COLLEAGUE,
        title=title,
        landing_page_url=LANDING_PAGE,
        payouts=(terms("EE", "2"), terms(), terms("AT", "0.0005")),
        is_running=is_running,
    )


class TestCreate:
    @pytest.mark.parametrize("is_running", [True, False])
    def test_stores_the_campaign_and_its_rate_card(
        self, world: CampaignWorld, *, is_running: bool
    ) -> None:
        created = world.service.create(create(is_running=is_running))
        stored = world.store.stored(created.pk)
        assert stored.described() == created.described()
        assert stored.described() == {
            "title": "Spring",
            "landing_page_url": LANDING_PAGE,
            "is_running": is_running,
            "payouts": [
                {"country": None, "amount": "1.50", "currency": "EUR"},
                {"country": "AT", "amount": "0.0005", "currency": "EUR"},
                {"country": "EE", "amount": "2.00", "currency": "EUR"},
            ],
        }
        assert (stored.account_id, stored.version) == (OWNER, 1)

    def test_stamps_the_clock(self, world: CampaignWorld) -> None:
        stored = world.store.stored(world.service.create(create()).pk)
        moments = {stored.created_at, stored.updated_at}
        moments |= {payout.created_at for payout in stored.rate_card}
        moments |= {payout.updated_at for payout in stored.rate_card}
        assert moments == {world.clock.now}

    def test_records_all_values_and_who_did_it(self, world: CampaignWorld) -> None:
        created = world.service.create(create())
        [recorded] = world.memory.history
        assert recorded.name == "campaign.created"
        assert (recorded.account_id, recorded.actor_id) == (OWNER, COLLEAGUE)
        assert (recorded.subject, recorded.at) == (("campaign", created.pk), world.clock.now)
        assert (recorded.old, recorded.new) == (None, created.described())

    def test_a_taken_title_leaves_nothing_behind(self, world: CampaignWorld) -> None:
        world.created("Straße")
        with pytest.raises(TitleTaken):
            world.service.create(create("STRASSE"))
        assert [campaign.title for campaign in world.store.all_stored()] == ["Straße"]
        assert world.memory.names == []

    def test_what_fails_later_undoes_what_came_before(
        self, world: CampaignWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(FakeCampaigns, "add_payouts")
        with pytest.raises(AttributeError):
            world.service.create(create())
        assert world.store.all_stored() == []

    def test_the_title_of_another_account_or_of_a_deleted_campaign_is_free(
        self, world: CampaignWorld
    ) -> None:
        world.created(account_id=OTHER)
        world.deleted()
        assert world.service.create(create()).title == "Spring"


class TestDuplicate:
    def test_copies_everything_but_the_state(self, world: CampaignWorld) -> None:
        original = world.created(payouts=(terms("EE"), terms(None, "7", "JPY")), is_running=True)
        copy = world.service.duplicate(DuplicateCampaign(**on(original)))
        stored = world.store.stored(copy.pk)
        assert copy.pk != original.pk
        assert stored.described() == {
            **original.described(),
            "title": "Spring (copy)",
            "is_running": False,
        }
        assert (stored.version, stored.created_at) == (1, world.clock.now)
        assert not {payout.pk for payout in stored.rate_card} & {
            payout.pk for payout in original.rate_card
        }

    def test_leaves_the_original_alone(self, world: CampaignWorld) -> None:
        original = world.created(is_running=True)
        world.service.duplicate(DuplicateCampaign(**on(original)))
        stored = world.store.stored(original.pk)
        assert stored.described() == original.described()
        assert (stored.version, stored.updated_at) == (1, original.updated_at)

    def test_records_where_it_comes_from(self, world: CampaignWorld) -> None:
        original = world.created()
        copy = world.service.duplicate(DuplicateCampaign(**on(original)))
        [recorded] = world.memory.history
        assert (recorded.name, recorded.subject) == ("campaign.created", ("campaign", copy.pk))
        assert (recorded.actor_id, recorded.at) == (COLLEAGUE, world.clock.now)
        assert recorded.new == {**copy.described(), "duplicate_of": original.pk}

    def test_numbers_the_copies(self, world: CampaignWorld) -> None:
        original = world.created()
        titles = [
            world.service.duplicate(DuplicateCampaign(**on(original))).title for _ in range(3)
        ]
        assert titles == ["Spring (copy)", "Spring (copy 2)", "Spring (copy 3)"]

    def test_takes_the_first_free_number_whatever_the_case(self, world: CampaignWorld) -> None:
        original = world.created("Straße")
        for title in ("STRASSE (COPY)", "Strasse (copy 3)"):
            world.created(title)
        world.created("Straße (copy 2)", account_id=OTHER)
        copy = world.service.duplicate(DuplicateCampaign(**on(original)))
        assert copy.title == "Straße (copy 2)"

    @pytest.mark.parametrize("length", [188, 189, 200])
    def test_shortens_a_long_title(self, world: CampaignWorld, length: int) -> None:
        original = world.created("x" * length)
        titles = [
            world.service.duplicate(DuplicateCampaign(**on(original))).title for _ in range(2)
        ]
        stem = "x" * 188
        assert titles == [f"{stem} (copy)", f"{stem} (copy 2)"]

    def test_shortens_without_a_double_space(self, world: CampaignWorld) -> None:
        original = world.created("x" * 187 + " and so on")
        copy = world.service.duplicate(DuplicateCampaign(**on(original)))
        assert copy.title == "x" * 187 + " (copy)"

    def test_takes_the_title_that_is_asked_for(self, world: CampaignWorld) -> None:
        copy = world.service.duplicate(DuplicateCampaign(**on(world.created()), title=" Autumn "))
        assert copy.title == "Autumn"

    def test_refuses_a_taken_title_that_is_asked_for(self, world: CampaignWorld) -> None:
        original = world.created()
        with pytest.raises(TitleTaken):
            world.service.duplicate(DuplicateCampaign(**on(original), title="SPRING"))
        assert len(world.store.all_stored()) == 1
        assert world.memory.names == []

    def test_looks_again_when_somebody_took_the_title(self, world: CampaignWorld) -> None:
        original = world.created()
        world.store = Hasty(world, times=2)
        copy = world.service.duplicate(DuplicateCampaign(**on(original)))
        assert copy.title == "Spring (copy 3)"
        assert world.memory.names == ["campaign.created"]

    def test_gives_up_at_last(self, world: CampaignWorld) -> None:
        original = world.created()
        world.store = Hasty(world, times=100)
        with pytest.raises(TitleTaken):
            world.service.duplicate(DuplicateCampaign(**on(original)))
        assert world.memory.names == []

    def test_needs_the_owners_live_campaign_at_a_known_version(self, world: CampaignWorld) -> None:
        original, deleted = world.created(), world.deleted("Gone")
        for command in (on(original, account_id=OTHER), on(deleted), on(4711)):
            with pytest.raises(CampaignNotFound):
                world.service.duplicate(DuplicateCampaign(**command))
        with pytest.raises(VersionMismatch):
            world.service.duplicate(DuplicateCampaign(**on(original), versions=frozenset({2})))
        assert len(world.store.all_stored()) == 2


class Hasty(FakeCampaigns):
    """A store in which somebody else takes a title in the moment before we write it."""

    def __init__(self, world: CampaignWorld, *, times: int) -> None:
        super().__init__(world.memory)
        self.world = world
        self.times = times
        self.taken: list[Campaign] = []

    def titles_like(self, *, account_id: int, title_key: str) -> set[str]:
        if self.taken:  # what the other one wrote outlives our own transaction
            for campaign in self.taken:
                self.memory.insert("campaigns", campaign)
        return super().titles_like(account_id=account_id, title_key=title_key)

    def add(self, campaign: Campaign) -> None:
        if self.times:
            self.times -= 1
            rival = Campaign.create(
                account_id=campaign.account_id,
                title=campaign.title,
                landing_page_url=LANDING_PAGE,
                is_running=False,
                at=self.world.clock.now,
            )
            super().add(rival)
            self.taken.append(rival)
        super().add(campaign)
