"""Accounts, their sessions and their API keys in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group

from accounts import commands, composition
from accounts.models import Account, ApiKey, Session
from core.admin import history_of
from core.admin_base import ReadOnlyAdmin, count_of, list_link
from core.exceptions import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

# Nothing in Ratecard asks who is in which group.
admin.site.unregister(Group)


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Who signs in."""

    list_display = (
        "email",
        "display_name",
        "is_active",
        "is_staff",
        "live_campaigns",
        "created_at",
    )
    list_filter = ("is_active", "is_staff", ("created_at", admin.DateFieldListFilter))
    search_fields = ("email", "display_name")
    search_help_text = "Part of an e-mail address or of a name."
    ordering = ("-pk",)
    fieldsets = (
        (None, {"fields": ("email", "display_name", "time_zone", "default_currency")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("created_at", "last_login")}),
        ("Owns", {"fields": ("live_campaigns", "sessions", "keys")}),
    )
    readonly_fields = ("live_campaigns", "sessions", "keys")
    actions = ("activate", "deactivate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Bring the number of campaigns."""
        accounts: QuerySet[Account] = super().get_queryset(request)
        return accounts.annotate(live_campaigns=count_of(Account, "campaigns", deleted_at=None))

    def history_url(self, row: Account) -> str:
        """Return where the account's own history is."""
        return history_of("account", account_id=row.pk, subject_id=row.pk)

    @admin.display(description="campaigns", ordering="live_campaigns")
    def live_campaigns(self, account: Any) -> SafeString:
        """Return how many live campaigns it has, with a link to them."""
        campaigns: Any = Account._meta.get_field("campaigns").related_model
        return list_link(campaigns, account.live_campaigns, account=account.pk, state="live")

    @admin.display(description="sessions")
    def sessions(self, account: Account) -> SafeString:
        """Link to its sessions."""
        return list_link(Session, "Sessions", account=account.pk)

    @admin.display(description="API keys")
    def keys(self, account: Account) -> SafeString:
        """Link to its API keys."""
        return list_link(ApiKey, "API keys", account=account.pk)

    @admin.action(description="Let selected accounts in", permissions=["act"])
    def activate(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        """Let accounts sign in again."""
        self._set_active(request, accounts, is_active=True)

    @admin.action(description="Shut selected accounts out", permissions=["act"])
    def deactivate(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        """Shut accounts out, and end their sessions."""
        self._set_active(request, accounts, is_active=False)

    def _set_active(
        self, request: HttpRequest, accounts: QuerySet[Account], *, is_active: bool
    ) -> None:
        service = composition.account_service()
        ids = list(accounts.order_by("pk").values_list("pk", flat=True))
        changed = 0
        for account_id in ids:
            command = commands.SetActive(
                account_id=account_id, actor_id=request.user.pk or 0, is_active=is_active
            )
            try:
                changed += service.set_active(command)
            except DomainError as error:
                self.message_user(request, error.detail, messages.ERROR)
        done = "let in" if is_active else "shut out"
        self.message_user(
            request, f"{changed} {done}, {len(ids) - changed} unchanged.", messages.SUCCESS
        )


class _OwnedAdmin(ReadOnlyAdmin):
    """What belongs to an account."""

    list_select_related = ("account",)
    search_fields = ("account__email",)
    search_help_text = "Part of the account's e-mail address."
    ordering = ("-created_at", "pk")

    @admin.display(description="account", ordering="account__email")
    def owner(self, row: Session | ApiKey) -> str:
        """Return whose it is."""
        return str(row.account.email)


@admin.register(Session)
class SessionAdmin(_OwnedAdmin):
    """Where people are signed in. The digest of the token stays in the database."""

    list_display = (
        "device_name",
        "owner",
        "created_at",
        "last_refreshed_at",
        "expires_at",
        "ended_at",
    )
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "created_at")
    fields = ("account", "device", "created_at", "last_refreshed_at", "expires_at", "ended_at")

    @admin.display(description="device", ordering="device")
    def device_name(self, session: Session) -> str:
        """Return the device; not every client names it."""
        return str(session)


@admin.register(ApiKey)
class ApiKeyAdmin(_OwnedAdmin):
    """The keys of programs. Their digest stays in the database."""

    list_display = ("name", "owner", "scope", "hint", "created_at", "last_used_at", "revoked_at")
    list_filter = ("scope", ("revoked_at", admin.EmptyFieldListFilter))
    fields = ("account", "name", "scope", "hint", "created_at", "last_used_at", "revoked_at")
