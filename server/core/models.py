"""The history: an append-only record of every change."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class Event(models.Model):
    """One change of one subject: who, when, and what it was before and after.

    The subject is named, not referred to: the record outlives what it describes. Triggers refuse
    UPDATE and DELETE (migration 0002).
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    """Whose subject it is."""
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
    )
    """Who changed it; null where the system did."""
    at = models.DateTimeField()
    subject_type = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    name = models.CharField(max_length=64)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)

    class Meta:
        """Table options."""

        indexes: ClassVar = [
            # The history of one subject, newest first: the campaign's history page.
            models.Index(
                fields=["account", "subject_type", "subject_id", "-id"],
                name="core_event_subject",
            ),
        ]

    def __str__(self) -> str:
        """Name the event and its subject."""
        return f"{self.name} ({self.subject_type} {self.subject_id})"
