"""How Django asks who signs in: the admin's form, under the same rule as the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

from accounts import commands, composition
from accounts.exceptions import InvalidCredentials
from core.limiting.clients import client_network
from core.metrics import counted_sign_in

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import Account


class AccountBackend(ModelBackend):
    """Django's permissions, our sign-in."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_credentials: Any,
    ) -> Account | None:
        """Return whose address and password these are; None where they are nobody's.

        :raises TooManyAttempts: too many have failed; this one was not looked at.
        """
        if username is None or password is None:
            return None
        network = "unknown" if request is None else client_network(request)
        try:
            with counted_sign_in("admin"):
                return composition.session_service().prove(
                    commands.SignIn(email=username, password=password, device="", network=network)
                )
        except InvalidCredentials:
            return None
