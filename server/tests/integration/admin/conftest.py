"""Who works in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from tests.factories.accounts import AccountFactory
from tests.integration.admin.staff import Staff


@pytest.fixture
def staff(db: None) -> Staff:
    return Staff(AccountFactory.create(email="staff@example.com", is_staff=True, is_superuser=True))


@pytest.fixture
def viewer(db: None) -> Staff:
    """Staff who may look at everything, and no more."""
    account = AccountFactory.create(email="viewer@example.com", is_staff=True)
    account.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return Staff(account)
