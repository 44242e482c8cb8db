"""Watch over a run: tell others how far it is, and end it when the worker has to stop."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

from django.db import Error

from campaigns.imports.entities import Phase
from campaigns.imports.repositories import ImportRepository, SecondConnection
from campaigns.services.imports import Interrupted, LeaseLost

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from campaigns.imports.entities import Import
    from core.events import Clock


class LeaseWatch:
    """Renew a run's lease, at most so often, each time with how far it is."""

    def __init__(self, *, clock: Clock, every: timedelta, is_stopping: Callable[[], bool]) -> None:
        """Take the time, how often to tell, and how to learn that the worker has to stop."""
        self._clock = clock
        self._every = every
        self._is_stopping = is_stopping
        self._told_at: datetime | None = None
        self._phase = ""
        self._repository = ImportRepository()
        self._second = SecondConnection()

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Tell nobody any more."""
        self._second.close()

    def at(self, found: Import) -> None:
        """Tell how far an import is, if it is time to.

        :raises Interrupted: the worker has to stop.
        :raises LeaseLost: somebody else works on the import.
        """
        if self._is_stopping():
            raise Interrupted
        now = self._clock()
        is_new = self._phase != found.phase
        if not is_new and self._told_at is not None and now - self._told_at < self._every:
            return
        self._phase, self._told_at = found.phase, now
        # A run begins to apply before its transaction begins.
        if found.phase == Phase.APPLYING and not is_new:
            # What it is told matters to people only: the end of the transaction asks for the lease.
            with suppress(Error):
                self._second.beat(found, at=now)
        elif not self._repository.beat(found, at=now):
            raise LeaseLost
