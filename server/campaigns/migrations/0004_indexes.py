"""Add an index for each ordering and filter of the list (docs/adr/0013-indexes.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What SQLite has nothing like, or makes no use of: there each of these filters looks through the
# account's campaigns. Meta.indexes of the model cannot leave a database out.
#
# search=, country= and currency=. The account is in it too (btree_gin), so that what others have
# is not fetched. New entries wait in a list that each search reads from end to end: 256 kB of it
# take a millisecond or two, the default of 4 MB would be felt.
EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
"""
SEARCH = """
CREATE INDEX campaign_search ON campaigns_campaign
USING gin (account_id, search_key gin_trgm_ops, terms_key gin_trgm_ops)
WITH (gin_pending_list_limit = 256)
WHERE deleted_at IS NULL
"""

# landing_page_url=. A whole URL can be longer than an index takes.
LANDING_PAGE = """
CREATE INDEX campaign_landing_page ON campaigns_campaign
(account_id, "left"(landing_page_url, 200))
WHERE deleted_at IS NULL
"""


def add_for_texts(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the indexes for texts, on PostgreSQL."""
    if editor.connection.vendor == "postgresql":
        editor.execute(EXTENSIONS, params=None)
        editor.execute(SEARCH, params=None)
        editor.execute(LANDING_PAGE, params=None)


def remove_for_texts(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Drop them; the extensions may be others' too by now."""
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX campaign_search, campaign_landing_page", params=None)


class Migration(migrations.Migration):
    """Add the indexes."""

    dependencies: ClassVar = [
        ("campaigns", "0003_terms_key"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="campaign",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["account", "created_at", "id"],
                name="campaign_created",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["account", "updated_at", "id"],
                name="campaign_updated",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["account", "is_running", "id"],
                name="campaign_running",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["account", "is_running", "created_at", "id"],
                name="campaign_running_created",
            ),
        ),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["account", "deleted_at"],
                name="campaign_bin",
            ),
        ),
        migrations.RunPython(add_for_texts, remove_for_texts),
    ]
