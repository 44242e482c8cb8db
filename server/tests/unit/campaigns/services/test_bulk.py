"""Starting, stopping, deleting and restoring many campaigns at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from campaigns.commands import Bulk, BulkAction
from campaigns.exceptions import TitleTaken
from campaigns.rules import RESTORABLE_FOR
from campaigns.services.bulk import Outcome, Status
from tests.fixtures.campaign_store import FakeCampaigns
from tests.fixtures.fakes import COLLEAGUE, OTHER, OWNER, CampaignWorld, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from campaigns.models import Campaign


def apply(world: CampaignWorld, action: BulkAction, *campaigns: Campaign | int) -> list[Outcome]:
    ids = [one if isinstance(one, int) else one.pk for one in campaigns]
    return world.bulk.apply(
        Bulk(account_id=OWNER, actor_id=COLLEAGUE, action=action, campaign_ids=tuple(ids))
    )


def statuses(outcomes: Sequence[Outcome]) -> list[Status]:
    return [outcome.status for outcome in outcomes]


class TestOutcomes:
    def test_come_in_the_order_of_the_ids(self, world: CampaignWorld) -> None:
        running, stopped = world.created("Running", is_running=True), world.created("Stopped")
        foreign, deleted = world.created("F", account_id=OTHER), world.deleted("Deleted")
        outcomes = apply(world, BulkAction.START, stopped, foreign, 4711, running, deleted)
        assert outcomes == [
            Outcome(campaign_id=stopped.pk, status=Status.DONE),
            Outcome(campaign_id=foreign.pk, status=Status.NOT_FOUND),
            Outcome(campaign_id=4711, status=Status.NOT_FOUND),
            Outcome(campaign_id=running.pk, status=Status.UNCHANGED),
            Outcome(campaign_id=deleted.pk, status=Status.NOT_FOUND),
        ]
        assert world.store.stored(stopped.pk).is_running
        assert not world.store.stored(foreign.pk).is_running
        assert world.memory.names == ["campaign.started"]

    def test_one_that_fails_does_not_undo_the_others(self, world: CampaignWorld) -> None:
        campaigns = [world.created(title) for title in ("One", "Two")]
        apply(world, BulkAction.DELETE, campaigns[0], 4711, campaigns[1])
        assert all(world.store.stored(campaign.pk).deleted_at for campaign in campaigns)

    @pytest.mark.parametrize(
        ("action", "again"),
        [
            (BulkAction.START, Status.UNCHANGED),
            (BulkAction.STOP, Status.UNCHANGED),
            (BulkAction.DELETE, Status.NOT_FOUND),
            (BulkAction.RESTORE, Status.UNCHANGED),
        ],
    )
    def test_an_id_that_stands_twice_is_done_once(
        self, world: CampaignWorld, action: BulkAction, again: Status
    ) -> None:
        restoring = action is BulkAction.RESTORE
        campaign = (
            world.deleted() if restoring else world.created(is_running=action is BulkAction.STOP)
        )
        assert statuses(apply(world, action, campaign, campaign)) == [Status.DONE, again]
        assert world.store.stored(campaign.pk).version == campaign.version + 1
        assert len(world.memory.history) == 1

    @pytest.mark.parametrize("action", BulkAction)
    def test_nothing_that_changes_is_nothing_written(
        self, world: CampaignWorld, action: BulkAction
    ) -> None:
        apply(world, action, 4711)
        assert world.store.writes == 0
        assert world.memory.history == []


class TestEffects:
    def test_versions_rise_and_the_clock_is_stamped(self, world: CampaignWorld) -> None:
        campaigns = [world.created(title) for title in ("One", "Two")]
        apply(world, BulkAction.START, *campaigns)
        for campaign in campaigns:
            stored = world.store.stored(campaign.pk)
            assert (stored.version, stored.updated_at) == (2, world.clock.now)
            assert (stored.title, stored.created_at) == (campaign.title, campaign.created_at)

    def test_each_change_is_recorded(self, world: CampaignWorld) -> None:
        running, stopped = world.created("Running", is_running=True), world.created("Stopped")
        apply(world, BulkAction.DELETE, stopped, running)
        assert [(line.subject[1], line.old) for line in world.memory.history] == [
            (stopped.pk, {"is_running": False, "deleted_at": None}),
            (running.pk, {"is_running": True, "deleted_at": None}),
        ]
        for line in world.memory.history:
            assert (line.name, line.actor_id) == ("campaign.deleted", COLLEAGUE)
            assert (line.account_id, line.at) == (OWNER, world.clock.now)
            assert line.new is not None
            assert line.new["is_running"] is False

    def test_deleted_ones_are_stopped(self, world: CampaignWorld) -> None:
        campaign = world.created(is_running=True)
        apply(world, BulkAction.DELETE, campaign)
        stored = world.store.stored(campaign.pk)
        assert (stored.is_running, stored.deleted_at) == (False, world.clock.now)

    def test_stopping_stops(self, world: CampaignWorld) -> None:
        campaign = world.created(is_running=True)
        apply(world, BulkAction.STOP, campaign)
        assert not world.store.stored(campaign.pk).is_running
        assert world.memory.names == ["campaign.stopped"]


class TestRestore:
    def test_brings_back_what_is_deleted(self, world: CampaignWorld) -> None:
        deleted, live = world.deleted("Deleted"), world.created("Live")
        outcomes = apply(world, BulkAction.RESTORE, live, deleted)
        assert statuses(outcomes) == [Status.UNCHANGED, Status.DONE]
        assert world.store.stored(deleted.pk).deleted_at is None
        assert world.memory.names == ["campaign.restored"]

    def test_a_taken_title_is_a_conflict(self, world: CampaignWorld) -> None:
        taken, free = world.deleted("Straße"), world.deleted("Free")
        world.created("STRASSE")
        outcomes = apply(world, BulkAction.RESTORE, taken, free)
        assert outcomes == [
            Outcome(campaign_id=taken.pk, status=Status.CONFLICT, code="title_taken"),
            Outcome(campaign_id=free.pk, status=Status.DONE),
        ]
        assert world.store.stored(taken.pk).deleted_at is not None

    def test_of_two_with_one_title_the_first_comes_back(self, world: CampaignWorld) -> None:
        first, second = world.deleted("spring"), world.deleted("SPRING")
        outcomes = apply(world, BulkAction.RESTORE, second, first)
        assert statuses(outcomes) == [Status.DONE, Status.CONFLICT]
        assert world.store.stored(second.pk).deleted_at is None
        assert world.store.stored(first.pk).deleted_at is not None

    def test_the_title_of_another_account_is_free(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.created(account_id=OTHER)
        assert statuses(apply(world, BulkAction.RESTORE, deleted)) == [Status.DONE]

    def test_after_thirty_days_it_is_not_found(self, world: CampaignWorld) -> None:
        old = world.deleted("Old")
        world.clock.advance(seconds=1)
        recent = world.deleted("Recent")
        world.clock.now += RESTORABLE_FOR - timedelta(seconds=1)
        outcomes = apply(world, BulkAction.RESTORE, old, recent)
        assert statuses(outcomes) == [Status.NOT_FOUND, Status.DONE]


class Hasty(FakeCampaigns):
    """A store in which somebody takes a title between our look and our write, some times."""

    def __init__(self, world: CampaignWorld, *, times: int) -> None:
        super().__init__(world.memory)
        self.times = times
        self.looks = 0

    def get_many_for_update(self, **which: object) -> Sequence[Campaign]:
        self.looks += 1
        return super().get_many_for_update(**which)  # type: ignore[arg-type]  # as it was called

    def save_states(self, campaigns: Sequence[Campaign]) -> None:
        super().save_states(campaigns)
        if self.times:
            self.times -= 1
            raise TitleTaken(campaigns[0].title)


class TestRaces:
    def test_looks_again_when_somebody_took_a_title(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.store = store = Hasty(world, times=4)
        assert statuses(apply(world, BulkAction.RESTORE, deleted)) == [Status.DONE]
        assert store.looks == 5
        assert world.store.stored(deleted.pk).version == deleted.version + 1
        assert world.memory.names == ["campaign.restored"]

    def test_sees_what_the_other_one_took(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.created("Spring")
        world.store = Blind(world)
        assert statuses(apply(world, BulkAction.RESTORE, deleted)) == [Status.CONFLICT]

    def test_gives_up_at_last_and_stores_nothing(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.store = Hasty(world, times=100)
        with pytest.raises(TitleTaken):
            apply(world, BulkAction.RESTORE, deleted)
        assert world.store.stored(deleted.pk).deleted_at is not None
        assert world.memory.history == []


class Blind(FakeCampaigns):
    """A store whose first look misses the titles that somebody has just taken."""

    def __init__(self, world: CampaignWorld) -> None:
        super().__init__(world.memory)
        self.looked = False

    def live_title_keys(self, *, account_id: int, among: Collection[str]) -> set[str]:
        if not self.looked:
            self.looked = True
            return set()
        return super().live_title_keys(account_id=account_id, among=among)


class TestPurge:
    def test_removes_what_was_deleted_thirty_days_ago(self, world: CampaignWorld) -> None:
        old = [world.deleted("Old"), world.deleted("Old", account_id=OTHER)]
        world.clock.advance(seconds=1)
        recent = world.deleted("Recent")
        live = world.created("Live")
        world.clock.now += RESTORABLE_FOR - timedelta(seconds=1)
        assert world.bulk.purge() == 2
        kept = {campaign.pk for campaign in world.store.all_stored()}
        assert kept == {recent.pk, live.pk}
        assert not kept & {campaign.pk for campaign in old}
        assert len(world.memory.table("payouts")) == 2

    def test_records_it_as_the_systems_own_doing(self, world: CampaignWorld) -> None:
        old = world.deleted("Old", account_id=OTHER)
        now = world.clock.advance(days=30)
        world.bulk.purge()
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("campaign.purged", None)
        assert (recorded.account_id, recorded.subject) == (OTHER, ("campaign", old.pk))
        assert (recorded.old, recorded.new) == ({"title": "Old"}, None)
        assert recorded.at == now

    def test_goes_on_until_nothing_is_left(
        self, world: CampaignWorld, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("campaigns.services.bulk._PURGED_AT_ONCE", 2)
        for number in range(5):
            world.deleted(f"Old {number}")
        world.clock.advance(days=30)
        assert world.bulk.purge() == 5
        assert world.store.all_stored() == []

    def test_nothing_old_is_nothing_done(self, world: CampaignWorld) -> None:
        world.deleted()
        world.created("Live")
        assert world.bulk.purge() == 0
        assert world.memory.history == []


class TestRenderRateCards:
    @pytest.fixture
    def aged(self, world: CampaignWorld) -> list[Campaign]:
        """Create five campaigns of two accounts, and let their rate cards be of an old form."""
        campaigns = [
            world.created(f"Old {number}", account_id=OTHER if number % 2 else OWNER)
            for number in range(5)
        ]
        for row in world.memory.table("campaigns").values():
            row.update(rendered_payouts="[]", rendered_form="old")
        return campaigns

    @pytest.mark.parametrize("most", [1, 2, 5, 100])
    def test_stores_each_as_it_is_shown_now(
        self,
        world: CampaignWorld,
        aged: list[Campaign],
        most: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("campaigns.services.bulk._RENDERED_AT_ONCE", most)
        current = world.created("Current")
        assert world.bulk.render_rate_cards() == len(aged)
        for campaign in (*aged, current):
            assert shown(world.store.stored(campaign.pk)) == shown(campaign)
        assert world.store.writes == len(aged)

    def test_nothing_of_an_old_form_is_nothing_done(self, world: CampaignWorld) -> None:
        world.created()
        assert world.bulk.render_rate_cards() == 0
        assert world.store.writes == 0

    def test_it_is_no_change_of_any_campaign(
        self, world: CampaignWorld, aged: list[Campaign]
    ) -> None:
        world.store.locks.clear()
        versions = [world.store.version(account_id) for account_id in (OWNER, OTHER)]
        world.bulk.render_rate_cards()
        assert [world.store.version(account_id) for account_id in (OWNER, OTHER)] == versions
        assert {world.store.stored(campaign.pk).version for campaign in aged} == {1}
        assert world.memory.history == []
        assert world.store.locks == []

    def test_what_stays_of_an_old_form_is_passed_over(
        self, world: CampaignWorld, aged: list[Campaign], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It ends, even if what was stored is of an old form again before the next look."""
        batches: list[int] = []

        def save(_store: FakeCampaigns, campaigns: Sequence[Campaign]) -> None:
            batches.append(len(campaigns))
            assert sum(batches) <= len(aged)

        monkeypatch.setattr("campaigns.services.bulk._RENDERED_AT_ONCE", 2)
        monkeypatch.setattr(FakeCampaigns, "save_rate_cards", save)
        assert world.bulk.render_rate_cards() == len(aged)
        assert batches == [2, 2, 1]
