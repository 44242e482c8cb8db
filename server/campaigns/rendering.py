"""How a campaign and its rate card are written in JSON: lean, and stored where that is quicker.

The serializers in ``api/serializers.py`` describe the same form for the OpenAPI document;
``tests/integration/campaigns/test_rendering.py`` holds that both give the same bytes. Building the
objects of 250 payouts and looking at each is what made a list slow, so that the JSON of a rate card
is stored with its campaign when it changes (docs/adr/0012-stored-rate-cards.md).
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from core.reference import countries, currencies

if TYPE_CHECKING:
    from collections.abc import Iterable

    from campaigns.lean import CampaignRow
    from campaigns.models import Campaign, CampaignPayout

_FORM = 1
"""Rises when the form of a payout's answer changes."""


@cache
def form() -> str:
    """Return what names the form in which rate cards are stored now.

    Names of countries and digits of currencies are part of what is stored. They change with a
    package's release; what was stored before then is of another form, and not used.
    """
    digits = [(currency.code, currency.minor_digits) for currency in currencies().values()]
    parts = repr((_FORM, sorted(countries().items()), digits))
    return hashlib.blake2b(parts.encode(), digest_size=8).hexdigest()


def payout_answer(payout: CampaignPayout) -> dict[str, Any]:
    """Return one payout as answers show it."""
    return {
        "id": payout.pk,
        "country": payout.country,
        "country_name": payout.country_name,
        "is_worldwide": payout.is_worldwide,
        "amount": payout.amount_text,
        "currency": payout.currency,
        "created_at": payout.created_at,
        "updated_at": payout.updated_at,
    }


def rate_card_json(payouts: Iterable[CampaignPayout]) -> str:
    """Write a rate card, which is in order, as answers show it."""
    answers = [payout_answer(payout) for payout in payouts]
    return orjson.dumps(answers, option=orjson.OPT_UTC_Z).decode()


def campaign_answer(campaign: Campaign | CampaignRow) -> dict[str, Any]:
    """Return a campaign as answers show it; its rate card goes in as it is stored."""
    return {
        "id": campaign.id,
        "title": campaign.title,
        "landing_page_url": campaign.landing_page_url,
        "is_running": campaign.is_running,
        "payouts": orjson.Fragment(campaign.rendered_payouts),
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
        "deleted_at": campaign.deleted_at,
        "restorable_until": campaign.restorable_until,
        "version": campaign.version,
    }
