"""Campaigns and payouts in the admin."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import F, Q
from django.utils import timezone

from campaigns import commands, composition
from campaigns.commands import BulkAction
from campaigns.models import SUBJECT, Campaign, CampaignPayout
from campaigns.querysets import CampaignQuerySet
from campaigns.services.bulk import Status
from core.admin import history_of
from core.admin_base import ReadOnlyAdmin, ReadOnlyInline, SelectFilter, count_of
from core.exceptions import DomainError
from core.reference import countries, currencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest

_AT_ONCE = 500
"""Campaigns in one transaction."""

_OUTCOMES = {
    Status.DONE: "done",
    Status.UNCHANGED: "unchanged",
    Status.NOT_FOUND: "deleted, or deleted for too long",
    Status.CONFLICT: "in conflict with a live campaign's title",
}


class StateFilter(admin.SimpleListFilter):
    """Keep live campaigns, or deleted ones."""

    title = "state"
    parameter_name = "state"

    def lookups(
        self, _request: HttpRequest, _model_admin: ModelAdmin[Any]
    ) -> Sequence[tuple[str, str]]:
        """Return the states."""
        return [("live", "Live"), ("bin", "In the bin"), ("deleted", "Deleted, all")]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        """Keep the campaigns."""
        match self.value():
            case "live":
                return queryset.live()
            case "bin":
                return queryset.restorable(at=timezone.now())
            case "deleted":
                return queryset.exclude(deleted_at=None)
        return queryset


class CampaignCurrencyFilter(SelectFilter):
    """Keep campaigns with a payout in a currency."""

    title = "currency"
    parameter_name = "currency"

    def lookups(
        self, _request: HttpRequest, _model_admin: ModelAdmin[Any]
    ) -> Sequence[tuple[str, str]]:
        """Return all currencies: which are in use would take long to find out."""
        return [(code, f"{code} {currency.name}") for code, currency in currencies().items()]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        """Keep the campaigns."""
        code = self.value()
        return queryset.paying_with(code) if code else queryset


class PayoutCurrencyFilter(CampaignCurrencyFilter):
    """Keep payouts in a currency."""

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        """Keep the payouts."""
        return queryset.filter(currency=self.value()) if self.value() else queryset


class PayoutCountryFilter(SelectFilter):
    """Keep payouts of a country, or worldwide ones."""

    title = "country"
    parameter_name = "country"
    worldwide = "worldwide"

    def lookups(
        self, _request: HttpRequest, _model_admin: ModelAdmin[Any]
    ) -> Sequence[tuple[str, str]]:
        """Return the world and all countries."""
        return [(self.worldwide, "Worldwide"), *countries().items()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the payouts."""
        chosen = self.value()
        if not chosen:
            return queryset
        return queryset.filter(country=None if chosen == self.worldwide else chosen)


class ShowsTerms:
    """Show a payout's terms as every answer does."""

    @admin.display(description="country", ordering=F("country").asc(nulls_first=True))
    def where(self, payout: CampaignPayout) -> str:
        """Return the country's name."""
        return payout.country_name

    @admin.display(description="amount")
    def amount_as_text(self, payout: CampaignPayout) -> str:
        """Return the amount with the digits of its currency."""
        return payout.amount_text


class PayoutInline(ShowsTerms, ReadOnlyInline):
    """The rate card of the campaign on the page."""

    model = CampaignPayout
    verbose_name_plural = "rate card"
    fields = ("where", "amount_as_text", "currency", "updated_at")
    readonly_fields = ("where", "amount_as_text")
    ordering = (F("country").asc(nulls_first=True),)


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """Campaigns of all accounts; what can be done to them is what their owners can do."""

    list_display = (
        "title",
        "owner",
        "is_running",
        "payout_count",
        "created_at",
        "state",
    )
    list_filter = ("is_running", StateFilter, CampaignCurrencyFilter, "created_at")
    list_select_related = ("account",)
    # Makes the field appear; get_search_results does the search.
    search_fields = ("title",)
    search_help_text = "Part of a title, of a URL or of the account's e-mail address."
    ordering = ("-pk",)
    fields = (
        "title",
        "account",
        "landing_page_url",
        "is_running",
        "state",
        "version",
        "created_at",
        "updated_at",
        "deleted_at",
    )
    readonly_fields = ("state",)
    inlines = (PayoutInline,)
    actions = ("start", "stop", "delete_softly", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        """Bring the number of payouts."""
        campaigns: QuerySet[Campaign] = super().get_queryset(request)
        return campaigns.annotate(payout_count=count_of(Campaign, "payouts"))

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Campaign], search_term: str
    ) -> tuple[QuerySet[Campaign], bool]:
        """Search in any script, as the API does, and by the account's address."""
        return (queryset.filter(_found(search_term)) if search_term else queryset), False

    def history_url(self, row: Campaign) -> str:
        """Return where the campaign's history is."""
        return history_of(SUBJECT, account_id=row.account_id, subject_id=row.pk)

    @admin.display(description="account", ordering="account__email")
    def owner(self, campaign: Campaign) -> str:
        """Return whose it is."""
        return str(campaign.account.email)

    @admin.display(description="payouts", ordering="payout_count")
    def payout_count(self, campaign: Any) -> int:
        """Return how many payouts it has."""
        count: int = campaign.payout_count
        return count

    @admin.display(description="state", ordering="deleted_at")
    def state(self, campaign: Campaign) -> str:
        """Tell whether it is live, and if not, until when it can come back."""
        until = campaign.restorable_until
        if until is None:
            return "live"
        if until <= timezone.now():
            return "deleted"
        return f"deleted, restorable until {until:%Y-%m-%d}"

    @admin.action(description="Start selected campaigns", permissions=["act"])
    def start(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        """Let campaigns deliver."""
        self._apply(request, BulkAction.START, campaigns)

    @admin.action(description="Stop selected campaigns", permissions=["act"])
    def stop(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        """Let campaigns deliver no more."""
        self._apply(request, BulkAction.STOP, campaigns)

    @admin.action(description="Delete selected campaigns", permissions=["act"])
    def delete_softly(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        """Put campaigns into the bin."""
        self._apply(request, BulkAction.DELETE, campaigns)

    @admin.action(description="Restore selected campaigns", permissions=["act"])
    def restore(self, request: HttpRequest, campaigns: QuerySet[Campaign]) -> None:
        """Bring campaigns back, stopped."""
        self._apply(request, BulkAction.RESTORE, campaigns)

    def _apply(
        self, request: HttpRequest, action: BulkAction, campaigns: QuerySet[Campaign]
    ) -> None:
        service = composition.bulk_service()
        counts: Counter[Status] = Counter()
        for account_id, campaign_ids in _by_account(campaigns):
            command = commands.Bulk(
                account_id=account_id,
                actor_id=request.user.pk or 0,
                action=action,
                campaign_ids=campaign_ids,
            )
            try:
                counts.update(outcome.status for outcome in service.apply(command))
            except DomainError as error:
                self.message_user(request, error.detail, messages.ERROR)
        told = ", ".join(f"{counts[status]} {text}" for status, text in _OUTCOMES.items())
        only_done = set(counts) <= {Status.DONE, Status.UNCHANGED}
        level = messages.SUCCESS if only_done else messages.WARNING
        self.message_user(request, f"{action.capitalize()}: {told}.", level)


@admin.register(CampaignPayout)
class CampaignPayoutAdmin(ShowsTerms, ReadOnlyAdmin):
    """Payouts of all rate cards."""

    list_display = ("campaign", "where", "amount_as_text", "currency", "owner", "updated_at")
    list_filter = (PayoutCountryFilter, PayoutCurrencyFilter)
    list_select_related = ("campaign__account",)
    # Makes the field appear; get_search_results does the search.
    search_fields = ("campaign__title",)
    search_help_text = "Part of the campaign's title or URL, or of the account's e-mail address."
    ordering = ("-pk",)
    fields = ("campaign", "where", "amount_as_text", "currency", "created_at", "updated_at")
    readonly_fields = ("where", "amount_as_text")

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[CampaignPayout], search_term: str
    ) -> tuple[QuerySet[CampaignPayout], bool]:
        """Search as the list of campaigns does."""
        if not search_term:
            return queryset, False
        found = CampaignQuerySet(Campaign).filter(_found(search_term))
        return queryset.filter(campaign__in=found), False

    def history_url(self, row: CampaignPayout) -> str:
        """Return where the history of its campaign is."""
        return history_of(SUBJECT, account_id=row.campaign.account_id, subject_id=row.campaign_id)

    @admin.display(description="account")
    def owner(self, payout: CampaignPayout) -> str:
        """Return whose it is."""
        return str(payout.campaign.account.email)


def _found(text: str) -> Q:
    """Return the condition for campaigns whose title, URL or account's address has a text."""
    titled = CampaignQuerySet(Campaign).matching(text).values("pk")
    return Q(pk__in=titled) | Q(account__email__contains=text.strip().lower())


def _by_account(campaigns: QuerySet[Campaign]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield campaigns by their owner, some at a time."""
    rows = campaigns.order_by("account_id", "pk").values_list("account_id", "pk")
    for account_id, owned in groupby(rows, key=itemgetter(0)):
        ids = [campaign_id for _, campaign_id in owned]
        for start in range(0, len(ids), _AT_ONCE):
            yield account_id, tuple(ids[start : start + _AT_ONCE])
