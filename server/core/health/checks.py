"""What a server needs to answer requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import structlog
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from core.health.draining import is_draining
from core.metrics import READINESS
from core.postgresql.patience import patience
from core.redis import RedisAway, redis_link

log = structlog.get_logger("ratecard.health")

PATIENCE_SECONDS = 1.0
"""How long to wait for another who asks the database; then it is taken for away."""
DATABASE_SECONDS = 2.0
"""How long to wait for each of its answers: probes wait for seconds, not as long as requests do."""
OK, NOT_OK, DEGRADED = "ok", "failed", "degraded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What each check found."""

    database: str
    migrations: str
    draining: str
    redis: str

    @property
    def status(self) -> str:
        """``ok``, ``degraded`` (requests are answered, more slowly), or ``failed``."""
        if NOT_OK in {self.database, self.migrations, self.draining}:
            return NOT_OK
        return DEGRADED if self.redis == DEGRADED else OK

    @property
    def checks(self) -> dict[str, str]:
        """All checks by name."""
        return {
            "database": self.database,
            "migrations": self.migrations,
            "draining": self.draining,
            "redis": self.redis,
        }


class ReadinessChecks:
    """Ask what a server needs, and remember what cannot change any more."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._asking = threading.Lock()
        self._is_migrated = False
        self._last = ""

    def run(self) -> Readiness:
        """Ask everything; a change is logged, and each answer counted."""
        database, migrations = self._database()
        found = Readiness(
            database=database,
            migrations=migrations,
            draining=NOT_OK if is_draining() else OK,
            redis=_redis(),
        )
        READINESS.labels(found.status).inc()
        if found.status != self._last:
            if self._last or found.status != OK:
                write = log.info if found.status == OK else log.warning
                write("readiness", status=found.status, checks=found.checks)
            self._last = found.status
        return found

    def _database(self) -> tuple[str, str]:
        """Ask the database, one of us at a time: one that hangs shall keep one thread, not all."""
        if not self._asking.acquire(timeout=PATIENCE_SECONDS):
            return NOT_OK, OK if self._is_migrated else "unknown"
        try:
            if not self._is_migrated:
                # Nobody takes migrations back while a server runs: once is enough.
                with patience(DATABASE_SECONDS):
                    self._is_migrated = _nothing_to_migrate()
                return OK, OK if self._is_migrated else NOT_OK
            with patience(DATABASE_SECONDS), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
                cursor.fetchone()
        except Error:
            return NOT_OK, OK if self._is_migrated else "unknown"
        finally:
            self._asking.release()
        return OK, OK


def _nothing_to_migrate() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _redis() -> str:
    link = redis_link()
    if link is None:
        return "unused"
    if not link.is_up:
        return DEGRADED
    try:
        link.ask("PING")
    except RedisAway:
        return DEGRADED
    return OK


_CHECKS = ReadinessChecks()


def readiness() -> Readiness:
    """Return whether this process should be sent requests."""
    return _CHECKS.run()
