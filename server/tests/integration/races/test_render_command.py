"""``render_rate_cards`` beside a writer: SQLite has no locks of rows."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connections

from campaigns.models import Campaign
from campaigns.rendering import form
from tests.factories.campaigns import CampaignFactory


def render() -> str:
    said = StringIO()
    call_command("render_rate_cards", stdout=said)
    return said.getvalue().strip()


# Named, so that emptying the tables afterwards cascades: waffle has one for a model that ours
# stands for, and Django does not know of it.
APPS = ["accounts", "campaigns", "core", "django.contrib.auth", "django.contrib.contenttypes"]


@pytest.mark.django_db(transaction=True, available_apps=APPS)
def test_one_that_is_being_written_is_left_to_its_writer() -> None:
    held, free = CampaignFactory.create(), CampaignFactory.create()
    other = connections.create_connection("default")
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM campaigns_campaign WHERE id = %s FOR UPDATE", [held.pk])
        assert render() == "Rendered 1 rate card."
    finally:
        other.rollback()
        other.close()
    rendered = Campaign.objects.filter(rendered_form=form())
    assert list(rendered.values_list("pk", flat=True)) == [free.pk]
    assert render() == "Rendered 1 rate card."
