"""The use cases of campaigns: one public method is one use case and one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from campaigns import rules
from campaigns.commands import PayoutTerms
from campaigns.exceptions import (
    CountryTaken,
    LastPayout,
    NotDeleted,
    PayoutNotFound,
    TitleTaken,
)
from campaigns.models import Campaign, CampaignPayout, payout_changes
from campaigns.rate_card import in_order, revise
from core.exceptions import VersionMismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from campaigns import commands
    from core.events import Atomic, Change, Clock, Recorder

_TRIES = 5
"""How often a free title is looked for when others take it in the same moment."""


class CampaignStore(Protocol):
    """Where campaigns are kept, as the use cases need it: locked ones, and writing."""

    def get_for_update(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return a live one, locked and rendered; raises CampaignNotFound."""

    def get_with_rate_card_for_update(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return a live one, locked, with its payouts to set; raises CampaignNotFound."""

    def get_deleted_for_update(
        self, *, account_id: int, campaign_id: int, at: datetime
    ) -> Campaign:
        """Return one that is live or restorable, locked and rendered; raises CampaignNotFound."""

    def together(self) -> AbstractContextManager[None]:
        """Write all of a block at once; what is refused raises by its end."""

    def raise_version(self, *, account_id: int, campaign_id: int) -> None:
        """Raise the version of the account's campaigns: after locking them, before titles.

        :param campaign_id: the one that changes, 0 for a new one.
        """

    def titles_like(self, *, account_id: int, title_key: str) -> set[str]:
        """Return the title keys of live ones that begin with one."""

    def add(self, campaign: Campaign) -> None:
        """Store a new one; raises TitleTaken."""

    def save(self, campaign: Campaign) -> None:
        """Store its values; raises TitleTaken."""

    def save_states(self, campaigns: Sequence[Campaign]) -> None:
        """Store states, and only those, that were all changed alike; raises TitleTaken."""

    def save_rate_card(self, campaign: Campaign) -> None:
        """Store how a new one's rate card is shown."""

    def add_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store new payouts; raises CountryTaken."""

    def save_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store changed payouts."""

    def remove_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Remove payouts."""


class CampaignService:
    """Create campaigns, change them, delete them and bring them back."""

    def __init__(
        self, repository: CampaignStore, *, clock: Clock, record: Recorder, atomic: Atomic
    ) -> None:
        """Take where campaigns are kept, the time, the history and transactions."""
        self._repository = repository
        self._clock = clock
        self._record = record
        self._atomic = atomic

    def create(self, command: commands.CreateCampaign) -> Campaign:
        """Create a campaign with its rate card.

        :raises TitleTaken: another live campaign of the account has the title.
        """
        with self._atomic():
            campaign = self._add(
                Campaign.create(
                    account_id=command.account_id,
                    title=command.title,
                    landing_page_url=command.landing_page_url,
                    is_running=command.is_running,
                    at=self._clock(),
                ),
                command.payouts,
            )
            change = campaign.change("created", new=campaign.described())
            self._record([change], actor_id=command.actor_id, at=campaign.created_at)
        return campaign

    def change(self, command: commands.ChangeCampaign) -> Campaign:
        """Change what is given; a rate card that is given replaces the whole one.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises VersionMismatch: it has changed since.
        :raises TitleTaken: another live campaign of the account has the title.
        """
        details = command.details
        with self._atomic():
            campaign = (
                self._get(command) if details.payouts is None else self._get_with_rate_card(command)
            )
            now = self._clock()
            changes = [
                *campaign.edit(title=details.title, landing_page_url=details.landing_page_url),
                *campaign.set_running(on=details.is_running),
            ]
            if details.payouts is not None:
                changes += self._replace_rate_card(campaign, details.payouts, at=now)
            self._store(campaign, changes, actor_id=command.actor_id, at=now)
        return campaign

    def start(self, command: commands.CampaignCommand) -> Campaign:
        """Let a campaign deliver.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises VersionMismatch: it has changed since.
        """
        return self._change_state(command, lambda campaign, _: campaign.start())

    def stop(self, command: commands.CampaignCommand) -> Campaign:
        """Let a campaign deliver no more.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises VersionMismatch: it has changed since.
        """
        return self._change_state(command, lambda campaign, _: campaign.stop())

    def delete(self, command: commands.CampaignCommand) -> None:
        """Delete a campaign; for 30 days it can be restored.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises VersionMismatch: it has changed since.
        """
        self._change_state(command, lambda campaign, now: campaign.delete_softly(at=now))

    def restore(self, command: commands.RestoreCampaign) -> Campaign:
        """Bring a deleted campaign back, stopped.

        :raises CampaignNotFound: not theirs, or deleted for more than 30 days.
        :raises NotDeleted: it is live under another title than the one that is asked for.
        :raises TitleTaken: a live campaign of the account has its title by now.
        """
        with self._atomic():
            now = self._clock()
            campaign = self._repository.get_deleted_for_update(
                account_id=command.account_id, campaign_id=command.campaign_id, at=now
            )
            _require_version(campaign, command.versions)
            if campaign.deleted_at is None:
                if command.title not in {None, campaign.title}:
                    raise NotDeleted
                return campaign
            changes = campaign.restore(title=command.title)
            self._store(campaign, changes, actor_id=command.actor_id, at=now)
        return campaign

    def duplicate(self, command: commands.DuplicateCampaign) -> Campaign:
        """Copy a campaign with its rate card; the copy is stopped.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises VersionMismatch: it has changed since.
        :raises TitleTaken: the title that is asked for is not free.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._duplicate(command)
            except TitleTaken:
                # Somebody took the title between our look and our write.
                if command.title is not None:
                    raise
        return self._duplicate(command)

    def _duplicate(self, command: commands.DuplicateCampaign) -> Campaign:
        with self._atomic():
            original = self._get_with_rate_card(command)
            copy = self._add(
                Campaign.create(
                    account_id=original.account_id,
                    title=command.title or self._title_for_copy(original),
                    landing_page_url=original.landing_page_url,
                    is_running=False,
                    at=self._clock(),
                ),
                [
                    PayoutTerms(
                        country=payout.country, amount=payout.amount, currency=payout.currency
                    )
                    for payout in original.rate_card
                ],
            )
            new = {**copy.described(), "duplicate_of": original.pk}
            change = copy.change("created", new=new)
            self._record([change], actor_id=command.actor_id, at=copy.created_at)
        return copy

    def _title_for_copy(self, original: Campaign) -> str:
        """Return "Title (copy)", or "Title (copy 2)" and so on; the first that is free."""
        longest_suffix = len(" (copy 9999)")
        stem = original.title[: rules.LONGEST_TITLE - longest_suffix].rstrip()
        taken = self._repository.titles_like(
            account_id=original.account_id, title_key=rules.title_key(stem)
        )
        title, number = f"{stem} (copy)", 1
        while rules.title_key(title) in taken:
            number += 1
            title = f"{stem} (copy {number})"
        return title

    def add_payout(self, command: commands.AddPayout) -> tuple[Campaign, CampaignPayout]:
        """Pay in one more country, or worldwide.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises VersionMismatch: it has changed since.
        :raises CountryTaken: the campaign pays there already.
        """
        with self._atomic():
            campaign = self._get_with_rate_card(command)
            self._require_free(campaign, command.terms.country)
            now = self._clock()
            payout = CampaignPayout.create(campaign, command.terms, at=now)
            self._repository.add_payouts([payout])
            campaign.set_rate_card([*campaign.rate_card, payout])
            changes = payout_changes(campaign, added=[payout])
            self._store(campaign, changes, actor_id=command.actor_id, at=now)
        return campaign, payout

    def change_payout(self, command: commands.ChangePayout) -> tuple[Campaign, CampaignPayout]:
        """Change one payout.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises PayoutNotFound: the campaign has no such payout.
        :raises VersionMismatch: the campaign has changed since.
        :raises CountryTaken: another payout of the campaign is for the country.
        """
        with self._atomic():
            campaign = self._get_with_rate_card(command)
            payout = _payout(campaign, command.payout_id)
            terms = PayoutTerms(
                country=payout.country if command.keep_country else command.country,
                amount=payout.amount if command.amount is None else command.amount,
                currency=command.currency or payout.currency,
            )
            if terms.country != payout.country:
                self._require_free(campaign, terms.country)
            if not payout.pays(terms):
                now = self._clock()
                old = payout.described()
                payout.revise(terms, at=now)
                self._repository.save_payouts([payout])
                campaign.set_rate_card(campaign.rate_card)
                changes = payout_changes(campaign, changed=[(old, payout)])
                self._store(campaign, changes, actor_id=command.actor_id, at=now)
        return campaign, payout

    def remove_payout(self, command: commands.PayoutCommand) -> None:
        """Pay no longer in a country, or worldwide.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises PayoutNotFound: the campaign has no such payout.
        :raises VersionMismatch: the campaign has changed since.
        :raises LastPayout: a campaign always has one.
        """
        with self._atomic():
            campaign = self._get_with_rate_card(command)
            payout = _payout(campaign, command.payout_id)
            if len(campaign.rate_card) == 1:
                raise LastPayout
            changes = payout_changes(campaign, removed=[payout])
            self._repository.remove_payouts([payout])
            campaign.set_rate_card(kept for kept in campaign.rate_card if kept is not payout)
            self._store(campaign, changes, actor_id=command.actor_id, at=self._clock())

    def _get(self, command: commands.CampaignCommand) -> Campaign:
        """Return the campaign of a command, locked: while we hold it nobody else changes it."""
        campaign = self._repository.get_for_update(
            account_id=command.account_id, campaign_id=command.campaign_id
        )
        _require_version(campaign, command.versions)
        return campaign

    def _get_with_rate_card(self, command: commands.CampaignCommand) -> Campaign:
        """Return the campaign of a command, locked, and its payouts."""
        campaign = self._repository.get_with_rate_card_for_update(
            account_id=command.account_id, campaign_id=command.campaign_id
        )
        _require_version(campaign, command.versions)
        return campaign

    def _change_state(
        self,
        command: commands.CampaignCommand,
        change: Callable[[Campaign, datetime], list[Change]],
    ) -> Campaign:
        with self._atomic():
            campaign = self._get(command)
            now = self._clock()
            if changes := change(campaign, now):
                campaign.touch(at=now)
                with self._repository.together():
                    self._raise_version(campaign)
                    self._repository.save_states([campaign])
                    self._record(changes, actor_id=command.actor_id, at=now)
        return campaign

    def _add(self, campaign: Campaign, card: Sequence[PayoutTerms]) -> Campaign:
        self._raise_version(campaign)
        # Before it is stored: a column of an index that changes costs an entry in every index.
        campaign.set_terms(card)
        self._repository.add(campaign)
        payouts = in_order(
            CampaignPayout.create(campaign, terms, at=campaign.created_at) for terms in card
        )
        self._repository.add_payouts(payouts)
        campaign.set_rate_card(payouts)
        self._repository.save_rate_card(campaign)
        return campaign

    def _replace_rate_card(
        self, campaign: Campaign, wanted: Sequence[PayoutTerms], *, at: datetime
    ) -> list[Change]:
        revision = revise(campaign.rate_card, wanted)
        added = [CampaignPayout.create(campaign, terms, at=at) for terms in revision.added]
        changed = []
        for payout, terms in revision.changed:
            changed.append((payout.described(), payout))
            payout.revise(terms, at=at)
        changes = payout_changes(campaign, added=added, changed=changed, removed=revision.removed)
        self._repository.remove_payouts(revision.removed)
        self._repository.save_payouts([payout for _, payout in changed])
        self._repository.add_payouts(added)
        # Even where nothing changed: what is stored may be of an old form, which is not shown.
        campaign.set_rate_card([*revision.kept, *added])
        return changes

    def _store(
        self, campaign: Campaign, changes: Sequence[Change], *, actor_id: int, at: datetime
    ) -> None:
        """Store a campaign and what happened to it; where nothing did, nothing is written."""
        if changes:
            campaign.touch(at=at)
            self._raise_version(campaign)
            self._repository.save(campaign)
            self._record(changes, actor_id=actor_id, at=at)

    def _raise_version(self, campaign: Campaign) -> None:
        self._repository.raise_version(account_id=campaign.account_id, campaign_id=campaign.pk or 0)

    def _require_free(self, campaign: Campaign, country: str | None) -> None:
        if any(payout.country == country for payout in campaign.rate_card):
            raise CountryTaken(rules.country_name(country))


def _require_version(campaign: Campaign, versions: frozenset[int] | None) -> None:
    if versions is not None and campaign.version not in versions:
        raise VersionMismatch(current=campaign.version)


def _payout(campaign: Campaign, payout_id: int) -> CampaignPayout:
    for payout in campaign.rate_card:
        if payout.pk == payout_id:
            return payout
    raise PayoutNotFound
