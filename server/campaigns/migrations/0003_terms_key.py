"""Write down where and in which currencies each rate card pays, for filters to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import migrations, models

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# As campaigns.rate_card.terms_key writes it; filters do not mind the order of the words.
FILL = """
UPDATE campaigns_campaign SET terms_key = coalesce((
    SELECT ' ' || {aggregate}(word, ' ') || ' '
    FROM (
        SELECT coalesce(country, 'WORLD') AS word FROM campaigns_campaignpayout
        WHERE campaign_id = campaigns_campaign.id
        UNION
        SELECT currency FROM campaigns_campaignpayout
        WHERE campaign_id = campaigns_campaign.id
    ) AS words
), '')
"""


def fill(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Fill the column from the payouts."""
    vendor = editor.connection.vendor
    editor.execute(
        FILL.format(aggregate="string_agg" if vendor == "postgresql" else "group_concat"),
        params=None,
    )


class Migration(migrations.Migration):
    """Add the column and fill it."""

    dependencies: ClassVar = [("campaigns", "0002_rendered_payouts")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="campaign",
            name="terms_key",
            field=models.TextField(default="", editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
