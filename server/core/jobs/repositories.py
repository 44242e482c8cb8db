"""Where jobs wait: django-tasks' own table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_tasks_db.models import DBTaskResult

if TYPE_CHECKING:
    from datetime import datetime


class JobRepository:
    """Jobs of all queues."""

    def is_any_ready(self) -> bool:
        """Tell whether a job waits for a worker; a read, for which nobody needs a lock."""
        return DBTaskResult.objects.ready().exists()

    def purge(self, *, older_than: datetime) -> int:
        """Forget jobs that began before a moment, however they ended; return how many."""
        old = DBTaskResult.objects.filter(started_at__lt=older_than)
        return old.delete()[0]
