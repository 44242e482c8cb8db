"""Where campaigns are kept: the one module of this app that spells .objects."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError, OperationalError
from django.db.models import F, Q

from campaigns import rules
from campaigns.exceptions import CampaignNotFound, CountryTaken, PayoutNotFound, TitleTaken
from campaigns.models import SUBJECT, Campaign, CampaignPayout, CampaignQuerySet
from core.repositories import EventRepository, is_deadlock, violates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from core.models import Event


class CampaignRepository:
    """Every read names its account, so that no caller can forget the owner check."""

    # Reading: scoped querysets, for a page and a serializer.

    def listing(self, *, account_id: int) -> CampaignQuerySet:
        """Return the live campaigns of an account, with their rate cards."""
        return Campaign.objects.live().owned_by(account_id).with_rate_card()

    def bin(self, *, account_id: int, at: datetime) -> CampaignQuerySet:
        """Return the deleted campaigns that can be restored, with their rate cards."""
        return Campaign.objects.restorable(at=at).owned_by(account_id).with_rate_card()

    def get(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return one live campaign with its rate card.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        return _one(self.listing(account_id=account_id), campaign_id)

    def payouts(self, *, account_id: int, campaign_id: int) -> QuerySet[CampaignPayout]:
        """Return the payouts of one live campaign.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        _one(Campaign.objects.live().owned_by(account_id), campaign_id)
        return CampaignPayout.objects.filter(campaign_id=campaign_id)

    def payout(
        self, *, account_id: int, campaign_id: int, payout_id: int
    ) -> tuple[Campaign, CampaignPayout]:
        """Return a live campaign and one of its payouts.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises PayoutNotFound: the campaign has no such payout.
        """
        campaign = self.get(account_id=account_id, campaign_id=campaign_id)
        for payout in campaign.rate_card:
            if payout.pk == payout_id:
                return campaign, payout
        raise PayoutNotFound

    def history(self, *, account_id: int, campaign_id: int) -> QuerySet[Event]:
        """Return what happened to one live campaign, newest first.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        _one(Campaign.objects.live().owned_by(account_id), campaign_id)
        return EventRepository().of_subject(
            account_id=account_id, subject_type=SUBJECT, subject_id=campaign_id
        )

    # Writing: one locked entity, or many in the order of their ids.

    def get_for_update(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return one live campaign, locked, with its rate card.

        The lock on the campaign's row is what keeps its rate card from changing meanwhile.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        return _one(self.listing(account_id=account_id).select_for_update(), campaign_id)

    def get_deleted_for_update(
        self, *, account_id: int, campaign_id: int, at: datetime
    ) -> Campaign:
        """Return one campaign, locked, with its rate card, unless it was deleted too long ago.

        :raises CampaignNotFound: not theirs, or deleted for more than 30 days.
        """
        return _one(self._present(account_id=account_id, at=at).with_rate_card(), campaign_id)

    def get_many_for_update(
        self, *, account_id: int, campaign_ids: Collection[int], at: datetime
    ) -> Sequence[Campaign]:
        """Return the campaigns among some ids that are live or restorable, locked in order."""
        present = self._present(account_id=account_id, at=at)
        return list(present.filter(pk__in=campaign_ids).order_by("pk"))

    def _present(self, *, account_id: int, at: datetime) -> CampaignQuerySet:
        restorable = Q(deleted_at=None) | Q(deleted_at__gt=at - rules.RESTORABLE_FOR)
        return Campaign.objects.owned_by(account_id).filter(restorable).select_for_update()

    def titles_like(self, *, account_id: int, title_key: str) -> set[str]:
        """Return the title keys of live campaigns that begin with one."""
        live = Campaign.objects.live().owned_by(account_id)
        return set(live.filter(title_key__startswith=title_key).values_list("title_key", flat=True))

    def live_title_keys(self, *, account_id: int, among: Collection[str]) -> set[str]:
        """Return those of some title keys that live campaigns have."""
        live = Campaign.objects.live().owned_by(account_id)
        return set(live.filter(title_key__in=among).values_list("title_key", flat=True))

    def add(self, campaign: Campaign) -> None:
        """Store a new campaign.

        :raises TitleTaken: another live campaign of the account has its title.
        """
        with _naming_conflicts(campaign.title):
            campaign.save(force_insert=True)

    def save(self, campaign: Campaign) -> None:
        """Store a campaign's values.

        :raises TitleTaken: another live campaign of the account has its title.
        """
        with _naming_conflicts(campaign.title):
            campaign.save(force_update=True)

    def save_states(self, campaigns: Sequence[Campaign]) -> None:
        """Store the states of campaigns that were all changed alike, in one statement.

        :raises TitleTaken: one that was restored has a title that is not free any more.
        """
        alike = campaigns[0]
        with _naming_conflicts(alike.title):
            Campaign.objects.filter(pk__in=[campaign.pk for campaign in campaigns]).update(
                is_running=alike.is_running,
                deleted_at=alike.deleted_at,
                updated_at=alike.updated_at,
                version=F("version") + 1,
            )

    def add_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store new payouts, in one statement.

        :raises CountryTaken: the campaign has one for the country.
        """
        try:
            CampaignPayout.objects.bulk_create(payouts)
        except IntegrityError as error:
            if any(
                violates(error, constraint=name, column="campaignpayout.campaign_id")
                for name in ("payout_country_unique", "payout_worldwide_unique")
            ):
                raise CountryTaken(", ".join(payout.country_name for payout in payouts)) from error
            raise

    def save_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store changed payouts, in one statement."""
        if payouts:
            CampaignPayout.objects.bulk_update(
                payouts, ["country", "amount", "currency", "updated_at"]
            )

    def remove_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Remove payouts, in one statement."""
        if payouts:
            CampaignPayout.objects.filter(pk__in=[payout.pk for payout in payouts]).delete()

    def get_purgeable(self, *, deleted_before: datetime, most: int) -> Sequence[Campaign]:
        """Return some campaigns of anybody that were deleted before a moment, locked."""
        old = Campaign.objects.filter(deleted_at__lte=deleted_before)
        return list(old.select_for_update(skip_locked=True).order_by("pk")[:most])

    def purge(self, campaigns: Sequence[Campaign]) -> None:
        """Remove campaigns and their payouts for good."""
        Campaign.objects.filter(pk__in=[campaign.pk for campaign in campaigns]).delete()


def _one(campaigns: CampaignQuerySet, campaign_id: int) -> Campaign:
    try:
        return campaigns.get(pk=campaign_id)
    except Campaign.DoesNotExist as error:
        raise CampaignNotFound from error


@contextmanager
def _naming_conflicts(title: str) -> Iterator[None]:
    """Turn the violation of the unique title, or a deadlock over titles, into its error."""
    try:
        yield
    except IntegrityError as error:
        if violates(
            error, constraint="campaign_title_unique", column="campaigns_campaign.title_key"
        ):
            raise TitleTaken(title) from error
        raise
    except OperationalError as error:
        # All rows are locked in one order before titles are written, so that a circle can only
        # be of titles: two campaigns that exchange theirs, or two restored sets that share some.
        if is_deadlock(error):
            raise TitleTaken(title) from error
        raise
