"""What every page of the admin shares: it shows and changes nothing; its actions call services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.admin.filters import _ListFilterChoices
    from django.contrib.admin.views.main import ChangeList
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
    AnyPaginator = Paginator[Any]
else:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
    AnyPaginator = Paginator

COUNTED_EXACTLY = 10_000
"""Counting further costs more than a person learns from it."""


class CappedPaginator(AnyPaginator):
    """Pages of the first ten thousand rows; nobody turns to the pages beyond."""

    object_list: QuerySet[Any]

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by()[: COUNTED_EXACTLY + 1].count()

    @cached_property
    def count(self) -> int:
        """How many rows there are, as far as they are counted."""
        return min(self._counted, COUNTED_EXACTLY)

    @property
    def is_capped(self) -> bool:
        """Whether there are more."""
        return self._counted > COUNTED_EXACTLY


class NothingChanges:
    """Refuse to add, change and delete, whoever asks."""

    def has_add_permission(self, _request: HttpRequest, _parent: object = None) -> bool:
        """Nobody may."""
        return False

    def has_change_permission(self, _request: HttpRequest, _row: object = None) -> bool:
        """Nobody may."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: object = None) -> bool:
        """Nobody may."""
        return False


class ReadOnlyAdmin(NothingChanges, ModelAdmin):
    """A list and a page for each row, for staff with the permission to view them.

    An action asks for the permission ``act``: Django's permission to change the model.
    """

    paginator = CappedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Tell whether this person may use the actions."""
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def history_url(self, _row: Any) -> str | None:
        """Return where the history of a row is, if it has one."""
        return None

    def render_change_form(  # noqa: PLR0913, PLR0917 -- Django's signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 -- Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 -- as above
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Let the page link to the row's history."""
        context["history_url"] = None if obj is None else self.history_url(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to our history; Django's own knows only what was done in the admin.

        :raises PermissionDenied: this person may not view such rows.
        :raises Http404: there is no such row, or it has no history.
        """
        del extra_context
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        url = self.history_url(row) if row is not None else None
        if url is None:
            raise Http404
        return HttpResponseRedirect(url)


class ReadOnlyInline(NothingChanges, TabularInline):
    """Rows that belong to the one on the page."""

    extra = 0
    max_num = 0
    can_delete = False


class SelectFilter(admin.SimpleListFilter):
    """A filter with too many values for a list of links: a field that drops down."""

    template = "admin/select_filter.html"
    kept: list[tuple[str, str]]
    """The other parameters of the page, which the form has to send along."""

    def choices(self, changelist: ChangeList) -> Iterator[_ListFilterChoices]:
        """Yield the choices, and note what else the page is filtered by."""
        self.kept = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name != self.parameter_name
            for value in values
        ]
        return super().choices(changelist)


def count_of(model: type[Model], relation: str, **conditions: Any) -> Coalesce:
    """Count related rows in a subquery, which only the rows on a page have to run.

    :param relation: the name by which the model knows them.
    """
    field = model._meta.get_field(relation)
    related: Any = field.related_model
    owner = field.remote_field.name  # type: ignore[union-attr]  # a relation, seen from its end
    rows: QuerySet[Any] = (
        QuerySet(related).filter(**{owner: OuterRef("pk")}, **conditions).order_by()
    )
    counted = rows.values(owner).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def list_url(model: type[Model], **filters: Any) -> str:
    """Return the address of a model's list, filtered."""
    opts = model._meta
    return f"{reverse(f'admin:{opts.app_label}_{opts.model_name}_changelist')}?{urlencode(filters)}"


def list_link(model: type[Model], text: object, **filters: Any) -> SafeString:
    """Return a link to a model's list, filtered."""
    return format_html('<a href="{}">{}</a>', list_url(model, **filters), text)
