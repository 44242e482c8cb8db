"""The history is append-only, and the database itself sees to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from accounts.models import Account
from campaigns.models import Campaign
from core.models import Event

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

COLUMNS = "id, account_id, actor_id, at, subject_type, subject_id"
FORGED = f"core_event ({COLUMNS}, name) SELECT {COLUMNS}, 'forged' FROM core_event"  # noqa: S608 -- constants
REPLACE = {
    "sqlite": f"INSERT OR REPLACE INTO {FORGED}",
    "postgresql": f"INSERT INTO {FORGED} ON CONFLICT (id) DO UPDATE SET name = 'forged'",
}


def test_the_database_has_the_triggers() -> None:
    """Ask it: Django rebuilds a SQLite table when it alters it, and drops its triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname, tgenabled::text, pg_get_triggerdef(oid) FROM pg_trigger"
                " WHERE tgrelid = 'core_event'::regclass AND NOT tgisinternal"
            )
            [(name, enabled, definition)] = cursor.fetchall()
            assert (name, enabled) == ("core_event_append_only", "O")
            assert "BEFORE DELETE OR UPDATE" in definition
            assert "FOR EACH ROW" in definition
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'core_event'"
            )
            names = {name for (name,) in cursor.fetchall()}
            assert names == {
                "core_event_no_update",
                "core_event_no_delete",
                "core_event_no_replace",
            }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_event SET name = 'campaign.invented'",
        "UPDATE core_event SET at = at",
        "UPDATE core_event SET old = NULL WHERE id = (SELECT max(id) FROM core_event)",
        "DELETE FROM core_event",
        "DELETE FROM core_event WHERE id = (SELECT min(id) FROM core_event)",
        REPLACE[connection.vendor],
    ],
)
def test_sql_changes_no_event(api: ApiClient, statement: str) -> None:
    before = list(Event.objects.order_by("pk").values())
    assert before
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert list(Event.objects.order_by("pk").values()) == before


def test_the_orm_changes_no_event(api: ApiClient) -> None:
    event = Event.objects.earliest("pk")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        event.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        event.delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Event.objects.bulk_update([event], ["name"])
    assert Event.objects.filter(pk=event.pk).exists()


def test_an_account_with_a_history_cannot_be_removed(api: ApiClient) -> None:
    with pytest.raises(ProtectedError):
        Account.objects.get().delete()
    assert Event.objects.exists()


def test_history_outlives_the_campaign_it_describes(api: ApiClient) -> None:
    campaign_id = api.create("Gone")["id"]
    api.post(f"campaigns/{campaign_id}/payouts/", {"country": "EE", "amount": 1, "currency": "EUR"})
    api.delete(f"campaigns/{campaign_id}/")
    Campaign.objects.update(deleted_at="2020-01-01T00:00:00Z")
    before = list(Event.objects.order_by("pk").values())
    call_command("purge_deleted", verbosity=0)
    assert not Campaign.objects.exists()
    after = list(Event.objects.order_by("pk").values())
    assert after[:-1] == before
    purged = after[-1]
    assert (purged["name"], purged["subject_id"]) == ("campaign.purged", campaign_id)
    assert (purged["old"], purged["new"]) == ({"title": "Gone"}, None)
    assert purged["account_id"] == api.account_id
    assert purged["actor_id"] is None
