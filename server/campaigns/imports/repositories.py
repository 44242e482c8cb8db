"""Where imports are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from campaigns.exceptions import ImportNotFound
from campaigns.imports.entities import UNFINISHED, Import, ImportPiece, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

_LARGEST_ID = 2**63 - 1
_HELD = [
    field.attname
    for field in Import._meta.concrete_fields
    if field.attname not in {"id", "account_id", "created_at", "size", "name", "started_at"}
]


class ImportRepository:
    """Every read for a door names its account."""

    # Reading.

    def listing(self, *, account_id: int) -> QuerySet[Import]:
        """Return the imports of an account, the latest first."""
        return Import.objects.filter(account_id=account_id).defer("problems").order_by("-pk")

    def get(self, *, account_id: int, import_id: int) -> Import:
        """Return one import.

        :raises ImportNotFound: not theirs, or purged.
        """
        return _found(Import.objects.filter(account_id=account_id), import_id)

    def pieces(self, found: Import) -> Iterator[bytes]:
        """Return an import's file, piece by piece."""
        pieces = ImportPiece.objects.filter(of=found).order_by("number")
        number = 0
        # One at a time: a database's driver would hold them all.
        while piece := pieces.filter(number=number).first():
            yield piece.opened()
            number += 1

    def unfinished(self, *, account_id: int) -> int:
        """Return how many imports of an account have not ended."""
        return Import.objects.filter(account_id=account_id, state__in=UNFINISHED).count()

    # Writing.

    def add(self, found: Import) -> None:
        """Store a new import."""
        found.save(force_insert=True)

    def add_piece(self, found: Import, number: int, content: bytes) -> None:
        """Store a piece of an import's file."""
        ImportPiece.create(found, number, content).save(force_insert=True)

    def save(self, found: Import) -> None:
        """Store an import's values."""
        found.save(force_update=True)

    def save_held(self, found: Import, *, lease: str) -> bool:
        """Store an import's values if a lease is still the one that holds; tell whether it is."""
        values = {name: getattr(found, name) for name in _HELD}
        return bool(Import.objects.filter(pk=found.pk, lease=lease).update(**values))

    def get_for_update(self, *, account_id: int, import_id: int) -> Import:
        """Return one import, locked.

        :raises ImportNotFound: not theirs, or purged.
        """
        mine = Import.objects.filter(account_id=account_id).select_for_update()
        return _found(mine, import_id)

    def claim(self, *, import_id: int, lease: str, worker: str, at: datetime) -> Import | None:
        """Take a lease of an import that waits, in one statement; None where it does not."""
        waiting = Import.objects.filter(pk=import_id, state=State.WAITING)
        claimed = waiting.update(
            state=State.RUNNING,
            lease=lease,
            worker=worker,
            heartbeat_at=at,
            started_at=Coalesce(F("started_at"), at),
            attempts=F("attempts") + 1,
        )
        return Import.objects.filter(pk=import_id, lease=lease).first() if claimed else None

    def beat(self, found: Import, *, at: datetime) -> bool:
        """Say that a run lives, and how far it is; tell whether it still holds the lease."""
        held = Import.objects.filter(pk=found.pk, lease=found.lease)
        return bool(
            held.update(
                phase=found.phase,
                rows_done=found.rows_done,
                rows_total=found.rows_total,
                heartbeat_at=at,
            )
        )

    def get_abandoned(self, *, silent_since: datetime, worker: str) -> Sequence[Import]:
        """Return those of anybody that were silent too long or were a worker's, locked."""
        died = Q(heartbeat_at__lt=silent_since)
        if worker:
            died |= Q(worker=worker, state=State.RUNNING)
        found = Import.objects.filter(died, state__in=UNFINISHED)
        if not found.exists():  # the usual answer, for which nobody needs a lock
            return []
        return list(found.select_for_update(skip_locked=True).order_by("pk"))

    def drop_content(self, found: Import) -> None:
        """Remove an import's file."""
        ImportPiece.objects.filter(of=found).delete()
        Import.objects.filter(pk=found.pk).update(has_content=False)

    def drop_previews(self, *, account_id: int, keep: int) -> None:
        """Remove the files of an account's dry runs, but for the latest."""
        kept = Import.objects.filter(account_id=account_id, is_dry_run=True, has_content=True)
        for found in kept.filter(state=State.DONE).order_by("-pk")[keep:]:
            self.drop_content(found)

    def get_purgeable(self, *, ended_before: datetime, most: int) -> Sequence[Import]:
        """Return some imports of anybody that ended before a moment, locked."""
        old = Import.objects.filter(ended_at__lte=ended_before).order_by("pk")
        return list(old.select_for_update(skip_locked=True)[:most])

    def get_previews(self, *, ended_before: datetime, most: int) -> Sequence[Import]:
        """Return some imports that ended before a moment and still have a file, locked."""
        old = Import.objects.filter(ended_at__lte=ended_before, has_content=True).order_by("pk")
        return list(old.select_for_update(skip_locked=True)[:most])

    def purge(self, found: Sequence[Import]) -> None:
        """Remove imports and their files."""
        Import.objects.filter(pk__in=[each.pk for each in found]).delete()


def _found(imports: QuerySet[Import], import_id: int) -> Import:
    if import_id > _LARGEST_ID:
        raise ImportNotFound
    try:
        return imports.get(pk=import_id)
    except Import.DoesNotExist as error:
        raise ImportNotFound from error


class SecondConnection:
    """Tell how far a run is while its own connection is in a transaction that nobody can see into.

    SQLite has one writer at a time, which is that transaction: there, nobody is told.
    """

    def __init__(self) -> None:
        """Connect when there is something to tell."""
        self._connection = connection.copy() if connection.vendor == "postgresql" else None

    def beat(self, found: Import, *, at: datetime) -> None:
        """Say that a run lives, and how far it is."""
        if self._connection is None:
            return
        with self._connection.cursor() as cursor:
            cursor.execute(_BEAT, [found.phase, found.rows_done, at, found.pk, found.lease])

    def close(self) -> None:
        """Give it back."""
        if self._connection is not None:
            self._connection.close()


_BEAT = """
UPDATE campaigns_import SET phase = %s, rows_done = %s, heartbeat_at = %s
WHERE id = %s AND lease = %s
"""
