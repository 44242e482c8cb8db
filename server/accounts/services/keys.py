"""Make and revoke the API keys of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import ApiKey
from accounts.services.needs import account_change

if TYPE_CHECKING:
    from accounts import commands
    from accounts.services.needs import Dependencies
    from core.events import Values


class KeyService:
    """Make and revoke the API keys of programs."""

    def __init__(self, needs: Dependencies) -> None:
        """Take what the use cases need."""
        self._keys = needs.keys
        self._tokens = needs.tokens
        self._clock = needs.clock
        self._record = needs.record
        self._atomic = needs.atomic

    def create(self, command: commands.CreateKey) -> tuple[ApiKey, str]:
        """Make a key; return it and its text, which is never to be had again."""
        secret = self._tokens.new_key()
        key = ApiKey(
            account_id=command.account_id,
            name=command.name,
            scope=command.scope,
            digest=secret.digest,
            hint=secret.hint,
            created_at=self._clock(),
        )
        with self._atomic():
            self._keys.add(key)
            self._record(
                [account_change("key.created", key.account_id, new=_described(key))],
                actor_id=command.actor_id,
                at=key.created_at,
            )
        return key, secret.text

    def revoke(self, command: commands.RevokeKey) -> None:
        """Make a key useless at once.

        :raises NotFound: it is not theirs, or revoked.
        """
        with self._atomic():
            key = self._keys.get_for_update(account_id=command.account_id, key_id=command.key_id)
            key.revoked_at = self._clock()
            self._keys.save(key)
            self._record(
                [account_change("key.revoked", key.account_id, old=_described(key))],
                actor_id=command.actor_id,
                at=key.revoked_at,
            )


def _described(key: ApiKey) -> Values:
    return {"key": key.pk, "name": key.name, "scope": key.scope}
