"""The shapes of what the accounts' door takes and answers."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import rules
from accounts.models import ApiKey
from core.api.fields import CurrencyField, Int64Field, RuleField, StrictCharField, StrictChoiceField
from core.api.input import InputSerializer

_PASSWORD_HELP = "At least 8 characters, not a common password, not like your e-mail address."  # nosec B105  # noqa: S105 -- a help text


@extend_schema_field({"type": "string", "format": "email", "maxLength": rules.LONGEST_EMAIL})
class EmailField(RuleField):
    """An e-mail address."""


class SignUpInput(InputSerializer):
    """A new account."""

    email = EmailField(
        rules.clean_email, max_length=rules.LONGEST_EMAIL, help_text="name@example.com"
    )
    password = StrictCharField(
        max_length=rules.LONGEST_PASSWORD, min_length=8, help_text=_PASSWORD_HELP
    )
    display_name = RuleField(
        rules.clean_display_name, required=False, allow_blank=True, max_length=rules.LONGEST_NAME
    )
    time_zone = RuleField(
        rules.clean_time_zone,
        required=False,
        max_length=rules.LONGEST_TIME_ZONE,
        help_text="A name of the IANA database; UTC if absent.",
    )
    default_currency = CurrencyField(required=False, help_text="A code of ISO 4217; EUR if absent.")


class SignInInput(InputSerializer):
    """An e-mail address and a password."""

    email = StrictCharField(max_length=rules.LONGEST_EMAIL)
    password = StrictCharField(max_length=rules.LONGEST_PASSWORD)


class RefreshInput(InputSerializer):
    """A refresh token, which works once."""

    refresh = StrictCharField(max_length=2048)


class ProfileInput(InputSerializer):
    """What an account may change of itself."""

    ignored: ClassVar = frozenset({"id", "email", "created_at"})
    display_name = RuleField(
        rules.clean_display_name, required=False, allow_blank=True, max_length=rules.LONGEST_NAME
    )
    time_zone = RuleField(rules.clean_time_zone, required=False, max_length=rules.LONGEST_TIME_ZONE)
    default_currency = CurrencyField(required=False)


class PasswordInput(InputSerializer):
    """The password, and the one that follows it."""

    current_password = StrictCharField(max_length=rules.LONGEST_PASSWORD)
    new_password = StrictCharField(
        max_length=rules.LONGEST_PASSWORD, min_length=8, help_text=_PASSWORD_HELP
    )


class AskForResetInput(InputSerializer):
    """The address of an account whose password is forgotten."""

    email = StrictCharField(max_length=rules.LONGEST_EMAIL)


class ResetInput(InputSerializer):
    """What the link in the mail says, and the new password."""

    uid = StrictCharField(max_length=64)
    token = StrictCharField(max_length=64)
    password = StrictCharField(
        max_length=rules.LONGEST_PASSWORD, min_length=8, help_text=_PASSWORD_HELP
    )


class KeyInput(InputSerializer):
    """A new API key."""

    name = RuleField(rules.clean_key_name, max_length=rules.LONGEST_NAME)
    scope = StrictChoiceField(choices=ApiKey.Scope.choices)


class AccountSerializer(serializers.Serializer[Any]):
    """An account, as its owner sees it."""

    id = Int64Field()
    email = serializers.EmailField()
    display_name = serializers.CharField()
    time_zone = serializers.CharField()
    default_currency = serializers.CharField()
    created_at = serializers.DateTimeField()


class TokensSerializer(serializers.Serializer[Any]):
    """A session's tokens: `access` lives 5 minutes, `refresh` 7 days and works once."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class SignedInSerializer(TokensSerializer):
    """An account and the tokens of its new session."""

    account = AccountSerializer()


class SessionSerializer(serializers.Serializer[Any]):
    """A sign-in on one device."""

    id = serializers.UUIDField()
    device = serializers.CharField(help_text="What the client called itself.")
    created_at = serializers.DateTimeField()
    last_refreshed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    is_current = serializers.SerializerMethodField()

    def get_is_current(self, session: Any) -> bool:
        """Tell whether this request came through this session."""
        current: bool = session.pk == self.context["session_id"]
        return current


class KeySerializer(serializers.Serializer[Any]):
    """An API key, without its text."""

    id = Int64Field()
    name = serializers.CharField()
    scope = serializers.ChoiceField(choices=ApiKey.Scope.choices)
    hint = serializers.CharField(help_text="How the key begins.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")


class NewKeySerializer(KeySerializer):
    """An API key with its text, this once."""

    key = serializers.CharField()
