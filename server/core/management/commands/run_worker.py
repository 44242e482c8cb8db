"""Do the jobs that wait."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import structlog
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils.module_loading import import_string
from django_tasks_db.management.commands.db_worker import Worker

from core.jobs import stopping
from core.jobs.identity import worker_name
from core.jobs.repositories import JobRepository

if TYPE_CHECKING:
    from argparse import ArgumentParser

log = structlog.get_logger("ratecard.worker")

LOOKS_EVERY_SECONDS = 1
LOOKS_AFTER_OTHERS_EVERY = 10
"""Every how many looks it takes up what dead workers left."""
RECOVERIES = ("campaigns.composition.recover_imports",)


class Command(BaseCommand):
    """Work until told to stop; what is half done by then is put back."""

    help = "Do the jobs that wait, imports for example, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--once`` and ``--beside``."""
        parser.add_argument("--once", action="store_true", help="do what waits now, and end")
        parser.add_argument(
            "--beside", action="store_true", help="end with the process that started this one"
        )

    def handle(self, *_args: Any, once: bool, beside: bool, **_options: Any) -> None:
        """Look for jobs every second, by a read: nobody waits for that."""
        if once:
            _recover(worker="")
            _work()
            return
        if beside:
            stopping.watch_parent()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.tell())
        log.info("worker_started", worker=worker_name(), pid=os.getpid())
        looks = 0
        mine = worker_name()  # what this name once had, nobody works on any more
        while not stopping.is_told():
            try:
                if JobRepository().is_any_ready():
                    _work()
                elif looks % LOOKS_AFTER_OTHERS_EVERY == 0 or mine:
                    _recover(worker=mine)
                    mine = ""
            except (OperationalError, InterfaceError):
                log.warning("worker_without_database", exc_info=True)
            looks += 1
            close_old_connections()
            stopping.wait(LOOKS_EVERY_SECONDS)
        log.info("worker_stopped")


def _recover(*, worker: str) -> None:
    for path in RECOVERIES:
        import_string(path)(worker=worker)


def _work() -> None:
    """Do jobs until none waits, with django-tasks' own worker.

    Its loop asks for an exclusive lock each time it looks, and dies of a database that is locked:
    here it is asked only when there is something to do.
    """
    worker = Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id=worker_name()[-64:],
        excluded_queue_names=[],
    )
    while not stopping.is_told() and JobRepository().is_any_ready():
        worker.run()
