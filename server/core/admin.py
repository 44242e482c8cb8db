"""The history in the admin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django_tasks_db.models import DBTaskResult

from core.admin_base import ModelAdmin as AnyAdmin
from core.admin_base import ReadOnlyAdmin, SelectFilter, list_url
from core.models import Event, Flag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

# Jobs are for the log and the metrics: their arguments and tracebacks are nobody's reading here.
admin.site.unregister(DBTaskResult)

_LATEST = 5_000
"""Which events tell what names there are: reading them all for a filter would take too long."""
_NOTHING = "-"


def history_of(subject_type: str, *, account_id: int, subject_id: int) -> str:
    """Return the address of the page with the history of one subject."""
    return list_url(Event, account=account_id, subject_type=subject_type, subject_id=subject_id)


class NameFilter(SelectFilter):
    """Keep events of one name; it offers those of late."""

    title = "name"
    parameter_name = "name"

    def lookups(
        self, _request: HttpRequest, model_admin: ModelAdmin[Any]
    ) -> Sequence[tuple[str, str]]:
        """Return the names."""
        events = model_admin.get_queryset(_request).order_by("-pk")
        names = set(events.values_list("name", flat=True)[:_LATEST])
        return [(name, name) for name in sorted(names)]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Keep the events."""
        return queryset.filter(name=self.value()) if self.value() else queryset


class SubjectTypeFilter(admin.SimpleListFilter):
    """Keep events of campaigns, or of accounts."""

    title = "subject"
    parameter_name = "subject_type"

    def lookups(
        self, _request: HttpRequest, _model_admin: ModelAdmin[Any]
    ) -> Sequence[tuple[str, str]]:
        """Return the types."""
        return [("campaign", "Campaigns"), ("account", "Accounts")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Keep the events."""
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What happened, newest first."""

    list_display = ("at", "name", "subject", "summary", "caused_by", "owner")
    list_filter = (SubjectTypeFilter, NameFilter, "at")
    list_select_related = ("account", "actor")
    # Makes the field appear; get_search_results does the search.
    search_fields = ("name",)
    search_help_text = "A subject's number, or the beginning of an event's name."
    ordering = ("-pk",)
    fields = ("at", "name", "subject", "account", "actor", "changes")
    readonly_fields = ("subject", "changes")

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """Search by number or by name."""
        text = search_term.strip()
        if text.isascii() and text.isdigit():
            return queryset.filter(subject_id=int(text)), False
        return (queryset.filter(name__startswith=text) if text else queryset), False

    @admin.display(description="subject")
    def subject(self, event: Event) -> str | SafeString:
        """Link to what changed; it may be gone by now."""
        text = f"{event.subject_type} {event.subject_id}"
        for model in apps.get_models():
            if model._meta.model_name == event.subject_type:
                name = f"admin:{model._meta.app_label}_{event.subject_type}_change"
                try:
                    url = reverse(name, args=[event.subject_id])
                except NoReverseMatch:
                    break
                return format_html('<a href="{}">{}</a>', url, text)
        return text

    @admin.display(description="account")
    def owner(self, event: Event) -> str:
        """Return whose subject it is."""
        return str(event.account.email)

    @admin.display(description="by")
    def caused_by(self, event: Event) -> str:
        """Return who changed it; the system has no address."""
        return str(event.actor.email) if event.actor else "the system"

    @admin.display(description="what changed")
    def summary(self, event: Event) -> str:
        """Return the changes in a line."""
        line = ", ".join(
            f"{field}: {_short(old)} → {_short(new)}"
            if event.old and event.new and old != new
            else f"{field}: {_short(new if event.new else old)}"
            for field, old, new in _changed(event)
        )
        return Truncator(line).chars(120)

    @admin.display(description="what changed")
    def changes(self, event: Event) -> str | SafeString:
        """Return the changes as a table."""
        rows = format_html_join(
            "",
            "<tr><th>{}</th><td><pre>{}</pre></td><td><pre>{}</pre></td></tr>",
            ((field, _whole(old), _whole(new)) for field, old, new in _changed(event)),
        )
        if not rows:
            return _NOTHING
        return format_html(
            '<table class="event-changes"><thead><tr><th></th><th>Before</th><th>After</th></tr>'
            "</thead><tbody>{}</tbody></table>",
            rows,
        )


def _changed(event: Event) -> Iterator[tuple[str, object, object]]:
    """Yield each field of an event with its old and its new value."""
    old, new = event.old or {}, event.new or {}
    for field in {**old, **new}:
        yield field, old.get(field), new.get(field)


def _short(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} of them"
    return _whole(value)


def _whole(value: object) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2)


@admin.register(Flag)
class FlagAdmin(AnyAdmin):
    """Feature flags: the one thing that staff change by hand, as the admin's own log tells."""

    list_display = ("name", "everyone", "percent", "modified")
    search_fields = ("name",)
    fields = ("name", "everyone", "percent", "users", "note")
    raw_id_fields = ("users",)
