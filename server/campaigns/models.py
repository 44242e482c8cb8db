"""Campaigns and payouts: their integrity, and how they change state."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Left, Length, Round
from django.db.models.lookups import Exact, GreaterThan, LessThanOrEqual

from campaigns import rules
from campaigns.imports.entities import (
    Import,  # noqa: F401 -- Django finds an app's entities here
    ImportPiece,  # noqa: F401 -- as above
)
from campaigns.landing_page import LONGEST_URL
from campaigns.querysets import CampaignQuerySet
from campaigns.rate_card import in_order, terms_key
from campaigns.rendering import form, rate_card_json
from core.events import Change, Values
from core.reference import countries, currencies, is_among
from core.text import comparison_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from campaigns.commands import PayoutTerms
    from campaigns.rate_card import HasTerms

SUBJECT = "campaign"


class Campaign(models.Model):
    """Where people are sent, whether that is on, and what a conversion pays in each country.

    Deleting is soft: ``deleted_at`` says when. ``version`` rises with every change of the
    campaign or of its payouts.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="campaigns",
        db_index=False,  # the indexes below all begin with it
    )
    title = models.CharField(max_length=rules.LONGEST_TITLE)
    title_key = models.TextField(editable=False)
    """The title as it is compared; SQLite's LOWER knows ASCII only."""
    landing_page_url = models.TextField()
    search_key = models.TextField(editable=False)
    """Title and URL as they are searched, a line each."""
    is_running = models.BooleanField(default=False)
    version = models.BigIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    rendered_payouts = models.TextField(default="", editable=False)
    """The rate card as answers show it; see ``campaigns.rendering``."""
    rendered_form = models.CharField(max_length=16, default="", editable=False)
    """The form it is in. One that is not today's is not shown."""
    terms_key = models.TextField(default="", editable=False)
    """The countries and currencies of the rate card, as filters look for them."""

    objects = CampaignQuerySet.as_manager()

    rate_card: list[CampaignPayout]
    """The payouts, in order, where ``with_rate_card`` or a use case brought them."""

    class Meta:
        """Table options."""

        # Each begins with the account and, but for the bin's, has only live campaigns in it: a page
        # reads as many rows of an index as it shows, from wherever it begins, in either direction.
        # Searching and the filters by country and currency have one more index on PostgreSQL, made
        # by migration 0004: docs/adr/0013-indexes.md.
        indexes: ClassVar = [
            # The list as it comes, newest first; ordering=created_at; created_after and _before.
            models.Index(
                fields=["account", "created_at", "id"],
                include=["terms_key"],  # counting what country= and currency= leave, on PostgreSQL
                condition=Q(deleted_at=None),
                name="campaign_created",
            ),
            # ordering=updated_at.
            models.Index(
                fields=["account", "updated_at", "id"],
                condition=Q(deleted_at=None),
                name="campaign_updated",
            ),
            # ordering=is_running, whose ties go by id.
            models.Index(
                fields=["account", "is_running", "id"],
                condition=Q(deleted_at=None),
                name="campaign_running",
            ),
            # is_running=, newest first: the few that run among many that do not.
            models.Index(
                fields=["account", "is_running", "created_at", "id"],
                condition=Q(deleted_at=None),
                name="campaign_running_created",
            ),
            # deleted=true in any order, and what purge_deleted looks for.
            models.Index(
                fields=["account", "deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="campaign_bin",
            ),
        ]
        constraints: ClassVar = [
            # Its index also serves title=, ordering=title and the titles of copies.
            models.UniqueConstraint(
                fields=["account", "title_key"],
                condition=Q(deleted_at=None),
                name="campaign_title_unique",
            ),
            models.CheckConstraint(
                condition=Q(GreaterThan(Length("title"), 0))
                & Q(LessThanOrEqual(Length("title"), rules.LONGEST_TITLE))
                & Q(GreaterThan(Length("title_key"), 0)),
                name="campaign_title_length",
            ),
            models.CheckConstraint(
                # Not LIKE, which ignores case on SQLite.
                condition=Q(Exact(Left("landing_page_url", 7), Value("http://")))
                | Q(Exact(Left("landing_page_url", 8), Value("https://"))),
                name="campaign_url_scheme",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("landing_page_url"), LONGEST_URL),
                name="campaign_url_length",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(is_running=False),
                name="campaign_deleted_is_stopped",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="campaign_version_positive"),
        ]

    def __str__(self) -> str:
        """Show the title."""
        return self.title

    @classmethod
    def create(
        cls,
        *,
        account_id: int,
        title: str,
        landing_page_url: str,
        is_running: bool,
        at: datetime,
    ) -> Campaign:
        """Return a new campaign, not stored yet."""
        campaign = cls(
            account_id=account_id,
            landing_page_url=landing_page_url,
            is_running=is_running,
            created_at=at,
            updated_at=at,
        )
        campaign._set_title(title)
        return campaign

    @property
    def restorable_until(self) -> datetime | None:
        """When it can be brought back no more; null while it is live."""
        return self.deleted_at and self.deleted_at + rules.RESTORABLE_FOR

    def start(self) -> list[Change]:
        """Let it deliver."""
        return self._set_running(on=True)

    def stop(self) -> list[Change]:
        """Let it deliver no more."""
        return self._set_running(on=False)

    def set_running(self, *, on: bool | None) -> list[Change]:
        """Start or stop it; None leaves it as it is."""
        return [] if on is None else self._set_running(on=on)

    def edit(self, *, title: str | None, landing_page_url: str | None) -> list[Change]:
        """Change title and URL to what is given; None leaves one as it is."""
        old: Values = {}
        new: Values = {}
        for field, value in (("title", title), ("landing_page_url", landing_page_url)):
            if value is not None and value != getattr(self, field):
                old[field], new[field] = getattr(self, field), value
        self.landing_page_url = landing_page_url or self.landing_page_url
        self._set_title(title or self.title)
        return [self.change("changed", old=old, new=new)] if new else []

    def delete_softly(self, *, at: datetime) -> list[Change]:
        """Take it out of every list; it stops."""
        old: Values = {"is_running": self.is_running, "deleted_at": None}
        new: Values = {"is_running": False, "deleted_at": _text(at)}
        self.deleted_at = at
        self.is_running = False
        return [self.change("deleted", old=old, new=new)]

    def restore(self, *, title: str | None = None) -> list[Change]:
        """Bring it back, stopped, under its own title or another."""
        old: Values = {"title": self.title, "deleted_at": _text(self.deleted_at)}
        self.deleted_at = None
        self._set_title(title or self.title)
        return [self.change("restored", old=old, new={"title": self.title, "deleted_at": None})]

    @property
    def is_rendered(self) -> bool:
        """Whether its stored rate card can be shown as it is."""
        return self.rendered_form == form()

    def set_rate_card(self, payouts: Iterable[CampaignPayout]) -> None:
        """Take stored payouts as the whole rate card, and write down how answers show it."""
        self.rate_card = in_order(payouts)
        self.rendered_payouts = rate_card_json(self.rate_card)
        self.rendered_form = form()
        self.set_terms(self.rate_card)

    def with_rate_card(self, payouts: Iterable[CampaignPayout]) -> Self:
        """Return it with its stored payouts as the rate card."""
        self.set_rate_card(payouts)
        return self

    def set_terms(self, payouts: Iterable[HasTerms]) -> None:
        """Write down where and in which currencies it pays, for filters to find."""
        self.terms_key = terms_key(payouts)

    def touch(self, *, at: datetime) -> None:
        """Note a change of the campaign or of its payouts."""
        self.version += 1
        self.updated_at = at

    def change(self, name: str, *, old: Values | None = None, new: Values | None = None) -> Change:
        """Return a change of this campaign, for its history."""
        return Change(
            name=f"{SUBJECT}.{name}",
            account_id=self.account_id,
            subject_type=SUBJECT,
            subject_id=self.pk,
            old=old,
            new=new,
        )

    def described(self) -> Values:
        """Return all its values, as its history shows them."""
        return {
            "title": self.title,
            "landing_page_url": self.landing_page_url,
            "is_running": self.is_running,
            "payouts": [payout.described() for payout in self.rate_card],
        }

    def _set_running(self, *, on: bool) -> list[Change]:
        if self.is_running == on:
            return []
        self.is_running = on
        name = "started" if on else "stopped"
        return [self.change(name, old={"is_running": not on}, new={"is_running": on})]

    def _set_title(self, title: str) -> None:
        self.title = title
        self.title_key = rules.title_key(title)
        self.search_key = f"{self.title_key}\n{comparison_key(self.landing_page_url)}"


class CampaignPayout(models.Model):
    """What one conversion pays, in one country or, where that is null, worldwide."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="payouts", db_index=False
    )
    country = models.CharField(max_length=2, null=True)  # noqa: DJ001 -- null is the world
    amount = models.DecimalField(
        max_digits=rules.AMOUNT_DIGITS, decimal_places=rules.AMOUNT_DECIMALS
    )
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Table options."""

        constraints: ClassVar = [
            # A payout's country may appear once in a campaign. Its index also finds a campaign's
            # payouts.
            models.UniqueConstraint(fields=["campaign", "country"], name="payout_country_unique"),
            # SQL holds nulls to be distinct, so that worldwide needs a constraint of its own.
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(country=None), name="payout_worldwide_unique"
            ),
            models.CheckConstraint(
                condition=Q(country=None) | is_among("country", countries()),
                name="payout_country_known",
            ),
            models.CheckConstraint(
                condition=is_among("currency", currencies()), name="payout_currency_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=Decimal(0)) & Q(amount__lte=rules.LARGEST_AMOUNT),
                name="payout_amount_in_range",
            ),
            models.CheckConstraint(
                condition=Exact(F("amount"), Round("amount", rules.AMOUNT_DECIMALS)),
                name="payout_amount_decimals",
            ),
        ]

    def __str__(self) -> str:
        """Show what is paid where."""
        return f"{rules.country_name(self.country)}: {self.amount_text} {self.currency}"

    @classmethod
    def create(cls, campaign: Campaign, terms: PayoutTerms, *, at: datetime) -> CampaignPayout:
        """Return a new payout of a campaign, not stored yet."""
        return cls(
            campaign=campaign,
            country=terms.country,
            amount=terms.amount,
            currency=terms.currency,
            created_at=at,
            updated_at=at,
        )

    @property
    def is_worldwide(self) -> bool:
        """Whether it is paid wherever a country has no payout of its own."""
        return self.country is None

    @property
    def country_name(self) -> str:
        """The country's name, or ``Worldwide``."""
        return rules.country_name(self.country)

    @property
    def amount_text(self) -> str:
        """The amount as text, as every answer shows it."""
        return rules.amount_text(self.amount, self.currency)

    def pays(self, terms: PayoutTerms) -> bool:
        """Tell whether these are its terms already."""
        return (self.country, self.amount, self.currency) == (
            terms.country,
            terms.amount,
            terms.currency,
        )

    def revise(self, terms: PayoutTerms, *, at: datetime) -> None:
        """Take other terms."""
        self.country = terms.country
        self.amount = terms.amount
        self.currency = terms.currency
        self.updated_at = at

    def described(self) -> Values:
        """Return its values, as the history shows them."""
        return {"country": self.country, "amount": self.amount_text, "currency": self.currency}


def payout_changes(
    campaign: Campaign,
    *,
    added: Iterable[CampaignPayout] = (),
    changed: Iterable[tuple[Values, CampaignPayout]] = (),
    removed: Iterable[CampaignPayout] = (),
) -> list[Change]:
    """Return what happened to a rate card, for the campaign's history.

    :param changed: what each payout was, and the payout as it is.
    """
    return [
        *(campaign.change("payout_removed", old=payout.described()) for payout in removed),
        *(
            campaign.change("payout_changed", old=old, new=payout.described())
            for old, payout in changed
        ),
        *(campaign.change("payout_added", new=payout.described()) for payout in added),
    ]


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
