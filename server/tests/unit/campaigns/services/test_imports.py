"""A file is checked, compared, and applied as a whole; touches no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from campaigns import commands
from campaigns.exceptions import ImportNotApplicable, ImportNotFound, TooManyImports
from campaigns.imports.entities import State
from campaigns.services.cards import Cards
from campaigns.services.imports import (
    FILE_KEPT_FOR,
    KEPT_FOR,
    LEASE_LASTS,
    MOST_PREVIEWS,
    MOST_UNFINISHED,
    ImportService,
    Interrupted,
    LeaseLost,
)
from campaigns.spreadsheet.form import COLUMNS
from tests.fixtures.campaign_store import CAMPAIGN_LOCKED, VERSION_RAISED, FakeCampaigns
from tests.fixtures.import_store import FakeImports, FakeWatch
from tests.fixtures.memory import FakeClock, Memory

if TYPE_CHECKING:
    from campaigns.imports.entities import Import

ADA, BOB = 7, 8
HEADER = ",".join(COLUMNS)
URL = "https://shop.example.com/"
LOANS = (f"Loans,{URL},true,,1.50,EUR", f"Loans,{URL},true,EE,2,EUR")
CARDS = f"Cards,{URL},false,JP,300,JPY"


@dataclass(kw_only=True)
class World:
    """A service on stores in memory."""

    memory: Memory = field(default_factory=Memory)
    clock: FakeClock = field(default_factory=FakeClock)
    queue: list[int] = field(default_factory=list)
    watch: FakeWatch = field(default_factory=FakeWatch)

    def __post_init__(self) -> None:
        self.imports = FakeImports(self.memory)
        self.campaigns = FakeCampaigns(self.memory)
        self.service = ImportService(
            self.imports,
            Cards(self.campaigns),
            clock=self.clock,
            record=self.memory.record,
            atomic=self.memory.atomic,
            enqueue=self.queue.append,
        )

    def begin(self, *lines: str, dry_run: bool = False, account_id: int = ADA) -> Import:
        content = "\n".join([HEADER, *lines]).encode()
        command = commands.BeginImport(
            account_id=account_id, actor_id=account_id, is_dry_run=dry_run
        )
        return self.service.begin(command, [content[:10], content[10:]])

    def work(self) -> Import:
        """Do the job that has waited longest."""
        found = self.service.claim(self.queue.pop(0), worker="w")
        assert found is not None
        self.service.run(found, self.watch)
        return self.imports.stored(found.pk)

    def imported(self, *lines: str, dry_run: bool = False) -> Import:
        self.begin(*lines, dry_run=dry_run)
        return self.work()

    def apply(self, import_id: int, account_id: int = ADA) -> Import:
        return self.service.apply(
            commands.ImportCommand(account_id=account_id, actor_id=account_id, import_id=import_id)
        )


@pytest.fixture
def world() -> World:
    return World()


def counts(found: Import) -> tuple[int, int, int]:
    return found.created_count, found.changed_count, found.unchanged_count


def test_campaigns_are_created_with_their_rate_cards_and_history(world: World) -> None:
    found = world.imported(*LOANS, CARDS)
    assert (found.state, counts(found)) == (State.DONE, (2, 0, 0))
    loans, cards = world.campaigns.all_stored()
    assert (loans.title, loans.is_running, cards.title, cards.is_running) == (
        *("Loans", True),
        *("Cards", False),
    )
    assert [payout.described() for payout in loans.rate_card] == [
        {"country": None, "amount": "1.50", "currency": "EUR"},
        {"country": "EE", "amount": "2.00", "currency": "EUR"},
    ]
    assert world.memory.names == ["campaign.created", "campaign.created", "campaigns.imported"]
    assert world.memory.history[-1].new == {
        "campaigns": 2,
        "created": 2,
        "changed": 0,
        "unchanged": 0,
    }
    assert world.watch.phases == ["checking", "comparing", "applying"]


def test_campaigns_are_changed_as_the_service_of_one_would(world: World) -> None:
    world.imported(*LOANS, CARDS)
    before = {campaign.title: campaign for campaign in world.campaigns.all_stored()}
    world.memory.history.clear()
    version = world.campaigns.version(ADA)
    world.clock.advance(days=1)
    found = world.imported(
        f"LOANS,{URL}new,false,EE,2.5,EUR", f"LOANS,{URL}new,false,LV,1,EUR", CARDS
    )
    assert counts(found) == (0, 1, 1)
    after = {campaign.title: campaign for campaign in world.campaigns.all_stored()}
    assert after["LOANS"].pk == before["Loans"].pk
    assert after["LOANS"].version == 2
    assert after["Cards"].version == 1
    assert world.campaigns.version(ADA) == version + 1
    assert [payout.country for payout in after["LOANS"].rate_card] == ["EE", "LV"]
    # The payout of a country that stays keeps its id.
    assert after["LOANS"].rate_card[0].pk == before["Loans"].rate_card[1].pk
    assert world.memory.names == [
        "campaign.changed",
        "campaign.stopped",
        "campaign.payout_removed",
        "campaign.payout_changed",
        "campaign.payout_added",
        "campaigns.imported",
    ]


def test_a_file_sent_twice_changes_nothing(world: World) -> None:
    world.imported(*LOANS, CARDS)
    everything = world.campaigns.memory.tables["campaigns"]
    history, version = list(world.memory.history), world.campaigns.version(ADA)
    world.clock.advance(days=1)
    found = world.imported(CARDS, *reversed(LOANS))
    assert (found.state, counts(found)) == (State.DONE, (0, 0, 2))
    assert world.memory.tables["campaigns"] == everything
    assert (world.memory.history, world.campaigns.version(ADA)) == (history, version)


def test_locks_are_taken_by_campaign_then_account(world: World) -> None:
    world.imported(*LOANS)
    world.campaigns.locks.clear()
    world.imported(f"Loans,{URL},true,,9,EUR", CARDS)
    assert world.campaigns.locks[:2] == [CAMPAIGN_LOCKED, VERSION_RAISED]


def test_one_wrong_row_refuses_the_whole_file(world: World) -> None:
    found = world.imported(*LOANS, f"Cards,{URL},false,JP,0,JPY")
    assert (found.state, found.problem_count, counts(found)) == (State.REFUSED, 1, (0, 0, 0))
    (problem,) = found.problems
    assert (problem["row"], problem["column"], problem["code"]) == (4, "amount", "min_value")
    assert world.campaigns.all_stored() == []
    assert world.memory.names == []
    assert world.imports.content(found.pk) == b""


def test_a_file_without_rows_is_refused(world: World) -> None:
    found = world.imported()
    assert (found.state, found.problems[0]["code"]) == (State.REFUSED, "empty")


def test_a_dry_run_counts_and_changes_nothing_until_it_is_applied(world: World) -> None:
    found = world.imported(*LOANS, CARDS, dry_run=True)
    assert (found.state, counts(found), found.is_applicable) == (State.DONE, (2, 0, 0), True)
    assert world.campaigns.all_stored() == []
    assert world.apply(found.pk).state == State.WAITING
    assert world.apply(found.pk).state == State.WAITING  # a button that is pressed twice
    assert world.queue == [found.pk]
    applied = world.work()
    assert (applied.state, counts(applied), applied.is_dry_run) == (State.DONE, (2, 0, 0), False)
    assert len(world.campaigns.all_stored()) == 2
    assert world.imports.content(found.pk) == b""


def test_what_cannot_be_applied_is_refused(world: World) -> None:
    refused = world.imported("nothing", dry_run=True)
    with pytest.raises(ImportNotApplicable):
        world.apply(refused.pk)
    with pytest.raises(ImportNotFound):
        world.apply(refused.pk, account_id=BOB)


def test_an_account_has_so_many_at_once(world: World) -> None:
    for _ in range(MOST_UNFINISHED):
        world.begin(CARDS)
    with pytest.raises(TooManyImports):
        world.begin(CARDS)
    world.begin(CARDS, account_id=BOB)
    world.work()
    world.begin(CARDS)


def test_only_the_latest_previews_keep_their_files(world: World) -> None:
    previews = [world.imported(CARDS, dry_run=True) for _ in range(MOST_PREVIEWS + 1)]
    world.begin(CARDS, dry_run=True)
    kept = [bool(world.imports.content(preview.pk)) for preview in previews]
    assert kept == [False] + [True] * MOST_PREVIEWS


def test_a_campaign_that_comes_in_between_is_looked_at_again(world: World) -> None:
    def somebody() -> None:
        world.watch.when.clear()
        world.begin(f"Cards,{URL},true,EE,5,EUR")
        other = world.service.claim(world.queue.pop(), worker="other")
        assert other is not None
        world.service.run(other, FakeWatch())

    world.watch.when["applying"] = somebody
    found = world.imported(CARDS)
    assert counts(found) == (0, 1, 0)
    (cards,) = world.campaigns.all_stored()
    assert [payout.country for payout in cards.rate_card] == ["JP"]


def test_who_lost_the_lease_changes_nothing(world: World) -> None:
    world.begin(*LOANS)
    found = world.service.claim(world.queue.pop(), worker="w")
    assert found is not None
    world.watch.when["applying"] = lambda: world.imports.steal(found.pk)
    with pytest.raises(LeaseLost):
        world.service.run(found, world.watch)
    assert world.campaigns.all_stored() == []
    assert world.memory.names == []


@pytest.mark.parametrize("phase", ["checking", "comparing", "applying"])
def test_who_is_interrupted_puts_it_back(world: World, phase: str) -> None:
    def stop() -> None:
        raise Interrupted

    world.begin(*LOANS)
    found = world.service.claim(world.queue.pop(), worker="w")
    assert found is not None
    world.watch.when[phase] = stop
    with pytest.raises(Interrupted):
        world.service.run(found, world.watch)
    assert world.campaigns.all_stored() == []
    world.service.release(found)
    assert world.imports.stored(found.pk).attempts == 0
    world.watch = FakeWatch()
    assert counts(world.work()) == (1, 0, 0)


def test_empty_rows_are_watched_over_too(world: World) -> None:
    assert world.imported("", "", "").state == State.REFUSED
    assert world.watch.phases == ["checking"]


def test_an_import_is_claimed_once(world: World) -> None:
    found = world.begin(*LOANS)
    assert world.service.claim(found.pk, worker="a") is not None
    assert world.service.claim(found.pk, worker="b") is None


def test_what_a_dead_worker_left_is_taken_up(world: World) -> None:
    world.begin(*LOANS)
    dead = world.service.claim(world.queue.pop(), worker="dead")
    assert dead is not None
    assert world.service.recover(worker="another") == 0
    assert world.service.recover(worker="dead") == 1  # it begins again under its name
    world.service.claim(world.queue.pop(), worker="dead")
    world.clock.advance(seconds=LEASE_LASTS.total_seconds() + 1)
    assert world.service.recover(worker="another") == 1
    assert counts(world.work()) == (1, 0, 0)
    assert world.service.recover(worker="w") == 0


def test_an_import_that_kills_its_workers_fails_in_the_end(world: World) -> None:
    found = world.begin(*LOANS)
    for _ in range(5):
        assert world.service.claim(world.queue.pop(), worker="w") is not None
        world.service.recover(worker="w")
    failed = world.imports.stored(found.pk)
    assert (failed.state, failed.problems[0]["code"]) == (State.FAILED, "internal_error")
    assert world.queue == []


def test_purging_removes_old_imports_and_stale_files(world: World) -> None:
    done, preview = world.imported(CARDS), world.imported(CARDS, dry_run=True)
    assert world.service.purge() == 0
    world.clock.advance(seconds=FILE_KEPT_FOR.total_seconds())
    assert world.service.purge() == 1
    assert world.imports.content(preview.pk) == b""
    with pytest.raises(ImportNotApplicable):
        world.apply(preview.pk)
    world.clock.now += KEPT_FOR - timedelta(days=1)
    assert world.service.purge() == 2
    assert done.pk not in world.memory.table("imports")
