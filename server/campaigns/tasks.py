"""What a worker does for campaigns."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django_tasks import task

from campaigns import composition
from campaigns.imports.watch import LeaseWatch
from campaigns.services.imports import Interrupted, LeaseLost
from core import facts
from core.error_reports import report
from core.jobs import stopping
from core.jobs.identity import worker_name

log = structlog.get_logger("ratecard.imports")

TOLD_EVERY = timedelta(seconds=1)


@task()
def run_import(import_id: int) -> None:
    """Work through an import, unless another worker does, or it has ended."""
    service = composition.import_service()
    found = service.claim(import_id, worker=worker_name())
    if found is None:
        return
    with facts.within(import_id=import_id):
        try:
            with LeaseWatch(
                clock=timezone.now, every=TOLD_EVERY, is_stopping=stopping.is_told
            ) as watch:
                service.run(found, watch)
        except Interrupted:
            service.release(found)
            log.info("import_interrupted")
        except LeaseLost:
            log.warning("import_lost")
        except (OperationalError, InterfaceError):
            # The database is away, or busy for too long. Once the lease is over, it is tried again.
            log.warning("import_broken_off", exc_info=True)
        except Exception as error:
            log.exception("import_failed")
            report(error)
            service.fail(found)
        else:
            log.info(
                "import_ended",
                state=found.state,
                rows=found.rows_total,
                created=found.created_count,
                changed=found.changed_count,
                unchanged=found.unchanged_count,
                problems=found.problem_count,
            )
