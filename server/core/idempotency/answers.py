"""Do once what a key stands for, and answer it alike from then on.

One transaction has all of it: the key's row comes first, then what the use case writes, then the
answer. Who comes with the same key meanwhile waits at the row, and finds the answer. Whatever ends
the transaction, an error or a power cut, leaves the key free and nothing done.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from core.api.renderers import JSONRenderer
from core.idempotency.keys import IdempotencyMismatch, fingerprint, key_digest
from core.idempotency.repositories import IdempotencyRepository
from core.models import IdempotentAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from core.api.answers import Answer

REPLAYED = "Idempotency-Replayed"
KEPT_FOR = timedelta(hours=24)
_PURGED_AT_ONCE = 500


def answer_once(
    request: HttpRequest, key: str, *, account_id: int, act: Callable[[], Answer]
) -> HttpResponse:
    """Act and keep the answer, or answer what was kept.

    :param act: does what is asked; it raises its errors, and those are not kept.
    :raises IdempotencyMismatch: the key stands for another request of the account.
    """
    now = timezone.now()
    answer = IdempotentAnswer(
        account_id=account_id,
        key_digest=key_digest(key),
        # Reads the body, of a client that may be slow: the transaction has not begun yet.
        fingerprint=fingerprint(request),
        created_at=now,
    )
    repository = IdempotencyRepository()
    with transaction.atomic():
        if repository.claim(answer, expired_at=now - KEPT_FOR):
            _keep(act(), answer)
            repository.finish(answer)
            return _written(answer)
        kept = repository.get(account_id=account_id, key_digest=answer.key_digest)
    if kept.fingerprint != answer.fingerprint:
        raise IdempotencyMismatch
    response = _written(kept)
    response[REPLAYED] = "true"
    return response


def purge() -> int:
    """Remove the answers whose 24 hours are over; return how many."""
    purged = 0
    expired_at = timezone.now() - KEPT_FOR
    while some := IdempotencyRepository().purge(expired_at=expired_at, most=_PURGED_AT_ONCE):
        purged += some
    return purged


def _keep(response: Answer, answer: IdempotentAnswer) -> None:
    answer.status = response.status_code
    answer.etag = response.get("ETag", "")
    answer.location = response.get("Location", "")
    answer.body = response.content


def _written(answer: IdempotentAnswer) -> HttpResponse:
    headers = {"ETag": answer.etag, "Location": answer.location}
    response = HttpResponse(
        answer.body,
        status=answer.status,
        content_type=JSONRenderer.media_type,
        headers={name: value for name, value in headers.items() if value},
    )
    if not answer.body:
        del response["Content-Type"]
    return response
