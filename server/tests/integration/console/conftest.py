"""What belongs to whom, and the browsers of everybody who might ask for it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from accounts.models import Account, Session
from tests.fixtures.api import ApiClient, payout
from tests.fixtures.console import BROWSER, ConsoleClient, console_client
from tests.fixtures.console_access import Who

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One of everything that the owner has, and browsers of every kind."""

    owner: ApiClient
    clients: Mapping[Who, ConsoleClient]
    ids: Mapping[str, Any]

    def client(self, who: Who) -> ConsoleClient:
        """Return somebody's browser, as it is before it asks for anything."""
        if who is Who.DISABLED:
            Account.objects.filter(pk=self.owner.account_id).update(is_active=False)
        known = self.clients[who]
        client = ConsoleClient(headers={**BROWSER, **self._token(who)})
        client.cookies = deepcopy(known.cookies)
        return client

    def _token(self, who: Who) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.owner.token}"} if who is Who.TOKEN else {}


@pytest.fixture
def ada(api: ApiClient) -> ConsoleClient:
    """Return Ada's browser, in which she is signed in."""
    return console_client("ada@example.com")


@pytest.fixture
def world(api: ApiClient, other: ApiClient) -> World:
    """Store one of everything for Ada, and open everybody's browsers."""
    card = [payout(), payout("EE", "7.77")]
    running = api.create("Secret", payouts=card, is_running=True)
    stopped, deleted = api.create("Secret, stopped"), api.create("Secret, deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    key = api.post("auth/keys/", {"name": "Secret", "scope": "read"}).json
    ApiClient.signed_up("staff@example.com")
    here = api.get("auth/sessions/").json["results"][0]["id"]
    names = {
        Who.OWNER: "ada@example.com",
        Who.OTHER: "bob@example.com",
        Who.STAFF: "staff@example.com",
        Who.ENDED: "ada@example.com",
        Who.EXPIRED: "ada@example.com",
        Who.DISABLED: "ada@example.com",
    }
    clients = {who: console_client(email) for who, email in names.items()}
    Account.objects.filter(email="staff@example.com").update(is_staff=True, is_superuser=True)
    now = timezone.now()
    session_of(clients[Who.ENDED]).update(ended_at=now)
    session_of(clients[Who.EXPIRED]).update(expires_at=now - timedelta(seconds=1))
    return World(
        owner=api,
        clients={**clients, Who.NOBODY: ConsoleClient(), Who.TOKEN: ConsoleClient()},
        ids={
            "campaign": running["id"],
            "stopped": stopped["id"],
            "deleted": deleted["id"],
            "key": key["id"],
            "session": here,
        },
    )


def session_of(client: ConsoleClient) -> Any:
    """Return the row of a browser's session, as a query."""
    return Session.objects.filter(pk=client.session["console_session"])
