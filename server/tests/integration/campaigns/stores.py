"""The two places where campaigns are kept, behind one face, so that one suite can ask both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from accounts.models import Account
from campaigns.models import Campaign, CampaignPayout
from campaigns.repositories import CampaignRepository
from tests.factories.accounts import AccountFactory
from tests.factories.campaigns import LANDING_PAGE, terms
from tests.fixtures.campaign_store import FakeCampaigns
from tests.fixtures.memory import START, Memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from campaigns.commands import PayoutTerms
    from core.events import Atomic


@dataclass(frozen=True, kw_only=True)
class Stores:
    """A store with two accounts in it, and a look at what is really in there."""

    store: CampaignRepository | FakeCampaigns
    atomic: Atomic
    owner: int
    other: int
    stored: Callable[[int], Campaign | None]
    """Read a campaign with its rate card back, deleted or not."""
    version: Callable[[int], int]
    """Read the version of an account's campaigns back."""

    def added(
        self,
        title: str = "Spring",
        *,
        account_id: int | None = None,
        payouts: tuple[PayoutTerms, ...] = (terms(),),
        deleted_at: datetime | None = None,
        rendered: bool = True,
    ) -> Campaign:
        """Store a campaign with its rate card, which is rendered unless told otherwise."""
        campaign = unsaved(title, account_id=account_id or self.owner)
        campaign.deleted_at = deleted_at
        with self.atomic():
            self.store.add(campaign)
            campaign.rate_card = [
                CampaignPayout.create(campaign, payout, at=START) for payout in payouts
            ]
            self.store.add_payouts(campaign.rate_card)
            if rendered:
                campaign.set_rate_card(campaign.rate_card)
                self.store.save_rate_card(campaign)
        return campaign

    def read(self, campaign: Campaign) -> Campaign:
        """Read a campaign back that must be there."""
        found = self.stored(campaign.pk)
        assert found is not None
        return found

    def card(self, campaign: Campaign) -> list[tuple[int, str | None, str, str]]:
        """Read a campaign's rate card back."""
        return [
            (payout.pk, payout.country, payout.amount_text, payout.currency)
            for payout in self.read(campaign).rate_card
        ]


def unsaved(title: str, *, account_id: int) -> Campaign:
    """Return a campaign that nobody stored."""
    return Campaign.create(
        account_id=account_id,
        title=title,
        landing_page_url=LANDING_PAGE,
        is_running=False,
        at=START,
    )


def fake_stores() -> Stores:
    """Return the fake."""
    memory = Memory()
    store = FakeCampaigns(memory)

    def stored(campaign_id: int) -> Campaign | None:
        return store.stored(campaign_id) if campaign_id in memory.table("campaigns") else None

    return Stores(
        store=store,
        atomic=memory.atomic,
        owner=1,
        other=2,
        stored=stored,
        version=store.version,
    )


def real_stores() -> Stores:
    """Return the repository, on a database with two accounts."""

    def stored(campaign_id: int) -> Campaign | None:
        return Campaign.objects.with_rate_card().filter(pk=campaign_id).first()

    def atomic() -> AbstractContextManager[None]:
        return transaction.atomic()

    def version(account_id: int) -> int:
        return Account.objects.get(pk=account_id).campaigns_version

    owner, other = AccountFactory.create_batch(2)
    return Stores(
        store=CampaignRepository(),
        atomic=atomic,
        owner=owner.pk,
        other=other.pk,
        stored=stored,
        version=version,
    )
