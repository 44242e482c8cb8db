"""Where campaigns are kept: the one module of this app that spells .objects."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError
from django.db.models import FilteredRelation, Q

from campaigns import lean, many, rules
from campaigns.exceptions import CampaignNotFound, CountryTaken, PayoutNotFound, TitleTaken
from campaigns.models import SUBJECT, Campaign, CampaignPayout
from campaigns.rendering import form
from core.repositories import EventRepository, sent_together, violates

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from django.db.models import QuerySet

    from campaigns.lean import CampaignRow
    from campaigns.querysets import CampaignQuerySet
    from core.models import Event

_MOST_EVENTS = 1000
"""As many as four whole rate cards, in one look at what has happened."""
_RENDERING = ("rendered_payouts", "rendered_form", "terms_key")
_LOCKED_AT_ONCE = 5_000


class CampaignRepository:
    """Every read names its account, so that no caller can forget the owner check."""

    # Reading: scoped querysets, for a page and a serializer.

    def listing(self, *, account_id: int) -> CampaignQuerySet:
        """Return the live campaigns of an account."""
        return Campaign.objects.live().owned_by(account_id)

    def bin(self, *, account_id: int, at: datetime) -> CampaignQuerySet:
        """Return the deleted campaigns that can be restored."""
        return Campaign.objects.restorable(at=at).owned_by(account_id)

    def rendered(
        self, campaigns: Sequence[Campaign | CampaignRow]
    ) -> Sequence[Campaign | CampaignRow]:
        """Return campaigns whose rate cards can be shown: one query if any was not, else none."""
        unfit = [campaign.id for campaign in campaigns if not campaign.is_rendered]
        if not unfit:
            return campaigns
        cards: dict[int, list[CampaignPayout]] = {campaign_id: [] for campaign_id in unfit}
        for payout in CampaignPayout.objects.filter(campaign_id__in=unfit):
            cards[payout.campaign_id].append(payout)
        return [
            campaign.with_rate_card(cards[campaign.id]) if campaign.id in cards else campaign
            for campaign in campaigns
        ]

    def get(self, *, account_id: int, campaign_id: int) -> Campaign | CampaignRow:
        """Return one live campaign, rendered.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        row = lean.find(account_id=account_id, campaign_id=campaign_id)
        if row is None:
            raise CampaignNotFound
        return self.rendered([row])[0]

    def page(
        self, *, account_id: int, order: tuple[str, ...], start: int, size: int
    ) -> Sequence[CampaignRow]:
        """Return a page of the live campaigns of an account, without filters."""
        return lean.page(account_id=account_id, order=order, start=start, size=size)

    def counted_page(
        self, *, account_id: int, order: tuple[str, ...], start: int, size: int, counted: int
    ) -> tuple[Sequence[CampaignRow], int]:
        """Return such a page, and how many campaigns there are up to a number, in one query."""
        return lean.counted_page(
            account_id=account_id, order=order, start=start, size=size, counted=counted
        )

    def page_beyond(
        self, position: Sequence[object], *, account_id: int, order: tuple[str, ...], size: int
    ) -> Sequence[CampaignRow]:
        """Return those that come next after a position in their order."""
        return lean.page_beyond(position, account_id=account_id, order=order, size=size)

    def totals(self, *, account_id: int, counted: int) -> tuple[int, int]:
        """Return how many live campaigns an account has and how many run, up to a number."""
        live = self.listing(account_id=account_id)
        running = live.in_state(is_running=True)
        return live[:counted].count(), running[:counted].count()

    def payouts(self, *, account_id: int, campaign_id: int) -> QuerySet[CampaignPayout]:
        """Return the payouts of one live campaign.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        self._require(account_id=account_id, campaign_id=campaign_id)
        return CampaignPayout.objects.filter(campaign_id=campaign_id)

    def payout(self, *, account_id: int, campaign_id: int, payout_id: int) -> CampaignPayout:
        """Return one payout of a live campaign, which comes with it.

        :raises CampaignNotFound: not theirs, or deleted.
        :raises PayoutNotFound: the campaign has no such payout.
        """
        _require_possible(campaign_id)
        mine = CampaignPayout.objects.filter(
            campaign__account_id=account_id, campaign__deleted_at=None, campaign_id=campaign_id
        ).select_related("campaign")
        mine = mine.defer("campaign__rendered_payouts")
        if payout := mine.filter(pk=payout_id).first():
            return payout
        self._require(account_id=account_id, campaign_id=campaign_id)
        raise PayoutNotFound

    def payouts_for(
        self, country: str, *, account_id: int, campaign_id: int
    ) -> tuple[int, Sequence[CampaignPayout]]:
        """Return the version of a live campaign, and its payouts for one country and for the world.

        Of one moment, by one statement: a version tells whether what was read with it is right yet.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        _require_possible(campaign_id)
        due = FilteredRelation(
            "payouts", condition=Q(payouts__country=country) | Q(payouts__country=None)
        )
        names = [field.attname for field in CampaignPayout._meta.concrete_fields]
        found = (
            self.listing(account_id=account_id)
            .filter(pk=campaign_id)
            .annotate(due=due)
            .values_list("version", *(f"due__{name}" for name in names))
        )
        rows = [(version, CampaignPayout(*payout)) for version, *payout in found]
        if not rows:
            raise CampaignNotFound
        return rows[0][0], [payout for _, payout in rows if payout.pk]

    def history(self, *, account_id: int, campaign_id: int) -> QuerySet[Event]:
        """Return what happened to one live campaign, newest first.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        self._require(account_id=account_id, campaign_id=campaign_id)
        return EventRepository().of_subject(
            account_id=account_id, subject_type=SUBJECT, subject_id=campaign_id
        )

    def history_after(self, *, account_id: int, campaign_id: int, event_id: int) -> Sequence[Event]:
        """Return what happened to one live campaign after one entry, oldest first.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        history = self.history(account_id=account_id, campaign_id=campaign_id)
        return list(history.filter(pk__gt=event_id).order_by("pk")[:_MOST_EVENTS])

    # Writing: one locked entity, or many in the order of their ids.

    def get_for_update(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return one live campaign, locked and rendered.

        The lock on the campaign's row is what keeps its rate card from changing meanwhile.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        campaign = lean.find_for_update(account_id=account_id, campaign_id=campaign_id)
        if campaign is None:
            raise CampaignNotFound
        self.rendered([campaign])
        return campaign

    def get_with_rate_card_for_update(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return one live campaign, locked, with its payouts, to change them.

        :raises CampaignNotFound: not theirs, or deleted.
        """
        listing = self.listing(account_id=account_id).with_rate_card()
        return _found(listing.select_for_update(), campaign_id)

    def get_deleted_for_update(
        self, *, account_id: int, campaign_id: int, at: datetime
    ) -> Campaign:
        """Return one campaign, locked and rendered, unless it was deleted too long ago.

        :raises CampaignNotFound: not theirs, or deleted for more than 30 days.
        """
        campaign = _found(self._present(account_id=account_id, at=at), campaign_id)
        self.rendered([campaign])
        return campaign

    def get_many_for_update(
        self, *, account_id: int, campaign_ids: Collection[int], at: datetime
    ) -> Sequence[Campaign]:
        """Return the campaigns among some ids that are live or restorable, locked in order."""
        present = self._present(account_id=account_id, at=at).defer("rendered_payouts")
        return list(present.filter(pk__in=campaign_ids).order_by("pk"))

    def _present(self, *, account_id: int, at: datetime) -> CampaignQuerySet:
        restorable = Q(deleted_at=None) | Q(deleted_at__gt=at - rules.RESTORABLE_FOR)
        return Campaign.objects.owned_by(account_id).filter(restorable).select_for_update()

    def together(self) -> AbstractContextManager[None]:
        """Send all that a block writes at once; what the database refuses raises by its end."""
        return sent_together()

    def raise_version(self, *, account_id: int, campaign_id: int | None = None) -> None:
        """Raise the version of an account's campaigns, which every write of them does once.

        Every key of the cache has it (``campaigns.caching``). It is the last lock that a write
        takes, and what makes the writes of one account wait for each other from here on: titles
        are written under it, so that no circle of waiting campaigns can form over them.

        :param campaign_id: the one that is changed, 0 for a new one: what was answered about others
            is right yet. None where that is not one alone.
        """
        lean.raise_version(account_id=account_id, campaign_id=campaign_id)

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
        with _naming_conflicts(campaigns[0].title):
            lean.save_states(campaigns)

    def save_rate_card(self, campaign: Campaign) -> None:
        """Store how answers show a campaign's rate card."""
        campaign.save(update_fields=_RENDERING)

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
        old = Campaign.objects.filter(deleted_at__lte=deleted_before).defer("rendered_payouts")
        return list(old.select_for_update(skip_locked=True).order_by("pk")[:most])

    def purge(self, campaigns: Sequence[Campaign]) -> None:
        """Remove campaigns and their payouts for good."""
        Campaign.objects.filter(pk__in=[campaign.pk for campaign in campaigns]).delete()

    def get_unrendered(self, *, after: int, most: int) -> Sequence[Campaign]:
        """Return some campaigns of anybody whose rate cards are stored in an old form, locked.

        They come in the order of their ids, from the first after one; those that others have
        locked are left out.
        """
        old = Campaign.objects.exclude(rendered_form=form()).filter(pk__gt=after)
        old = old.defer("rendered_payouts").order_by("pk").with_rate_card()
        return list(old.select_for_update(skip_locked=True)[:most])

    def save_rate_cards(self, campaigns: Sequence[Campaign]) -> None:
        """Store how answers show the rate cards of campaigns, in one statement."""
        Campaign.objects.bulk_update(campaigns, _RENDERING)

    # Many at a time, as imports need it.

    def with_titles(self, *, account_id: int, title_keys: Sequence[str]) -> Sequence[Campaign]:
        """Return the live campaigns with some titles, and their payouts."""
        found = self.listing(account_id=account_id).filter(title_key__in=title_keys)
        return list(found.defer("rendered_payouts").order_by("pk").with_rate_card())

    def lock(self, *, account_id: int, campaign_ids: Sequence[int]) -> None:
        """Lock campaigns, in the order in which their ids are given."""
        mine = Campaign.objects.owned_by(account_id).select_for_update().order_by("pk")
        for start in range(0, len(campaign_ids), _LOCKED_AT_ONCE):
            some = campaign_ids[start : start + _LOCKED_AT_ONCE]
            list(mine.filter(pk__in=some).values_list("pk", flat=True))

    def add_many(self, campaigns: Sequence[Campaign]) -> None:
        """Store new campaigns, in one statement.

        :raises TitleTaken: another live campaign of the account has the title of one.
        """
        with _naming_conflicts(campaigns[0].title):
            Campaign.objects.bulk_create(campaigns)

    def save_many(self, campaigns: Sequence[Campaign]) -> None:
        """Store the values of campaigns, and how answers show their rate cards.

        :raises TitleTaken: another live campaign of the account has the title of one.
        """
        with _naming_conflicts(campaigns[0].title):
            many.save(campaigns)

    def render_many(self, campaigns: Sequence[Campaign]) -> None:
        """Store how answers show the rate cards of campaigns."""
        many.render(campaigns)

    def save_many_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store changed payouts."""
        many.save_payouts(payouts)

    def plan_anew(self) -> None:
        """Have the database look at what it holds by now, to plan for that."""
        many.plan_anew()

    def _require(self, *, account_id: int, campaign_id: int) -> Campaign:
        """Return one live campaign, not rendered."""
        listing = self.listing(account_id=account_id)
        return _found(listing.defer("rendered_payouts"), campaign_id)


def _found(campaigns: CampaignQuerySet, campaign_id: int) -> Campaign:
    try:
        return campaigns.get(pk=campaign_id)
    except Campaign.DoesNotExist as error:
        raise CampaignNotFound from error


def _require_possible(campaign_id: int) -> None:
    """Refuse an id that no campaign can have."""
    if not lean.is_possible(campaign_id):
        raise CampaignNotFound


@contextmanager
def _naming_conflicts(title: str) -> Iterator[None]:
    """Turn the violation of the unique title into its error."""
    try:
        yield
    except IntegrityError as error:
        if violates(
            error, constraint="campaign_title_unique", column="campaigns_campaign.title_key"
        ):
            raise TitleTaken(title) from error
        raise
