"""The history, feature flags, and what was answered to requests that may come again."""

from __future__ import annotations

from hashlib import blake2b
from typing import ClassVar

from django.conf import settings
from django.db import models
from waffle.models import AbstractUserFlag


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


class Flag(AbstractUserFlag):
    """A feature flag: on or off for everyone or, undecided, for some accounts and a percentage.

    waffle draws a lot for each visitor and keeps it in a cookie. The API has no cookies: here the
    lot is the account's own, and the same for each of its requests in every process.
    """

    class Meta(AbstractUserFlag.Meta):
        """Table options."""

        abstract = False

    @property
    def is_made(self) -> bool:
        """Whether the operator made it; otherwise it stands for one that is not there."""
        return not self._state.adding

    def is_on_for(self, account_id: int | None) -> bool:
        """Tell whether it is on for an account, or for who is not signed in."""
        if self.everyone is not None:
            return bool(self.everyone)
        if account_id is None:
            return False
        return account_id in self._get_user_ids() or self._lot(account_id) < (self.percent or 0)

    def _lot(self, account_id: int) -> float:
        """Return a number from 0 to 100 that is the account's own for this flag."""
        drawn = blake2b(f"{self.name}:{account_id}".encode(), digest_size=4).digest()
        return int.from_bytes(drawn) / 2**32 * 100


class IdempotentAnswer(models.Model):
    """What was answered to a request with an ``Idempotency-Key``.

    A row that others can see is finished: it is stored in the transaction that does what it tells
    of.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    key_digest = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    """The request that the key stands for."""
    status = models.SmallIntegerField()
    etag = models.CharField(max_length=64)
    location = models.CharField(max_length=255)
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        """Table options."""

        constraints: ClassVar = [
            # Of any number in parallel one inserts the row; the others wait for it to end.
            models.UniqueConstraint(
                fields=["account", "key_digest"], name="idempotency_key_unique"
            ),
        ]
        indexes: ClassVar = [
            # What purge_idempotency looks for.
            models.Index(fields=["created_at"], name="idempotency_created_at"),
        ]

    def __str__(self) -> str:
        """Name whose it is; the key itself is not stored."""
        return f"{self.status} to a request of account {self.account_id}"
