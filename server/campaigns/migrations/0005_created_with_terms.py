"""Let the list's own index say where campaigns pay (docs/adr/0013-indexes.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the index anew: PostgreSQL counts what ``country=`` leaves without looking at rows."""

    dependencies: ClassVar = [("campaigns", "0004_indexes")]
    operations: ClassVar = [
        migrations.RemoveIndex(model_name="campaign", name="campaign_created"),
        migrations.AddIndex(
            model_name="campaign",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["account", "created_at", "id"],
                include=("terms_key",),
                name="campaign_created",
            ),
        ),
    ]
