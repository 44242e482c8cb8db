"""The admin's site: Ratecard's name on it, and no way past the services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig

if TYPE_CHECKING:
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


class RatecardAdminConfig(AdminConfig):
    """Django's admin, with this site."""

    default_site = "core.admin_site.RatecardAdminSite"
