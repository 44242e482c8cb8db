"""Accounts, the sessions of people and the keys of programs."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import rules
from accounts.fields import LowercaseEmailField
from core.reference import currencies, is_among

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class AccountManager(BaseUserManager["Account"]):
    """Create accounts where no service does: ``createsuperuser`` and tests."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Account:
        """Store an account and return it.

        :raises RuleViolation: the e-mail address is none.
        """
        account = self.model(email=rules.clean_email(email), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Account:
        """Store an account that may enter the admin and do everything there."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )


class Account(AbstractBaseUser, PermissionsMixin):
    """Who signs in, and owns campaigns. The e-mail address identifies it, whatever its case."""

    email = LowercaseEmailField(max_length=rules.LONGEST_EMAIL, unique=True)
    display_name = models.CharField(max_length=rules.LONGEST_NAME, blank=True, default="")
    time_zone = models.CharField(
        max_length=rules.LONGEST_TIME_ZONE, default=rules.DEFAULT_TIME_ZONE
    )
    default_currency = models.CharField(max_length=3, default=rules.DEFAULT_CURRENCY)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    campaigns_version = models.BigIntegerField(default=1, editable=False)
    """Rises with every change of the account's campaigns, in the change's own transaction."""
    recent_changes = models.CharField(
        max_length=rules.LONGEST_RECENT_CHANGES, default="", db_default="", editable=False
    )
    """Which campaign some of the last versions changed, as ``version:campaign;``, newest first.

    A version that it does not name may have changed any. What is cut off has no semicolon.
    """

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = AccountManager()

    class Meta:
        """Table options."""

        constraints: ClassVar = [
            # With the unique column this makes addresses unique whatever their case.
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))), name="account_email_lowercase"
            ),
            models.CheckConstraint(
                condition=is_among("default_currency", currencies()),
                name="account_currency_known",
            ),
        ]

    def __str__(self) -> str:
        """Show the name people gave, or the address."""
        return self.display_name or self.email

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Store it, but never a version of its campaigns that was read a while ago.

        Django's own ``changepassword`` stores all fields, as they were when it began to ask.
        """
        if update_fields is None and not self._state.adding:
            fields = (field.name for field in self._meta.concrete_fields if not field.primary_key)
            update_fields = {*fields} - {"campaigns_version", "recent_changes"}
        super().save(update_fields=update_fields, **options)


class Session(models.Model):
    """One sign-in on one device. It lives as long as its refresh token is renewed.

    Access tokens name their session, so that ending it ends them at once. Of the refresh token
    we keep a digest: who reads this table cannot sign in with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    token_digest = models.CharField(max_length=64)
    device = models.CharField(max_length=rules.LONGEST_DEVICE, blank=True)
    created_at = models.DateTimeField()
    last_refreshed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Name the device."""
        return self.device or "unknown device"

    def is_live(self, *, at: datetime) -> bool:
        """Tell whether its tokens are still good."""
        return self.ended_at is None and self.expires_at > at


class RotatedToken(models.Model):
    """A refresh token that was exchanged within the last seconds.

    It tells two requests that raced for one token from a thief who comes later; older ones are
    deleted at the session's next rotation.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="rotated_tokens")
    token_digest = models.CharField(max_length=64)
    rotated_at = models.DateTimeField()

    def __str__(self) -> str:
        """Name the session."""
        return f"of session {self.session_id}"


class Attempts(models.Model):
    """How often something was tried for one e-mail address, and whether it may be tried again.

    There are rows for addresses without an account too: what is counted must not tell which have
    one. The address itself is not stored, only a keyed digest of it.
    """

    subject = models.CharField(max_length=64)
    """The digest of what is tried and for which address."""
    network = models.CharField(max_length=43)
    """Where it is tried from; empty for all networks together."""
    count = models.PositiveIntegerField()
    forgotten_at = models.DateTimeField()
    """When counting begins again."""
    locked_until = models.DateTimeField(null=True)
    last_succeeded_at = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        verbose_name_plural = "attempts"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "network"], name="attempts_unique"),
        ]

    def __str__(self) -> str:
        """Say from where."""
        return f"from {self.network or 'anywhere'}"


class ApiKey(models.Model):
    """A program's way in: named, for reading or for writing too, shown once, revocable."""

    class Scope(models.TextChoices):
        """What a key may do."""

        READ = "read"
        WRITE = "write"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=rules.LONGEST_NAME)
    scope = models.CharField(max_length=5, choices=Scope)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    """The first characters of the key, to tell keys apart."""
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        """Table options."""

        verbose_name = "API key"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(scope__in=["read", "write"]), name="api_key_scope_known"
            ),
        ]

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    @property
    def may_write(self) -> bool:
        """Tell whether its program may change anything."""
        return self.scope == self.Scope.WRITE
