"""Accounts for tests, stored or not."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from accounts.models import Account
from tests.factories.declarations import computed, numbered

PASSWORD = "correct horse battery staple"
"""Every account's password, unless a test says otherwise."""


class AccountFactory(DjangoModelFactory[Account]):
    """An account that may sign in with ``PASSWORD``."""

    class Meta:
        model = Account

    email = numbered("person{}@example.com".format)
    display_name = numbered("Person {}".format)
    password = computed(lambda: make_password(PASSWORD))
