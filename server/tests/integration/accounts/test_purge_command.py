"""``purge_sessions``: sign-ins whose time is over go for good."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import Attempts, RotatedToken, Session
from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


def test_it_removes_expired_sessions_and_their_spent_tokens() -> None:
    old, current = ApiClient.signed_up("old@example.com"), ApiClient.signed_up("new@example.com")
    for client in (old, current):
        assert client.post("auth/refresh/", {"refresh": client.refresh_token}).status == 200
    week = timedelta(days=7, seconds=1)
    expired = Session.objects.filter(account__email="old@example.com")
    expired.update(expires_at=F("expires_at") - week)
    Attempts.objects.update(forgotten_at=timezone.now() - week, last_succeeded_at=None)
    said = StringIO()

    call_command("purge_sessions", stdout=said)

    assert said.getvalue() == "Removed 1 expired session\nRemoved 2 old counts of attempts\n"
    assert [session.account.email for session in Session.objects.all()] == ["new@example.com"]
    assert RotatedToken.objects.count() == 1
    assert not Attempts.objects.exists()
