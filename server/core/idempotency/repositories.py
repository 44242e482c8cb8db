"""Where the answers to requests with keys are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from core.models import IdempotentAnswer

if TYPE_CHECKING:
    from datetime import datetime

# Django cannot say WHERE of an upsert. An old answer makes room in the statement that looks for it.
_CLAIM = """
INSERT INTO core_idempotentanswer
    (account_id, key_digest, fingerprint, status, etag, location, body, created_at)
VALUES (%s, %s, %s, 0, '', '', %s, %s)
ON CONFLICT (account_id, key_digest) DO UPDATE
SET fingerprint = excluded.fingerprint, status = excluded.status, etag = excluded.etag,
    location = excluded.location, body = excluded.body, created_at = excluded.created_at
WHERE core_idempotentanswer.created_at <= %s
"""


class IdempotencyRepository:
    """Answers by account and key; every read names its account."""

    def claim(self, answer: IdempotentAnswer, *, expired_at: datetime) -> bool:
        """Store an answer that is not known yet, in one statement; tell whether the key was free.

        Whoever claims a key that another transaction has claimed waits until that one ends.

        :param expired_at: the key of an answer that was begun then or before is free again.
        """
        moment = connection.ops.adapt_datetimefield_value
        with connection.cursor() as cursor:
            cursor.execute(
                _CLAIM,
                [
                    answer.account_id,
                    answer.key_digest,
                    answer.fingerprint,
                    b"",
                    moment(answer.created_at),
                    moment(expired_at),
                ],
            )
            is_claimed: bool = cursor.rowcount == 1
        return is_claimed

    def get(self, *, account_id: int, key_digest: str) -> IdempotentAnswer:
        """Return the answer of a key that was not free."""
        return IdempotentAnswer.objects.get(account_id=account_id, key_digest=key_digest)

    def finish(self, answer: IdempotentAnswer) -> None:
        """Store what the answer is, by now, of a key that was claimed."""
        IdempotentAnswer.objects.filter(
            account_id=answer.account_id, key_digest=answer.key_digest
        ).update(status=answer.status, etag=answer.etag, location=answer.location, body=answer.body)

    def purge(self, *, expired_at: datetime, most: int) -> int:
        """Remove some answers of anybody that were begun then or before; return how many."""
        old = IdempotentAnswer.objects.filter(created_at__lte=expired_at)
        some = list(old.order_by("created_at").values_list("pk", flat=True)[:most])
        # Its age is asked again: somebody may have claimed one of these keys in between.
        return old.filter(pk__in=some).delete()[0]
