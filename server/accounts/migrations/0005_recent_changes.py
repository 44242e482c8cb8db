"""Let an account say which campaigns were changed last (docs/adr/0028-answers-given-again.md)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the column; accounts that an older release makes meanwhile have an empty one."""

    dependencies: ClassVar = [("accounts", "0004_known_codes")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="account",
            name="recent_changes",
            field=models.CharField(db_default="", default="", editable=False, max_length=160),
        ),
    ]
