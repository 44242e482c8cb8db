"""The use cases that touch many campaigns at once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from campaigns import rules
from campaigns.commands import BulkAction
from campaigns.exceptions import TitleTaken

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from campaigns import commands
    from campaigns.models import Campaign
    from core.events import Atomic, Change, Clock, Recorder

_TRIES = 5
_PURGED_AT_ONCE = 500
_RENDERED_AT_ONCE = 100
"""Rate cards of 250 payouts at most, all in memory at a time."""


class Status(StrEnum):
    """What became of one campaign."""

    DONE = "done"
    UNCHANGED = "unchanged"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one campaign; ``code`` says why of a conflict."""

    campaign_id: int
    status: Status
    code: str | None = None


class BulkStore(Protocol):
    """Where campaigns are kept, as these use cases need it."""

    def get_many_for_update(
        self, *, account_id: int, campaign_ids: Collection[int], at: datetime
    ) -> Sequence[Campaign]:
        """Return those that are live or restorable, locked in the order of ids."""

    def live_title_keys(self, *, account_id: int, among: Collection[str]) -> set[str]:
        """Return those of some title keys that live campaigns have."""

    def raise_version(self, *, account_id: int) -> None:
        """Raise the version of the account's campaigns: after locking them, before titles."""

    def save_states(self, campaigns: Sequence[Campaign]) -> None:
        """Store states that were all changed alike; raises TitleTaken."""

    def get_purgeable(self, *, deleted_before: datetime, most: int) -> Sequence[Campaign]:
        """Return some of anybody's that were deleted before a moment, locked."""

    def purge(self, campaigns: Sequence[Campaign]) -> None:
        """Remove them and their payouts for good."""

    def get_unrendered(self, *, after: int, most: int) -> Sequence[Campaign]:
        """Return some of anybody's after an id, locked, in order, that are of an old form."""

    def save_rate_cards(self, campaigns: Sequence[Campaign]) -> None:
        """Store how their rate cards are shown."""


class BulkService:
    """Start, stop, delete or restore many campaigns; keep what is stored in order."""

    def __init__(
        self, repository: BulkStore, *, clock: Clock, record: Recorder, atomic: Atomic
    ) -> None:
        """Take where campaigns are kept, the time, the history and transactions."""
        self._repository = repository
        self._clock = clock
        self._record = record
        self._atomic = atomic

    def apply(self, command: commands.Bulk) -> list[Outcome]:
        """Do one thing to each campaign, in order, and tell what became of each.

        One transaction; a campaign that fails does not undo the others.

        :raises TitleTaken: others took titles of those to restore, again and again meanwhile.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._apply(command)
            except TitleTaken:
                # Somebody took a title between our look and our write: look again.
                continue
        return self._apply(command)

    def _apply(self, command: commands.Bulk) -> list[Outcome]:
        with self._atomic():
            now = self._clock()
            campaigns = {
                campaign.pk: campaign
                for campaign in self._repository.get_many_for_update(
                    account_id=command.account_id,
                    campaign_ids=set(command.campaign_ids),
                    at=now,
                )
            }
            taken = self._taken_titles(command, campaigns.values())
            outcomes: list[Outcome] = []
            changed: list[Campaign] = []
            changes: list[Change] = []
            for campaign_id in command.campaign_ids:
                campaign = campaigns.get(campaign_id)
                outcome, what = _do(command.action, campaign_id, campaign, taken=taken, at=now)
                outcomes.append(outcome)
                if campaign is not None and what:
                    campaign.touch(at=now)
                    changed.append(campaign)
                    changes += what
            if changed:
                self._repository.raise_version(account_id=command.account_id)
                self._repository.save_states(changed)
                self._record(changes, actor_id=command.actor_id, at=now)
        return outcomes

    def _taken_titles(self, command: commands.Bulk, campaigns: Collection[Campaign]) -> set[str]:
        if command.action is not BulkAction.RESTORE:
            return set()
        wanted = {campaign.title_key for campaign in campaigns if campaign.deleted_at}
        return self._repository.live_title_keys(account_id=command.account_id, among=wanted)

    def purge(self) -> int:
        """Remove campaigns deleted more than 30 days ago, for good; return how many.

        Their history stays, and says that they were purged.
        """
        purged = 0
        while True:
            with self._atomic():
                now = self._clock()
                campaigns = self._repository.get_purgeable(
                    deleted_before=now - rules.RESTORABLE_FOR, most=_PURGED_AT_ONCE
                )
                if not campaigns:
                    return purged
                changes = [
                    campaign.change("purged", old={"title": campaign.title})
                    for campaign in campaigns
                ]
                self._repository.purge(campaigns)
                self._record(changes, actor_id=None, at=now)
                purged += len(campaigns)

    def render_rate_cards(self) -> int:
        """Store rate cards that are of an old form as they are shown now; return how many.

        What is answered stays the same, and so do all versions. Those that somebody writes in
        the same moment are left to their writer.
        """
        rendered = last = 0
        while True:
            with self._atomic():
                campaigns = self._repository.get_unrendered(after=last, most=_RENDERED_AT_ONCE)
                if not campaigns:
                    return rendered
                for campaign in campaigns:
                    campaign.set_rate_card(campaign.rate_card)
                self._repository.save_rate_cards(campaigns)
                rendered += len(campaigns)
                last = campaigns[-1].pk


def _do(
    action: BulkAction,
    campaign_id: int,
    campaign: Campaign | None,
    *,
    taken: set[str],
    at: datetime,
) -> tuple[Outcome, list[Change]]:
    """Do one thing to one campaign, in memory."""
    if campaign is None or (campaign.deleted_at and action is not BulkAction.RESTORE):
        return Outcome(campaign_id=campaign_id, status=Status.NOT_FOUND), []
    changes: list[Change] = []
    match action:
        case BulkAction.START:
            changes = campaign.start()
        case BulkAction.STOP:
            changes = campaign.stop()
        case BulkAction.DELETE:
            changes = campaign.delete_softly(at=at)
        case BulkAction.RESTORE if campaign.deleted_at:
            if campaign.title_key in taken:
                conflict = Outcome(
                    campaign_id=campaign_id, status=Status.CONFLICT, code=TitleTaken.code
                )
                return conflict, []
            taken.add(campaign.title_key)
            changes = campaign.restore()
        case BulkAction.RESTORE:
            pass
    status = Status.DONE if changes else Status.UNCHANGED
    return Outcome(campaign_id=campaign_id, status=status), changes
