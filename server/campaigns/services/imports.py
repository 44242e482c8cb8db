"""The use cases of imports: take a file, work through it, look after those whose worker died.

A file is checked and compared outside of a transaction, and applied in one: all of it or nothing.
The run that applies it ends by marking the import as done, in the same transaction and only if it
still holds the lease. So of two runs that believe the import theirs, one changes nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from campaigns.exceptions import ImportNotApplicable, TitleTaken, TooManyImports
from campaigns.imports.entities import Import, Phase, State
from campaigns.services.cards import Cards, Moved
from campaigns.spreadsheet.checking import Problems, card_of, checked, disagreements
from campaigns.spreadsheet.reading import Problem, Unreadable, records
from campaigns.spreadsheet.sorting import SortedRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from campaigns import commands
    from campaigns.spreadsheet.checking import Card
    from core.events import Atomic, Clock, Recorder

MOST_UNFINISHED = 5
MOST_PREVIEWS = 5
"""Dry runs of an account whose files are kept; with the next one the oldest goes."""
LEASE_LASTS = timedelta(seconds=30)
"""After this long without a sign of life a run is taken for dead."""
FILE_KEPT_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
_MOST_ATTEMPTS = 5
_TRIES = 3
_CARDS_AT_ONCE = 100
_PAYOUTS_AT_ONCE = 2_000
_PURGED_AT_ONCE = 20


class Interrupted(Exception):
    """The worker is told to stop: the import waits for another."""


class LeaseLost(Exception):
    """Somebody else works on the import: this run ends without a word."""


class ImportStore(Protocol):
    """Where imports are kept."""

    def add(self, found: Import) -> None:
        """Store a new one."""

    def add_piece(self, found: Import, number: int, content: bytes) -> None:
        """Store a piece of its file."""

    def pieces(self, found: Import) -> Iterator[bytes]:
        """Return its file, piece by piece."""

    def save(self, found: Import) -> None:
        """Store its values."""

    def save_held(self, found: Import, *, lease: str) -> bool:
        """Store its values if a lease is still the one that holds; tell whether it is."""

    def drop_content(self, found: Import) -> None:
        """Remove its file."""

    def get_for_update(self, *, account_id: int, import_id: int) -> Import:
        """Return one of an account's, locked; raises ImportNotFound."""

    def claim(self, *, import_id: int, lease: str, worker: str, at: datetime) -> Import | None:
        """Take a lease of one that waits, in one statement; None where it does not."""

    def unfinished(self, *, account_id: int) -> int:
        """Return how many of an account's have not ended."""

    def drop_previews(self, *, account_id: int, keep: int) -> None:
        """Remove the files of an account's dry runs, but for the latest."""

    def get_abandoned(self, *, silent_since: datetime, worker: str) -> Sequence[Import]:
        """Return those of anybody that were silent too long or were a worker's, locked."""

    def get_purgeable(self, *, ended_before: datetime, most: int) -> Sequence[Import]:
        """Return some of anybody's that ended before a moment, locked."""

    def get_previews(self, *, ended_before: datetime, most: int) -> Sequence[Import]:
        """Return some of anybody's that ended before a moment and have files yet, locked."""

    def purge(self, found: Sequence[Import]) -> None:
        """Remove them."""


class Watch(Protocol):
    """Tell others how far a run is; hear from them that it has to end."""

    def at(self, found: Import) -> None:
        """Take note of an import's phase and rows; cheap, and often called.

        :raises Interrupted: the worker is told to stop.
        :raises LeaseLost: the run is not this one's any more.
        """


class ImportService:
    """Take files and bring rate cards to what is in them."""

    def __init__(  # noqa: PLR0913 -- each is a seam of its own, and all are named
        self,
        repository: ImportStore,
        cards: Cards,
        *,
        clock: Clock,
        record: Recorder,
        atomic: Atomic,
        enqueue: Callable[[int], None],
    ) -> None:
        """Take where imports and campaigns are kept, and how to have a job done later."""
        self._repository = repository
        self._cards = cards
        self._clock = clock
        self._record = record
        self._atomic = atomic
        self._enqueue = enqueue

    def begin(self, command: commands.BeginImport, pieces: Iterable[bytes]) -> Import:
        """Store a file, and have it worked on.

        :param pieces: the file, in pieces of bounded size.
        :raises TooManyImports: others of the account have not ended yet.
        """
        with self._atomic():
            if self._repository.unfinished(account_id=command.account_id) >= MOST_UNFINISHED:
                raise TooManyImports(MOST_UNFINISHED)
            found = Import.create(
                account_id=command.account_id,
                actor_id=command.actor_id,
                name=command.name,
                is_dry_run=command.is_dry_run,
                at=self._clock(),
            )
            self._repository.add(found)
            ended = True
            for number, piece in enumerate(pieces):
                self._repository.add_piece(found, number, piece)
                found.size += len(piece)
                found.rows_total += piece.count(b"\n")
                ended = piece.endswith(b"\n")
            # The header is none; a last line need not end.
            found.rows_total = max(0, found.rows_total - 1 + (not ended))
            self._repository.save(found)
            if command.is_dry_run:
                self._repository.drop_previews(account_id=command.account_id, keep=MOST_PREVIEWS)
            self._enqueue(found.pk)
        return found

    def apply(self, command: commands.ImportCommand) -> Import:
        """Have a dry run applied that found nothing wrong. One that is being applied stays.

        :raises ImportNotFound: not theirs, or purged.
        :raises ImportNotApplicable: it found problems, or its file is gone.
        """
        with self._atomic():
            found = self._repository.get_for_update(
                account_id=command.account_id, import_id=command.import_id
            )
            if not found.is_dry_run and (found.is_unfinished or found.state == State.DONE):
                return found  # a button that was pressed twice
            if not found.is_applicable:
                raise ImportNotApplicable
            found.is_dry_run = False
            found.actor_id = command.actor_id
            found.attempts = 0
            found.restart(at=self._clock())
            self._repository.save(found)
            self._enqueue(found.pk)
        return found

    def claim(self, import_id: int, *, worker: str) -> Import | None:
        """Take an import that waits; None where there is nothing to do."""
        return self._repository.claim(
            import_id=import_id, lease=secrets.token_hex(16), worker=worker, at=self._clock()
        )

    def run(self, found: Import, watch: Watch) -> None:
        """Work through a claimed import to its end.

        :raises Interrupted: the worker is told to stop; nothing was changed.
        :raises LeaseLost: somebody else works on it; nothing was changed.
        """
        problems = Problems()
        with SortedRows() as rows:
            self._check(found, rows, problems, watch)
            if problems.count:
                self._end(found, State.REFUSED, problems=problems)
                return
            for attempt in range(_TRIES):
                to_change = self._compare(found, rows, watch)
                if found.is_dry_run or not found.applied_count:
                    self._end(found, State.DONE)
                    return
                try:
                    self._apply(found, rows, to_change, watch)
                except (Moved, TitleTaken):
                    # Somebody made, deleted or renamed one between our look and our locks.
                    if attempt == _TRIES - 1:
                        raise
                else:
                    return

    def release(self, found: Import) -> None:
        """Put an import back whose worker was told to stop."""
        found.attempts -= 1
        with self._atomic():
            self._again(found, lease=found.lease)

    def fail(self, found: Import) -> None:
        """End an import in which something of ours broke."""
        problems = Problems()
        problems.add(
            Problem(
                row=None,
                column=None,
                code="internal_error",
                detail="Something broke on our side, and nothing was changed. Send the file "
                "again; if that does not help, tell the operator the number of the import.",
            )
        )
        self._end(found, State.FAILED, problems=problems)

    def recover(self, *, worker: str) -> int:
        """Have those worked on again whose worker died; return how many.

        :param worker: one that has just begun: what it once had, it has no more.
        """
        with self._atomic():
            abandoned = self._repository.get_abandoned(
                silent_since=self._clock() - LEASE_LASTS, worker=worker
            )
            for found in abandoned:
                self._again(found, lease=found.lease)
        return len(abandoned)

    def purge(self) -> int:
        """Remove imports that ended long ago, and files of old dry runs; return how many."""
        purged = 0
        while True:
            with self._atomic():
                now = self._clock()
                old = self._repository.get_purgeable(
                    ended_before=now - KEPT_FOR, most=_PURGED_AT_ONCE
                )
                self._repository.purge(old)
                stale = self._repository.get_previews(
                    ended_before=now - FILE_KEPT_FOR, most=_PURGED_AT_ONCE
                )
                for found in stale:
                    self._repository.drop_content(found)
            if not old and not stale:
                return purged
            purged += len(old) + len(stale)

    def _check(self, found: Import, rows: SortedRows, problems: Problems, watch: Watch) -> None:
        """Read the file, and find all that is wrong with it."""
        found.phase, found.rows_done = Phase.CHECKING, 0
        try:
            for record in records(self._watched_pieces(found, watch)):
                row = checked(record, problems)
                if row is not None:
                    rows.add(row)
                found.rows_done += 1
                watch.at(found)
        except Unreadable as error:
            problems.add(error.problem)
        else:
            found.rows_total = found.rows_done
            if not found.rows_total:
                problems.add(
                    Problem(
                        row=None,
                        column=None,
                        code="empty",
                        detail="The file has no rows; it needs one for each payout.",
                    )
                )
        for of_one_title in rows.by_title():
            for problem in disagreements(of_one_title):
                problems.add(problem)
            watch.at(found)

    def _watched_pieces(self, found: Import, watch: Watch) -> Iterator[bytes]:
        """Return the file's pieces; one of nothing but empty rows has no other sign of life."""
        for piece in self._repository.pieces(found):
            watch.at(found)
            yield piece

    def _compare(self, found: Import, rows: SortedRows, watch: Watch) -> list[int]:
        """Count what would be created, changed and left as it is; return the ids to change."""
        to_change: list[int] = []
        found.phase, found.rows_done = Phase.COMPARING, 0
        found.created_count = found.changed_count = found.unchanged_count = 0
        for batch in _batches(rows):
            created, changed = self._cards.compare(batch, account_id=found.account_id)
            to_change += changed
            self._count(found, (created, len(changed)), batch)
            watch.at(found)
        return to_change

    def _apply(
        self, found: Import, rows: SortedRows, to_change: Sequence[int], watch: Watch
    ) -> None:
        """Bring the campaigns to what is in the file, and end; or change nothing."""
        found.phase, found.rows_done = Phase.APPLYING, 0
        watch.at(found)
        at = self._clock()
        with self._atomic():
            found.created_count = found.changed_count = found.unchanged_count = 0
            locked = self._cards.lock(to_change, account_id=found.account_id)
            for batch in _batches(rows):
                outcome, changes = self._cards.bring(
                    batch, account_id=found.account_id, locked=locked, at=at
                )
                self._count(found, outcome, batch)
                if changes:
                    self._record(changes, actor_id=found.actor_id, at=at)
                watch.at(found)
            if found.applied_count:
                self._record([found.applied()], actor_id=found.actor_id, at=at)
            self._cards.finish(brought=found.applied_count)
            self._finish(found, State.DONE)

    def _count(self, found: Import, outcome: tuple[int, int], batch: Sequence[Card]) -> None:
        created, changed = outcome
        found.created_count += created
        found.changed_count += changed
        found.unchanged_count += len(batch) - created - changed
        found.rows_done += sum(len(card.payouts) for card in batch)

    def _end(self, found: Import, state: State, *, problems: Problems | None = None) -> None:
        if problems is not None:
            found.created_count = found.changed_count = found.unchanged_count = 0
            found.problem_count = problems.count
            found.problems = [asdict(problem) for problem in problems.first]
        with self._atomic():
            self._finish(found, state)

    def _finish(self, found: Import, state: State) -> None:
        lease = found.lease
        found.end(state, at=self._clock())
        if not self._repository.save_held(found, lease=lease):
            found.lease = lease
            raise LeaseLost
        if not found.has_content:
            self._repository.drop_content(found)

    def _again(self, found: Import, *, lease: str) -> None:
        """Let an import wait for a worker again, unless it has been the end of too many."""
        if found.attempts >= _MOST_ATTEMPTS:
            try:
                self.fail(found)
            except LeaseLost:
                return
        else:
            found.restart(at=self._clock())
            if self._repository.save_held(found, lease=lease):
                self._enqueue(found.pk)


def _batches(rows: SortedRows) -> Iterator[list[Card]]:
    batch: list[Card] = []
    size = 0
    for of_one_title in rows.by_title():
        batch.append(card_of(of_one_title))
        size += len(of_one_title)
        if len(batch) >= _CARDS_AT_ONCE or size >= _PAYOUTS_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
