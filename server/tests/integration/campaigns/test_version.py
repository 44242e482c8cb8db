"""The version of an account's campaigns: every write raises it by one, and nothing else does.

What is cached is found by it, so that a write that left it would leave what was cached before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account
from campaigns.commands import Bulk, BulkAction
from campaigns.composition import bulk_service
from campaigns.models import Campaign
from tests.fixtures.api import LANDING_PAGE, ApiClient, payload, payout

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.api import Answer

pytestmark = pytest.mark.django_db


@dataclass(frozen=True, slots=True)
class World:
    """A campaign that runs, one that is deleted, and somebody else's."""

    api: ApiClient
    other: ApiClient
    campaign: dict[str, Any]
    deleted: dict[str, Any]
    foreign: dict[str, Any]

    @property
    def path(self) -> str:
        """The address of the campaign that runs."""
        return f"campaigns/{self.campaign['id']}/"

    @property
    def bin(self) -> str:
        """The address of the deleted one."""
        return f"campaigns/{self.deleted['id']}/"

    def payout(self, country: str | None = None) -> str:
        """Return the address of a payout."""
        ids = {payout["country"]: payout["id"] for payout in self.campaign["payouts"]}
        return f"{self.path}payouts/{ids[country]}/"

    def bulk(self, action: str) -> Answer:
        """Do one thing to all three, and to one that is not there."""
        ids = [row["id"] for row in (self.campaign, self.deleted, self.foreign)]
        return self.api.post("campaigns/bulk/", {"action": action, "ids": [*ids, 987_654_321]})

    def versions(self) -> tuple[int, int]:
        """Return the versions of the one who acts, and of somebody else."""
        mine, others = (
            Account.objects.get(pk=client.account_id).campaigns_version
            for client in (self.api, self.other)
        )
        return mine, others


@pytest.fixture
def world(api: ApiClient, other: ApiClient) -> World:
    deleted = api.create("Deleted")
    assert api.delete(f"campaigns/{deleted['id']}/").status == 204
    foreign = other.create("Foreign")
    campaign = api.create("Live", payouts=[payout(), payout("EE")], is_running=True)
    return World(api, other, campaign, deleted, foreign)


SAME = {"title": "Live", "landing_page_url": LANDING_PAGE, "payouts": [payout("EE"), payout()]}
STALE = {"If_Match": '"99-1"'}

WRITES: dict[str, Callable[[World], Answer]] = {
    "create": lambda world: world.api.post("campaigns/", payload("New")),
    "create with many payouts": lambda world: world.api.post(
        "campaigns/", payload("New", payouts=[payout("EE"), payout("FI"), payout("AT")])
    ),
    "replace": lambda world: world.api.put(
        world.path, payload("New", payouts=[payout("FI"), payout("EE", "9")])
    ),
    "patch the title": lambda world: world.api.patch(world.path, {"title": "New"}),
    "patch the payouts": lambda world: world.api.patch(world.path, {"payouts": [payout("FI")]}),
    "start": lambda world: world.api.patch(world.path, {"is_running": False}),
    "stop": lambda world: world.api.post(world.path + "stop/"),
    "delete": lambda world: world.api.delete(world.path),
    "restore": lambda world: world.api.post(world.bin + "restore/"),
    "duplicate": lambda world: world.api.post(world.path + "duplicate/"),
    "add a payout": lambda world: world.api.post(world.path + "payouts/", payout("FI")),
    "replace a payout": lambda world: world.api.put(world.payout(), payout("AT", "9")),
    "patch a payout": lambda world: world.api.patch(world.payout("EE"), {"amount": "9"}),
    "remove a payout": lambda world: world.api.delete(world.payout("EE")),
    "bulk stop": lambda world: world.bulk("stop"),
    "bulk delete": lambda world: world.bulk("delete"),
    "bulk restore": lambda world: world.bulk("restore"),
}

CHANGING_NOTHING: dict[str, Callable[[World], Answer]] = {
    "replace by the same": lambda world: world.api.put(world.path, SAME),
    "patch by the same": lambda world: world.api.patch(world.path, {"title": "Live"}),
    "patch nothing": lambda world: world.api.patch(world.path, {}),
    "start what runs": lambda world: world.api.post(world.path + "start/"),
    "restore what is live": lambda world: world.api.post(world.path + "restore/"),
    "replace a payout by the same": lambda world: world.api.put(world.payout(), payout()),
    "patch nothing of a payout": lambda world: world.api.patch(world.payout(), {}),
    "bulk start what runs": lambda world: world.bulk("start"),
    "read": lambda world: world.api.get(world.path),
    "list": lambda world: world.api.get("campaigns/"),
    "change the profile": lambda world: world.api.patch("auth/profile/", {"display_name": "A."}),
}

REFUSED: dict[str, tuple[int, Callable[[World], Answer]]] = {
    "create under a taken title": (
        409,
        lambda world: world.api.post("campaigns/", payload("LIVE")),
    ),
    "create without a rate card": (
        400,
        lambda world: world.api.post("campaigns/", payload("New", payouts=[])),
    ),
    "duplicate under a taken title": (
        409,
        lambda world: world.api.post(world.path + "duplicate/", {"title": "live"}),
    ),
    "restore under a taken title": (
        409,
        lambda world: world.api.post(world.bin + "restore/", {"title": "live"}),
    ),
    "restore a live one under another": (
        409,
        lambda world: world.api.post(world.path + "restore/", {"title": "New"}),
    ),
    "add a country that is paid": (
        409,
        lambda world: world.api.post(world.path + "payouts/", payout("EE")),
    ),
    "patch a payout to a country that is paid": (
        409,
        lambda world: world.api.patch(world.payout(), {"country": "EE"}),
    ),
    "replace another version": (412, lambda world: world.api.put(world.path, SAME, **STALE)),
    "stop another version": (412, lambda world: world.api.post(world.path + "stop/", **STALE)),
    "delete another version": (412, lambda world: world.api.delete(world.path, **STALE)),
    "remove from another version": (412, lambda world: world.api.delete(world.payout(), **STALE)),
    "delete what is deleted": (404, lambda world: world.api.delete(world.bin)),
    "remove what is not there": (
        404,
        lambda world: world.api.delete(world.path + "payouts/987654321/"),
    ),
    "rename somebody else's": (
        404,
        lambda world: world.api.patch(f"campaigns/{world.foreign['id']}/", {"title": "New"}),
    ),
    "delete somebody else's": (
        404,
        lambda world: world.api.delete(f"campaigns/{world.foreign['id']}/"),
    ),
    "remove the last payout": (
        409,
        lambda world: world.other.delete(
            f"campaigns/{world.foreign['id']}/payouts/{world.foreign['payouts'][0]['id']}/"
        ),
    ),
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_write_raises_it_by_one_for_its_owner(world: World, kind: str) -> None:
    mine, others = world.versions()
    assert WRITES[kind](world).status < 300
    assert world.versions() == (mine + 1, others)


@pytest.mark.parametrize("kind", CHANGING_NOTHING)
def test_what_changes_nothing_does_not(world: World, kind: str) -> None:
    before = world.versions()
    assert CHANGING_NOTHING[kind](world).status == 200
    assert world.versions() == before


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_refused_does_not(world: World, kind: str) -> None:
    status, write = REFUSED[kind]
    before = world.versions()
    assert write(world).status == status
    assert world.versions() == before


def test_what_staff_do_raises_the_owners(world: World) -> None:
    """Not that of the one who acts."""
    staff = Account.objects.create_superuser("staff@example.com", "another long password")
    mine, others = world.versions()
    bulk_service().apply(
        Bulk(
            account_id=world.api.account_id,
            actor_id=staff.pk,
            action=BulkAction.STOP,
            campaign_ids=(world.campaign["id"],),
        )
    )
    assert world.versions() == (mine + 1, others)
    staff.refresh_from_db()
    assert staff.campaigns_version == 1


@pytest.mark.parametrize("command", ["purge_deleted", "render_rate_cards"])
def test_commands_that_change_no_answer_do_not(world: World, command: str) -> None:
    Campaign.objects.filter(pk=world.deleted["id"]).update(
        deleted_at=timezone.now() - timedelta(days=31)
    )
    Campaign.objects.update(rendered_form="")
    before = world.versions()
    said = StringIO()
    call_command(command, stdout=said)
    assert "0" not in said.getvalue()
    assert world.versions() == before


def test_an_account_that_is_stored_does_not_take_it_back(world: World) -> None:
    """Django's ``changepassword`` reads an account, asks, and then stores all its fields."""
    account = Account.objects.get(pk=world.api.account_id)
    mine, others = world.versions()
    world.api.create("Meanwhile")
    account.set_password("another long password")
    account.display_name = "Countess"
    account.save()
    assert world.versions() == (mine + 1, others)
    account.refresh_from_db()
    assert account.recent_changes.startswith(f"{mine + 1}:0;")
    assert account.display_name == "Countess"
    assert account.check_password("another long password")
