"""The addresses of signing in and out."""

from __future__ import annotations

from django.urls import path

from accounts.console import signing
from accounts.console.reset import reset_password

urlpatterns = [
    path("sign-in/", signing.sign_in, name="sign-in"),
    path("sign-up/", signing.sign_up, name="sign-up"),
    path("sign-out/", signing.sign_out, name="sign-out"),
    path("forgotten/", signing.forgotten, name="forgotten"),
    path("reset/<str:uid>/<str:token>/", reset_password, name="reset-password"),
]
