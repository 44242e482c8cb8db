"""The admin's site: Ratecard's name on it, and no way past the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from core.exceptions import DomainError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern, URLResolver

_LEFT_OUT = frozenset({"password_change", "password_change_done"})


class RatecardAdminSite(admin.AdminSite):
    """The staff's door. Whoever has a password changes it through the API.

    Django's own form would change it without a word in the history, and leave sessions alive that
    may be a thief's.
    """

    site_header = "Ratecard"
    site_title = "Ratecard admin"
    index_title = "Administration"

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Leave the form for passwords out."""
        return [url for url in super().get_urls() if getattr(url, "name", None) not in _LEFT_OUT]

    @method_decorator(never_cache)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Let staff in; whoever has to wait for another attempt is told so."""
        from core.pages import refusal  # noqa: PLC0415 -- apps are not loaded when this module is

        try:
            response: HttpResponse = super().login(request, extra_context)
        except DomainError as error:
            response = refusal(request, error)
        return response


class RatecardAdminConfig(AdminConfig):
    """Django's admin, with this site."""

    default_site = "core.admin_site.RatecardAdminSite"
