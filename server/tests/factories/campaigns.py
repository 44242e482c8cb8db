"""Campaigns with their rate cards for tests, made as the product makes them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from factory.django import DjangoModelFactory

from campaigns.commands import PayoutTerms
from campaigns.models import Campaign, CampaignPayout
from campaigns.rate_card import in_order
from tests.factories.accounts import AccountFactory
from tests.factories.declarations import computed, made_by, numbered

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from accounts.models import Account

LANDING_PAGE = "https://shop.example.com/offer?click={click_id}"


def terms(country: str | None = None, amount: str = "1.50", currency: str = "EUR") -> PayoutTerms:
    """Return what a payout pays."""
    return PayoutTerms(country=country, amount=Decimal(amount), currency=currency)


class CampaignFactory(DjangoModelFactory[Campaign]):
    """A stopped campaign that pays 1.50 EUR worldwide.

    ``payouts`` takes the terms of another rate card, ``at`` when it was created, ``deleted_at``
    when it was deleted. The campaign comes with its payouts in ``rate_card``.
    """

    class Meta:
        model = Campaign

    account = made_by(AccountFactory)
    title = numbered("Campaign {}".format)
    landing_page_url = LANDING_PAGE
    is_running = False
    at = computed(timezone.now)
    deleted_at: datetime | None = None
    payouts: tuple[PayoutTerms, ...] = (terms(),)

    @classmethod
    def _build(cls, model_class: type[Campaign], *_args: Any, **values: Any) -> Campaign:
        return _campaign(model_class, **values)

    @classmethod
    def _create(cls, model_class: type[Campaign], *_args: Any, **values: Any) -> Campaign:
        campaign = _campaign(model_class, **values)
        campaign.save(force_insert=True)
        CampaignPayout.objects.bulk_create(campaign.rate_card)
        return campaign


def _campaign(
    model: type[Campaign],
    *,
    account: Account,
    at: datetime,
    deleted_at: datetime | None,
    payouts: Iterable[PayoutTerms],
    **values: Any,
) -> Campaign:
    campaign = model.create(account_id=account.pk, at=at, **values)
    campaign.account = account
    campaign.deleted_at = deleted_at
    campaign.rate_card = in_order(
        CampaignPayout.create(campaign, payout, at=at) for payout in payouts
    )
    campaign.set_terms(campaign.rate_card)
    return campaign
