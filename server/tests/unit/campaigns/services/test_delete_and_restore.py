"""Deleting campaigns softly, and bringing them back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from campaigns.commands import CampaignCommand, RestoreCampaign
from campaigns.exceptions import CampaignNotFound, NotDeleted, TitleTaken
from campaigns.rules import RESTORABLE_FOR
from core.exceptions import VersionMismatch
from tests.fixtures.fakes import COLLEAGUE, OTHER, CampaignWorld, on, shown

NOW = "2026-03-01T09:30:00Z"
"""The moment that the fake clock shows, as the history has it."""


class TestDelete:
    @pytest.mark.parametrize("is_running", [True, False])
    def test_keeps_the_row_stopped_and_stamped(
        self, world: CampaignWorld, *, is_running: bool
    ) -> None:
        campaign = world.created(is_running=is_running)
        world.service.delete(CampaignCommand(**on(campaign)))
        stored = world.store.stored(campaign.pk)
        assert stored.deleted_at == stored.updated_at == world.clock.now
        assert (stored.is_running, stored.version) == (False, 2)
        assert stored.restorable_until == world.clock.now + timedelta(days=30)
        assert len(stored.rate_card) == 1

    def test_records_that_it_stopped(self, world: CampaignWorld) -> None:
        campaign = world.created(is_running=True)
        world.service.delete(CampaignCommand(**on(campaign)))
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("campaign.deleted", COLLEAGUE)
        assert recorded.old == {"is_running": True, "deleted_at": None}
        assert recorded.new == {"is_running": False, "deleted_at": NOW}

    def test_twice_is_not_found(self, world: CampaignWorld) -> None:
        with pytest.raises(CampaignNotFound):
            world.service.delete(CampaignCommand(**on(world.deleted())))

    def test_frees_the_title(self, world: CampaignWorld) -> None:
        world.deleted()
        assert world.created().title == "Spring"


class TestRestore:
    def test_brings_it_back_stopped_with_its_rate_card(self, world: CampaignWorld) -> None:
        deleted = world.deleted(is_running=True)
        world.clock.advance(days=1)
        restored = world.service.restore(RestoreCampaign(**on(deleted)))
        stored = world.store.stored(deleted.pk)
        assert stored.described() == deleted.described()
        assert shown(restored) == shown(stored)
        assert (stored.deleted_at, stored.restorable_until) == (None, None)
        assert (stored.version, stored.updated_at) == (3, world.clock.now)
        assert stored.created_at == deleted.created_at

    def test_records_since_when_it_was_deleted(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.service.restore(RestoreCampaign(**on(deleted), title="Autumn"))
        [recorded] = world.memory.history
        assert (recorded.name, recorded.actor_id) == ("campaign.restored", COLLEAGUE)
        assert recorded.old == {"title": "Spring", "deleted_at": NOW}
        assert recorded.new == {"title": "Autumn", "deleted_at": None}

    def test_takes_another_title(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.created()
        world.service.restore(RestoreCampaign(**on(deleted), title="Autumn"))
        stored = world.store.stored(deleted.pk)
        assert (stored.title, stored.title_key) == ("Autumn", "autumn")

    @pytest.mark.parametrize("title", [None, "Summer"])
    def test_needs_a_free_title(self, world: CampaignWorld, title: str | None) -> None:
        deleted = world.deleted()
        world.created("SPRING")
        world.created("summer")
        with pytest.raises(TitleTaken):
            world.service.restore(RestoreCampaign(**on(deleted), title=title))
        assert world.store.stored(deleted.pk).deleted_at == deleted.deleted_at
        assert world.memory.history == []

    def test_is_possible_for_thirty_days(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.clock.now += RESTORABLE_FOR - timedelta(microseconds=1)
        assert world.service.restore(RestoreCampaign(**on(deleted))).deleted_at is None

    def test_is_impossible_after_thirty_days(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        world.clock.now += RESTORABLE_FOR
        with pytest.raises(CampaignNotFound):
            world.service.restore(RestoreCampaign(**on(deleted)))

    @pytest.mark.parametrize("title", [None, "Spring"])
    def test_a_live_one_stays_as_it_is(self, world: CampaignWorld, title: str | None) -> None:
        campaign = world.created(is_running=True)
        restored = world.service.restore(RestoreCampaign(**on(campaign), title=title))
        assert shown(restored) == shown(campaign)
        assert (restored.version, world.store.writes) == (1, 0)
        assert world.memory.history == []

    def test_a_live_one_is_not_renamed(self, world: CampaignWorld) -> None:
        campaign = world.created()
        with pytest.raises(NotDeleted):
            world.service.restore(RestoreCampaign(**on(campaign), title="Autumn"))
        assert world.store.stored(campaign.pk).title == "Spring"

    def test_needs_the_owner_and_a_known_version(self, world: CampaignWorld) -> None:
        deleted = world.deleted()
        for target in (on(deleted, account_id=OTHER), on(4711)):
            with pytest.raises(CampaignNotFound):
                world.service.restore(RestoreCampaign(**target))
        with pytest.raises(VersionMismatch):
            world.service.restore(RestoreCampaign(**on(deleted), versions=frozenset({1})))
        assert world.store.stored(deleted.pk).deleted_at is not None
        world.service.restore(RestoreCampaign(**on(deleted), versions=frozenset({2})))
        assert world.store.stored(deleted.pk).deleted_at is None
