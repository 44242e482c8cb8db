"""Imports as they are kept: a file in pieces, and how far the job is that works through it."""

from __future__ import annotations

import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.events import Change

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_NAME = 120
PIECE = 1024 * 1024
"""Bytes of a file that are stored, and read, at a time."""
SUBJECT = "import"


class State(StrEnum):
    """How an import is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    """The file has problems; nothing was changed."""
    FAILED = "failed"
    """It is ours that something broke; nothing was changed."""


class Phase(StrEnum):
    """What a running import does."""

    CHECKING = "checking"
    COMPARING = "comparing"
    APPLYING = "applying"


UNFINISHED = (State.WAITING, State.RUNNING)


class Import(models.Model):
    """A file of rate cards, and what became of it.

    ``lease`` names the run that works on it; who does not hold it may write nothing here. A run
    says that it lives with ``heartbeat_at``.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=LONGEST_NAME, default="")
    """What the file was called; blank where nobody said."""
    size = models.BigIntegerField()
    has_content = models.BooleanField(default=True)
    is_dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=8, default=State.WAITING)
    phase = models.CharField(max_length=9, default=Phase.CHECKING)
    rows_total = models.IntegerField()
    """As many as the file has line ends, until it was read once."""
    rows_done = models.IntegerField(default=0)
    created_count = models.IntegerField(default=0)
    changed_count = models.IntegerField(default=0)
    unchanged_count = models.IntegerField(default=0)
    problem_count = models.IntegerField(default=0)
    problems = models.JSONField(default=list)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField()
    lease = models.CharField(max_length=32, default="")
    worker = models.CharField(max_length=200, default="")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        """Table options."""

        indexes: ClassVar = [
            # The latest imports of an account.
            models.Index(fields=["account", "-id"], name="import_account"),
            # What the worker looks for: those whose worker died.
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(state__in=[State.WAITING.value, State.RUNNING.value]),
                name="import_unfinished",
            ),
            # What purge_imports looks for.
            models.Index(fields=["ended_at"], name="import_ended_at"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=[phase.value for phase in Phase]), name="import_phase_known"
            ),
        ]

    def __str__(self) -> str:
        """Name the file."""
        return self.name or f"Import {self.pk}"

    @classmethod
    def create(
        cls, *, account_id: int, actor_id: int, name: str, is_dry_run: bool, at: datetime
    ) -> Import:
        """Return a new import, not stored yet, whose file is still to come."""
        return cls(
            account_id=account_id,
            actor_id=actor_id,
            name=name[:LONGEST_NAME],
            size=0,
            rows_total=0,
            is_dry_run=is_dry_run,
            created_at=at,
            heartbeat_at=at,
        )

    @property
    def is_unfinished(self) -> bool:
        """Whether there is more to come."""
        return self.state in UNFINISHED

    @property
    def is_applicable(self) -> bool:
        """Whether it is a dry run that found nothing wrong, and whose file is still there."""
        return self.is_dry_run and self.state == State.DONE and self.has_content

    @property
    def campaign_count(self) -> int:
        """How many campaigns the file has, as far as they were counted."""
        return self.created_count + self.changed_count + self.unchanged_count

    @property
    def applied_count(self) -> int:
        """How many campaigns it creates or changes."""
        return self.created_count + self.changed_count

    def restart(self, *, at: datetime) -> None:
        """Wait to be worked on, from the beginning."""
        self.state, self.phase = State.WAITING, Phase.CHECKING
        self.rows_done = self.created_count = self.changed_count = self.unchanged_count = 0
        self.problem_count, self.problems = 0, []
        self.lease = self.worker = ""
        self.ended_at = None
        self.heartbeat_at = at

    def end(self, state: State, *, at: datetime) -> None:
        """Come to an end; only a dry run that may be applied keeps its file."""
        self.state = state
        self.ended_at = at
        self.lease = ""
        self.has_content = self.is_dry_run and state == State.DONE

    def applied(self) -> Change:
        """Return the change that it was as a whole, for the account's history."""
        counts: dict[str, Any] = {
            "campaigns": self.applied_count,
            "created": self.created_count,
            "changed": self.changed_count,
            "unchanged": self.unchanged_count,
        }
        return Change(
            name="campaigns.imported",
            account_id=self.account_id,
            subject_type=SUBJECT,
            subject_id=self.pk,
            new=counts,
        )


class ImportPiece(models.Model):
    """A piece of an import's file, compressed."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        """Table options."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["of", "number"], name="import_piece_unique"),
        ]

    def __str__(self) -> str:
        """Name its place."""
        return f"Piece {self.number} of import {self.of_id}"

    @classmethod
    def create(cls, of: Import, number: int, content: bytes) -> ImportPiece:
        """Return a new piece, not stored yet."""
        return cls(of=of, number=number, content=zlib.compress(content, 1))

    def opened(self) -> bytes:
        """Return what is in it."""
        return zlib.decompress(self.content)
