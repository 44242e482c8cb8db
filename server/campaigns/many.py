"""What an import writes most, by hand: thousands of rows, each with values of its own.

Django says it with a CASE for each row and column, which takes a database longer to read than to
do. ``repositories.py`` alone uses these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from campaigns import rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from campaigns.models import Campaign, CampaignPayout

_SAVE = """
UPDATE campaigns_campaign
SET title = %s, title_key = %s, landing_page_url = %s, search_key = %s, is_running = %s,
    version = %s, updated_at = %s, rendered_payouts = %s, rendered_form = %s, terms_key = %s
WHERE id = %s
"""
_RENDER = "UPDATE campaigns_campaign SET rendered_payouts = %s, rendered_form = %s WHERE id = %s"
_SAVE_PAYOUT = """
UPDATE campaigns_campaignpayout SET amount = %s, currency = %s, updated_at = %s WHERE id = %s
"""


def save(campaigns: Sequence[Campaign]) -> None:
    """Store the values of campaigns that can change."""
    moment = connection.ops.adapt_datetimefield_value
    rows = [
        (
            *(campaign.title, campaign.title_key, campaign.landing_page_url, campaign.search_key),
            *(campaign.is_running, campaign.version, moment(campaign.updated_at)),
            *(campaign.rendered_payouts, campaign.rendered_form, campaign.terms_key, campaign.pk),
        )
        for campaign in campaigns
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SAVE, rows)


def render(campaigns: Sequence[Campaign]) -> None:
    """Store how answers show the rate cards of campaigns."""
    rows = [
        (campaign.rendered_payouts, campaign.rendered_form, campaign.pk) for campaign in campaigns
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_RENDER, rows)


def save_payouts(payouts: Sequence[CampaignPayout]) -> None:
    """Store the terms of payouts whose countries stay."""
    if not payouts:
        return
    moment = connection.ops.adapt_datetimefield_value
    rows = [
        (
            connection.ops.adapt_decimalfield_value(
                payout.amount, rules.AMOUNT_DIGITS, rules.AMOUNT_DECIMALS
            ),
            payout.currency,
            moment(payout.updated_at),
            payout.pk,
        )
        for payout in payouts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SAVE_PAYOUT, rows)


def plan_anew() -> None:
    """Have PostgreSQL look at campaigns and payouts; SQLite plans without knowing them.

    By itself it does so within a minute or so, and until then takes an account that has just
    brought thousands for one of a few: its lists take twice as long. It looks at a sample, which
    takes a fraction of a second, and leaves a table out that somebody else looks at.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) campaigns_campaign, campaigns_campaignpayout")
