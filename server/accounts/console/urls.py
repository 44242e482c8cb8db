"""The addresses of signing in and of the account's own pages."""

from __future__ import annotations

from django.urls import path

from accounts.console import signing
from accounts.console.reset import reset_password

urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("reset/<str:uid>/<str:token>/", reset_password, name="reset-password"),
]
