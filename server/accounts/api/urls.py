"""The addresses under ``/api/v1/auth/``."""

from __future__ import annotations

from django.urls import path

from accounts.api.views import KeyViewSet, ProfileViewSet, SessionViewSet, SignInViewSet

urlpatterns = [
    path("signup/", SignInViewSet.as_view({"post": "signup"})),
    path("signin/", SignInViewSet.as_view({"post": "signin"})),
    path("refresh/", SignInViewSet.as_view({"post": "refresh"})),
    path("signout/", SessionViewSet.as_view({"post": "signout"})),
    path("sessions/", SessionViewSet.as_view({"get": "list", "delete": "end_others"})),
    path(
        "sessions/<uuid:session_id>/",
        SessionViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
    ),
    path("keys/", KeyViewSet.as_view({"get": "list", "post": "create"})),
    path("keys/<int:key_id>/", KeyViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
    path("profile/", ProfileViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("password/reset/", SignInViewSet.as_view({"post": "ask_for_reset"})),
    path("password/reset/confirm/", SignInViewSet.as_view({"post": "reset"})),
    path("password/", ProfileViewSet.as_view({"post": "password"})),
]
