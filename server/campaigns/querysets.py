"""The words in which campaigns are asked for, and when PostgreSQL's index for texts is asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import connections, models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Left, StrIndex
from django.db.models.lookups import Exact, GreaterThan

from campaigns import rules
from campaigns.landing_page import clean_landing_page_url
from campaigns.rate_card import has_country, has_currency
from core.exceptions import RuleViolation
from core.text import comparison_key

if TYPE_CHECKING:
    from datetime import datetime

    from campaigns.models import (
        Campaign,  # noqa: F401 -- named as text below, which is where it is needed
        CampaignPayout,
    )

_HAS_TRIGRAMS = re.compile(r"[^\W_]{3}| [^\W_]{2,} ")
"""What a text must have for an index of trigrams to find it: three letters or digits, or a word."""

LOOKED_THROUGH = 5_000
"""Campaigns of an account that are looked through, one by one, sooner than an index is asked."""

_URL_INDEXED = 200
"""Characters of a URL that are in its index, which takes no text of 2,048."""

_TEXT_INDEXED = 12
"""Characters of a text, its last, that the index is asked for: each costs, and a few are enough."""


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """The words in which campaigns are asked for."""

    owner_id: int | None = None
    """Whose they are, where they are one account's."""
    is_small: bool | None = None
    """Whether that account has few campaigns, where that was asked."""
    asks_for_text: bool = False
    """Whether the index for texts is asked already."""

    def owned_by(self, account_id: int) -> Self:
        """Keep those of one account."""
        # Cast, since Django writes a small number as half the column's size, and the index for
        # texts (migration 0004) knows no other than the column's.
        owned = self.filter(account_id=Cast(Value(account_id), models.BigIntegerField()))
        owned.owner_id = account_id
        return owned

    def live(self) -> Self:
        """Keep those that are not deleted."""
        return self.filter(deleted_at=None)

    def restorable(self, *, at: datetime) -> Self:
        """Keep those that are deleted, but not for so long that they cannot come back."""
        return self.filter(deleted_at__gt=at - rules.RESTORABLE_FOR)

    def matching(self, text: str) -> Self:
        """Keep those whose title or URL has a text in it, taken literally, whatever its case."""
        if "\n" in text:
            # The key has a line for each: only across the two could there be such a text.
            return self.none()
        return self._having("search_key", comparison_key(text))

    def titled(self, title: str) -> Self:
        """Keep those with a title, whatever its case."""
        return self.filter(title_key=comparison_key(title.strip()))

    def leading_to(self, url: str) -> Self:
        """Keep those with a landing page, its scheme and host in any case."""
        try:
            clean = clean_landing_page_url(url)
        except RuleViolation:
            return self.none()  # no campaign can have it
        beginning = Exact(Left("landing_page_url", _URL_INDEXED), clean[:_URL_INDEXED])
        return self.filter(beginning, landing_page_url=clean)

    def in_state(self, is_running: bool) -> Self:  # noqa: FBT001 -- a filter's value, as all here
        """Keep those that run, or those that do not."""
        # Not by equality: Django writes that as the bare column, for which SQLite asks no index.
        return self.filter(is_running__in=[is_running])

    def paying_in(self, country: str) -> Self:
        """Keep those that pay in a country, by its own payout or by the worldwide one."""
        return self._having("terms_key", has_country(country), has_country(None))

    def paying_with(self, currency: str) -> Self:
        """Keep those with a payout in a currency."""
        return self._having("terms_key", has_currency(currency))

    def _having(self, key: str, *texts: str) -> Self:
        """Keep those whose key has one of some texts in it.

        PostgreSQL's index for that costs what all accounts have of the parts of a text, so that
        its planner has no say for an account of few campaigns: STRPOS is nothing that it knows an
        index for (docs/adr/0013-indexes.md).
        """
        found = Q()
        for text in texts:
            found |= Q(GreaterThan(StrIndex(F(key), Value(text)), 0))
        ends = [text[-_TEXT_INDEXED:] for text in texts]
        # For one text it is quick, and what it finds is soon looked through for another.
        if (
            self.asks_for_text
            or not all(_HAS_TRIGRAMS.search(end) for end in ends)
            or self._is_soon_looked_through()
        ):
            return self.filter(found)
        indexed = Q()
        for end in ends:
            indexed |= Q(**{f"{key}__contains": end})
        kept = self.filter(indexed if ends == list(texts) else indexed & found)
        kept.asks_for_text = True
        return kept

    def _is_soon_looked_through(self) -> bool:
        """Tell whether so few campaigns are asked for that no index for texts is wanted."""
        if connections[self.db].vendor != "postgresql":
            return True
        if self.is_small is None and self.owner_id is not None:
            live = type(self)(self.model, using=self.db).live().owned_by(self.owner_id)
            self.is_small = not live[LOOKED_THROUGH : LOOKED_THROUGH + 1].exists()
        return bool(self.is_small)

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # Django's own, and not in its stubs
        clone.owner_id, clone.is_small = self.owner_id, self.is_small
        clone.asks_for_text = self.asks_for_text
        return clone

    def with_rate_card(self) -> Self:
        """Bring each campaign's payouts as ``rate_card``, in order, in one query for all."""
        payout = apps.get_model("campaigns", "CampaignPayout")
        payouts: models.QuerySet[CampaignPayout] = models.QuerySet(payout).order_by(
            F("country").asc(nulls_first=True)
        )
        return self.prefetch_related(
            models.Prefetch("payouts", queryset=payouts, to_attr="rate_card")
        )
