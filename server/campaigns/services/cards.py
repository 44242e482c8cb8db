"""Bring many campaigns to what a file says of them, with the rules and the history of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from campaigns.models import Campaign, CampaignPayout, payout_changes
from campaigns.rate_card import in_order, revise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from campaigns.spreadsheet.checking import Card
    from core.events import Change


class Moved(Exception):
    """A campaign has its title since we looked: it is not locked."""


_WORTH_A_LOOK = 1_000
"""Campaigns after which it pays to have the database look at what it holds."""


class CardStore(Protocol):
    """Where campaigns are kept, many at a time."""

    def with_titles(self, *, account_id: int, title_keys: Sequence[str]) -> Sequence[Campaign]:
        """Return the live ones with some titles, and their payouts."""

    def lock(self, *, account_id: int, campaign_ids: Sequence[int]) -> None:
        """Lock campaigns, in the order of their ids."""

    def raise_version(self, *, account_id: int) -> None:
        """Raise the version of the account's campaigns: after locking them, before titles."""

    def add_many(self, campaigns: Sequence[Campaign]) -> None:
        """Store new ones; raises TitleTaken."""

    def save_many(self, campaigns: Sequence[Campaign]) -> None:
        """Store the values of some; raises TitleTaken."""

    def render_many(self, campaigns: Sequence[Campaign]) -> None:
        """Store how new ones' rate cards are shown."""

    def add_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store new payouts; raises CountryTaken."""

    def save_many_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Store changed payouts."""

    def remove_payouts(self, payouts: Sequence[CampaignPayout]) -> None:
        """Remove payouts."""

    def plan_anew(self) -> None:
        """Have the database look at what it holds by now, to plan for that."""


class Cards:
    """Compare campaigns with a file, and bring them to it."""

    def __init__(self, repository: CardStore) -> None:
        """Take where campaigns are kept."""
        self._repository = repository

    def compare(self, cards: Sequence[Card], *, account_id: int) -> tuple[int, list[int]]:
        """Return how many would be created, and the ids of those that would be changed."""
        known = self._known(cards, account_id=account_id)
        created = sum(card.title_key not in known for card in cards)
        return created, [campaign.pk for campaign, _ in _different(known, cards)]

    def lock(self, campaign_ids: Sequence[int], *, account_id: int) -> frozenset[int]:
        """Take the locks that bringing some campaigns needs; return which are locked.

        Campaigns come first, by id, and the account last, as in every write. From here on nobody
        else writes a title of the account.
        """
        self._repository.lock(account_id=account_id, campaign_ids=sorted(campaign_ids))
        self._repository.raise_version(account_id=account_id)
        return frozenset(campaign_ids)

    def bring(
        self, cards: Sequence[Card], *, account_id: int, locked: frozenset[int], at: datetime
    ) -> tuple[tuple[int, int], list[Change]]:
        """Create and change campaigns; return how many of each, and the changes.

        :raises Moved: one that has to be changed is not locked.
        """
        known = self._known(cards, account_id=account_id)
        new = [card for card in cards if card.title_key not in known]
        others = _different(known, cards)
        if any(campaign.pk not in locked for campaign, _ in others):
            raise Moved
        changes = self._create(new, account_id=account_id, at=at) if new else []
        if others:
            changes += self._change(others, at=at)
        return (len(new), len(others)), changes

    def finish(self, *, brought: int) -> None:
        """Have the database plan for all that was brought, if it is much.

        :param brought: campaigns that were created or changed.
        """
        if brought >= _WORTH_A_LOOK:
            self._repository.plan_anew()

    def _known(self, cards: Sequence[Card], *, account_id: int) -> dict[str, Campaign]:
        keys = [card.title_key for card in cards]
        found = self._repository.with_titles(account_id=account_id, title_keys=keys)
        return {campaign.title_key: campaign for campaign in found}

    def _create(self, cards: Sequence[Card], *, account_id: int, at: datetime) -> list[Change]:
        campaigns = []
        for card in cards:
            campaign = Campaign.create(
                account_id=account_id,
                title=card.title,
                landing_page_url=card.url,
                is_running=card.is_running,
                at=at,
            )
            campaign.set_terms(card.payouts)
            campaigns.append(campaign)
        self._repository.add_many(campaigns)
        payouts = [
            in_order(CampaignPayout.create(campaign, terms, at=at) for terms in card.payouts)
            for campaign, card in zip(campaigns, cards, strict=True)
        ]
        self._repository.add_payouts([payout for some in payouts for payout in some])
        for campaign, some in zip(campaigns, payouts, strict=True):
            campaign.set_rate_card(some)
        self._repository.render_many(campaigns)
        return [campaign.change("created", new=campaign.described()) for campaign in campaigns]

    def _change(self, pairs: Sequence[tuple[Campaign, Card]], *, at: datetime) -> list[Change]:
        changes: list[Change] = []
        added: list[CampaignPayout] = []
        changed: list[CampaignPayout] = []
        removed: list[CampaignPayout] = []
        cards: list[tuple[Campaign, list[CampaignPayout]]] = []
        for campaign, card in pairs:
            changes += campaign.edit(title=card.title, landing_page_url=card.url)
            changes += campaign.set_running(on=card.is_running)
            revision = revise(campaign.rate_card, card.payouts)
            new = [CampaignPayout.create(campaign, terms, at=at) for terms in revision.added]
            revised = []
            for payout, terms in revision.changed:
                revised.append((payout.described(), payout))
                payout.revise(terms, at=at)
            changes += payout_changes(
                campaign, added=new, changed=revised, removed=revision.removed
            )
            added += new
            changed += [payout for _, payout in revised]
            removed += revision.removed
            cards.append((campaign, [*revision.kept, *new]))
        self._repository.remove_payouts(removed)
        self._repository.save_many_payouts(changed)
        self._repository.add_payouts(added)
        for campaign, payouts in cards:
            campaign.set_rate_card(payouts)
            campaign.touch(at=at)
        self._repository.save_many([campaign for campaign, _ in cards])
        return changes


def _different(known: Mapping[str, Campaign], cards: Sequence[Card]) -> list[tuple[Campaign, Card]]:
    """Return the campaigns that are not what a file says of them."""
    return [
        (known[card.title_key], card)
        for card in cards
        if card.title_key in known and not _is(known[card.title_key], card)
    ]


def _is(campaign: Campaign, card: Card) -> bool:
    """Tell whether a campaign is what a file says of it."""
    revision = revise(campaign.rate_card, card.payouts)
    return (
        (campaign.title, campaign.landing_page_url, campaign.is_running)
        == (card.title, card.url, card.is_running)
        and not revision.added
        and not revision.changed
        and not revision.removed
    )
