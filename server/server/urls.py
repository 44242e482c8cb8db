"""The addresses of the whole server."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)

from core import pages
from core.console import theme

api_v1: list[URLPattern | URLResolver] = [
    path("auth/", include("accounts.api.urls")),
    path("", include("campaigns.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("redoc/", SpectacularRedocView.as_view(url_name="schema"), name="redoc"),
]

urlpatterns = [
    path("api/v1/", include(api_v1)),
    re_path(r"^api/", pages.unknown_api_path),
    path("problems/", pages.problem_index, name="problems"),
    path("problems/<slug:code>", pages.problem_page, name="problem"),
    path("admin/", admin.site.urls),
    path("theme/", theme.choose, name="theme"),
    path("", include("accounts.console.urls")),
    path("", include("campaigns.console.urls")),
]

handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.not_found
handler500 = pages.server_error
