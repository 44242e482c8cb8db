"""Where accounts, sessions and keys are kept: the one module of this app that spells .objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection
from django.db.models import F, Q
from django.db.models.base import ModelState

from accounts import rules
from accounts.exceptions import EmailTaken
from accounts.models import Account, ApiKey, Attempts, RotatedToken, Session
from accounts.tokens import address_digest
from core.exceptions import NotFound
from core.repositories import aware, left_out_when_busy, prepared_rows, violates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

# Every request asks who sends it. Django takes longer to put this query together, each time, than
# the database to answer it: these two are written by hand, in the SQL of both databases.
_COLUMNS = (
    "id",
    "email",
    "display_name",
    "time_zone",
    "default_currency",
    "created_at",
    "campaigns_version",
    "recent_changes",
)
_ACCOUNT = ", ".join(f"account.{column}" for column in _COLUMNS)
_SESSION = f"""
SELECT {_ACCOUNT} FROM accounts_session session
JOIN accounts_account account ON account.id = session.account_id
WHERE session.id = %s AND session.ended_at IS NULL AND account.is_active
"""  # nosec B608  # noqa: S608 -- of our own words only
_KEY = f"""
SELECT api_key.id, api_key.scope, api_key.last_used_at, {_ACCOUNT} FROM accounts_apikey api_key
JOIN accounts_account account ON account.id = api_key.account_id
WHERE api_key.digest = %s AND api_key.revoked_at IS NULL AND account.is_active
"""  # nosec B608  # noqa: S608 -- of our own words only

# An attempt is one statement, which counts or refuses: a lock that is still held is not touched.
_COUNT = """
INSERT INTO accounts_attempts AS attempts
    (subject, network, count, forgotten_at, locked_until)
VALUES (%s, %s, 1, %s, NULL)
ON CONFLICT (subject, network) DO UPDATE SET
    count = CASE WHEN attempts.forgotten_at <= %s THEN 1 ELSE attempts.count + 1 END,
    forgotten_at = excluded.forgotten_at,
    locked_until = CASE
        WHEN attempts.forgotten_at <= %s THEN NULL
        {steps}
        ELSE NULL
    END
WHERE attempts.locked_until IS NULL OR attempts.locked_until <= %s
"""


def _account(row: Sequence[Any]) -> Account:
    """Return an account with what most requests need; the rest is loaded when it is asked for.

    As ``Account.from_db`` would, which goes through all fields for each request.
    """
    account = Account.__new__(Account)
    account._state = ModelState()  # noqa: SLF001 -- where Django has it
    account._state.adding, account._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001 -- as above
    account.__dict__.update(zip(_COLUMNS, row, strict=True))
    account.created_at = aware(account.created_at)
    return account


class AccountRepository:
    """Accounts."""

    def add(self, account: Account) -> None:
        """Store a new account.

        :raises EmailTaken: another has its address.
        """
        try:
            account.save(force_insert=True)
        except IntegrityError as error:
            if violates(
                error,
                constraint="accounts_account_email_key",
                column="accounts_account.email",
            ):
                raise EmailTaken from error
            raise

    def add_staff(self, *, email: str, password: str, display_name: str, at: datetime) -> Account:
        """Store and return an account that may do everything in the admin.

        It is an operator's word, as ``createsuperuser`` is, and no use case of ours.
        """
        return Account.objects.create_superuser(
            email, password, display_name=display_name, created_at=at
        )

    def is_empty(self) -> bool:
        """Tell whether nobody has an account."""
        return not Account.objects.exists()

    def find_by_email(self, email: str) -> Account | None:
        """Return the account with an address, if there is one."""
        return Account.objects.filter(email=email).first()

    def find(self, *, account_id: int) -> Account | None:
        """Return an account, if it is there."""
        return Account.objects.filter(pk=account_id).first()

    def get_for_update(self, *, account_id: int) -> Account:
        """Return an account, locked against other changes of it.

        Rows that refer to it can still be added meanwhile: its key does not change.

        :raises NotFound: there is none.
        """
        try:
            return Account.objects.select_for_update(no_key=True).get(pk=account_id)
        except Account.DoesNotExist as error:
            raise NotFound("There is no such account.") from error

    def save(self, account: Account, *, fields: Sequence[str]) -> None:
        """Store some fields of an account."""
        account.save(update_fields=fields)


class SessionRepository:
    """Sessions and their refresh tokens."""

    def authenticate(self, *, session_id: UUID) -> Account | None:
        """Return the account of a session that has not ended, if it may sign in: one query."""
        # In the form that SQLite has, and PostgreSQL reads.
        found = prepared_rows(_SESSION, [session_id.hex])
        return _account(found[0]) if found else None

    def of_browser(self, *, session_id: UUID, at: datetime) -> Session | None:
        """Return a live session with its account, if that may sign in: one query."""
        return (
            Session.objects.filter(
                pk=session_id, ended_at=None, expires_at__gt=at, account__is_active=True
            )
            .select_related("account")
            .first()
        )

    def email_of(self, *, session_id: UUID) -> str:
        """Return the address of a session's account, live or not; nothing where there is none."""
        rows = Session.objects.filter(pk=session_id).values_list("account__email", flat=True)
        return rows.first() or ""

    def keep(self, *, session_id: UUID, at: datetime, expires_at: datetime) -> bool:
        """Note that a session is used, and let it last on if it is live; tell whether it does."""
        live = Session.objects.filter(pk=session_id, ended_at=None, expires_at__gt=at)
        kept = 0
        with left_out_when_busy():
            kept = live.update(last_refreshed_at=at, expires_at=expires_at)
        return bool(kept)

    def live(self, *, account_id: int, at: datetime) -> QuerySet[Session]:
        """Return the sessions of an account that have neither ended nor expired."""
        return Session.objects.filter(account_id=account_id, ended_at=None, expires_at__gt=at)

    def get(self, *, account_id: int, session_id: UUID, at: datetime) -> Session:
        """Return one session.

        :raises NotFound: it is not theirs, or has ended.
        """
        try:
            return self.live(account_id=account_id, at=at).get(pk=session_id)
        except Session.DoesNotExist as error:
            raise NotFound("There is no such session.") from error

    def add(self, session: Session) -> None:
        """Store a new session."""
        session.save(force_insert=True)

    def find(self, *, session_id: UUID) -> Session | None:
        """Return a session, live or not, whoever has it: its own token named it."""
        return Session.objects.filter(pk=session_id).first()

    def rotate(
        self, *, session_id: UUID, spent: str, fresh: str, at: datetime, expires_at: datetime
    ) -> bool:
        """Replace a session's refresh token if it is still the current one; tell whether it was.

        One conditional UPDATE: of any number in parallel the database lets one find its token.
        """
        rotated = Session.objects.filter(
            pk=session_id, token_digest=spent, ended_at=None, expires_at__gt=at
        ).update(token_digest=fresh, last_refreshed_at=at, expires_at=expires_at)
        if not rotated:
            return False
        RotatedToken.objects.filter(
            session_id=session_id, rotated_at__lt=at - rules.HONEST_RACE
        ).delete()
        RotatedToken.objects.create(session_id=session_id, token_digest=spent, rotated_at=at)
        return True

    def was_rotated_since(self, *, session_id: UUID, digest: str, since: datetime) -> bool:
        """Tell whether a refresh token was exchanged within the last seconds."""
        return RotatedToken.objects.filter(
            session_id=session_id, token_digest=digest, rotated_at__gte=since
        ).exists()

    def end(self, *, account_id: int, session_id: UUID, at: datetime) -> bool:
        """End a session; tell whether it was there and had not ended."""
        live = self.live(account_id=account_id, at=at).filter(pk=session_id)
        return live.update(ended_at=at) == 1

    def purge(self, *, expired_before: datetime) -> int:
        """Remove sessions of anybody that expired before a moment; return how many."""
        expired = Session.objects.filter(expires_at__lt=expired_before)
        RotatedToken.objects.filter(session__in=expired).delete()
        return expired.delete()[0]

    def end_all(self, *, account_id: int, at: datetime, but: UUID | None = None) -> int:
        """End the sessions of an account, all or all but one; return how many."""
        spared = Q(pk=but) if but else Q(pk__in=[])
        return self.live(account_id=account_id, at=at).exclude(spared).update(ended_at=at)


class AttemptRepository:
    """Counts of attempts. Who reads the table does not learn whose address was tried."""

    def standing(
        self, *, purpose: str, address: str, network: str, known_since: datetime
    ) -> rules.Standing:
        """Return what is known of an address before an attempt: one query."""
        found = {
            row.network: row
            for row in Attempts.objects.filter(
                subject=address_digest(address, purpose), network__in=[network, ""]
            )
        }
        own, all_others = found.get(network), found.get("")
        last = own.last_succeeded_at if own else None
        return rules.Standing(
            is_known=last is not None and last >= known_since,
            strangers_wait_until=all_others.locked_until if all_others else None,
        )

    def count(
        self, *, purpose: str, address: str, network: str, patience: rules.Patience, at: datetime
    ) -> datetime | None:
        """Count an attempt, or return until when it has to wait.

        One statement: of any number in parallel each finds the count that the others left.
        """
        subject = address_digest(address, purpose)
        moment = connection.ops.adapt_datetimefield_value
        forgotten_at, now = moment(at + patience.forgotten_after), moment(at)
        locks = [(count, moment(at + lock)) for count, lock in sorted(patience.locks.items())[::-1]]
        steps = " ".join("WHEN attempts.count + 1 >= %s THEN %s" for _ in locks)
        with connection.cursor() as cursor:
            cursor.execute(
                _COUNT.format(steps=steps),
                [
                    *(subject, network, forgotten_at, now, now),
                    *(value for lock in locks for value in lock),
                    now,
                ],
            )
            if cursor.rowcount:
                return None
        held = Attempts.objects.filter(subject=subject, network=network).first()
        # Nothing is held any more where a success has lifted the lock meanwhile.
        return held.locked_until if held and held.locked_until else at

    def take_back(self, *, purpose: str, address: str, network: str) -> None:
        """Uncount one attempt; with one less there is nothing to wait for."""
        Attempts.objects.filter(
            subject=address_digest(address, purpose), network=network, count__gt=0
        ).update(count=F("count") - 1, locked_until=None)

    def note_success(self, *, purpose: str, address: str, network: str, at: datetime) -> None:
        """Forget the attempts, and remember when one succeeded."""
        row = Attempts(
            subject=address_digest(address, purpose),
            network=network,
            count=0,
            forgotten_at=at,
            last_succeeded_at=at,
        )
        Attempts.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["subject", "network"],
            update_fields=["count", "forgotten_at", "locked_until", "last_succeeded_at"],
        )

    def purge(self, *, at: datetime, known_since: datetime) -> int:
        """Remove counts that make nobody wait and no network known; return how many."""
        return (
            Attempts.objects.filter(forgotten_at__lt=at)
            .exclude(locked_until__gte=at)
            .exclude(last_succeeded_at__gte=known_since)
            .delete()[0]
        )


class KeyRepository:
    """API keys."""

    def authenticate(self, *, digest: str) -> ApiKey | None:
        """Return a key that is not revoked, with its account that may sign in: one query."""
        found = prepared_rows(_KEY, [digest])
        if not found:
            return None
        pk, scope, last_used_at, *account = found[0]
        key = ApiKey(pk=pk, scope=scope, last_used_at=last_used_at and aware(last_used_at))
        key.account = _account(account)
        return key

    def note_use(self, key: ApiKey, *, at: datetime) -> None:
        """Remember that a key was used, to the minute."""
        if key.last_used_at is None or at - key.last_used_at >= rules.KEY_USE_IS_NOTED_EVERY:
            with left_out_when_busy():
                ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)

    def live(self, *, account_id: int) -> QuerySet[ApiKey]:
        """Return the keys of an account that are not revoked."""
        return ApiKey.objects.filter(account_id=account_id, revoked_at=None)

    def get(self, *, account_id: int, key_id: int) -> ApiKey:
        """Return one key.

        :raises NotFound: it is not theirs, or revoked.
        """
        return self._get(self.live(account_id=account_id), key_id)

    def get_for_update(self, *, account_id: int, key_id: int) -> ApiKey:
        """Return one key, locked.

        :raises NotFound: it is not theirs, or revoked.
        """
        return self._get(self.live(account_id=account_id).select_for_update(), key_id)

    def _get(self, keys: QuerySet[ApiKey], key_id: int) -> ApiKey:
        try:
            return keys.get(pk=key_id)
        except ApiKey.DoesNotExist as error:
            raise NotFound("There is no such key.") from error

    def add(self, key: ApiKey) -> None:
        """Store a new key."""
        key.save(force_insert=True)

    def save(self, key: ApiKey) -> None:
        """Store a key's revocation."""
        key.save(update_fields=["revoked_at"])
