"""The REST door to accounts: shape and permission, one domain call, an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status

from accounts import commands, composition, rules
from accounts.api import serializers as shapes
from accounts.api.permissions import IsPerson, MayUseMethod
from core.api.answers import Answer
from core.api.input import NoInput, read_body
from core.api.pagination import PageQuery, paginate
from core.api.schema import page_of
from core.api.views import ApiViewSet, account_id
from core.limiting.clients import client_network
from core.metrics import counted_sign_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from rest_framework.request import Request

    from accounts.api.authentication import Credential
    from accounts.services import SignedIn


class SignInViewSet(ApiViewSet):
    """Ways in, for people who are not signed in yet."""

    limits: ClassVar = {
        "signup": "signup",
        "signin": "signin",
        "refresh": "refresh",
        "ask_for_reset": "reset",
        "reset": "signin",  # a password to hash, as there
    }
    cache_control = "no-store"
    authentication_classes = []
    permission_classes = []
    problem_codes: ClassVar = {
        "signup": ("signup_closed", "email_taken"),
        "signin": ("invalid_credentials", "too_many_attempts"),
        "refresh": ("invalid_token", "token_spent", "token_reused"),
        "reset": ("invalid_reset_token",),
    }

    @extend_schema(
        operation_id="auth_signup",
        summary="Create an account",
        request=shapes.SignUpInput,
        responses={201: shapes.SignedInSerializer},
    )
    def signup(self, request: Request) -> Answer:
        """Create an account and sign in. Refused where the operator closed sign-up."""
        values = read_body(request, shapes.SignUpInput)
        signed_in = composition.account_service().sign_up(
            commands.SignUp(**values, device=_device(request), network=_network(request))
        )
        return Answer(_signed_in(signed_in), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="auth_signin",
        summary="Sign in",
        request=shapes.SignInInput,
        responses={200: shapes.SignedInSerializer},
    )
    def signin(self, request: Request) -> Answer:
        """Sign in with e-mail address and password. Every refusal reads the same.

        After five that failed, the network waits: a minute, and longer with each that follows.
        """
        values = read_body(request, shapes.SignInInput)
        with counted_sign_in("api"):
            signed_in = composition.session_service().sign_in(
                commands.SignIn(**values, device=_device(request), network=_network(request))
            )
        return Answer(_signed_in(signed_in))

    @extend_schema(
        operation_id="auth_refresh",
        summary="Rotate the refresh token",
        request=shapes.RefreshInput,
        responses={200: shapes.TokensSerializer},
    )
    def refresh(self, request: Request) -> Answer:
        """Exchange a refresh token for a new pair. It works once.

        Used again, later than ten seconds after, it ends its whole session.
        """
        values = read_body(request, shapes.RefreshInput)
        tokens = composition.session_service().refresh(values["refresh"])
        return Answer({"access": tokens.access, "refresh": tokens.refresh})

    @extend_schema(
        operation_id="auth_password_reset",
        summary="Ask for a password reset",
        request=shapes.AskForResetInput,
        responses={202: None},
    )
    def ask_for_reset(self, request: Request) -> Answer:
        """Mail a link to the address, if it has an account. The answer is the same if not.

        An address gets at most three mails an hour; that, too, is not told.
        """
        values = read_body(request, shapes.AskForResetInput)
        composition.reset_service().ask(commands.AskForReset(**values))
        return Answer(status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="auth_password_reset_confirm",
        summary="Set a new password with the mailed link",
        request=shapes.ResetInput,
        responses={204: None},
    )
    def reset(self, request: Request) -> Answer:
        """Set the password. Every session ends; API keys stay. A link works once, for an hour."""
        values = read_body(request, shapes.ResetInput)
        composition.reset_service().reset(
            commands.ResetPassword(**values, network=_network(request))
        )
        return Answer(status=status.HTTP_204_NO_CONTENT)


class SessionViewSet(ApiViewSet):
    """The sessions of the account."""

    limits: ClassVar = {
        "signout": "write",
        "list": "read",
        "end_others": "write",
        "retrieve": "read",
        "destroy": "write",
    }
    cache_control = "no-store"
    permission_classes = [IsPerson]
    query_serializers: ClassVar = {"list": PageQuery}

    @extend_schema(
        operation_id="auth_signout",
        summary="Sign out",
        request=NoInput,
        responses={204: None},
    )
    def signout(self, request: Request) -> Answer:
        """End this session: its access and refresh tokens stop working at once."""
        read_body(request, NoInput)
        return self._end(request, _session_id(request))

    @extend_schema(
        operation_id="auth_sessions_list",
        summary="List own sessions",
        parameters=[PageQuery],
        responses={200: page_of("Session", shapes.SessionSerializer)},
    )
    def list(self, request: Request) -> Answer:
        """List the sessions that have neither ended nor expired, newest first."""
        rows = composition.sessions().live(account_id=account_id(request), at=timezone.now())
        page = paginate(request, rows, query=self.query, ordering="-created_at")
        return Answer(page.answer([self._shown(row) for row in page.rows]))

    @extend_schema(
        operation_id="auth_sessions_end_others",
        summary="End all other sessions",
        responses={204: None},
    )
    def end_others(self, request: Request) -> Answer:
        """End every session but this one."""
        owner = account_id(request)
        composition.session_service().end_others(
            commands.EndOtherSessions(
                account_id=owner, actor_id=owner, session_id=_session_id(request)
            )
        )
        return Answer(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="auth_sessions_retrieve",
        summary="Read one session",
        responses={200: shapes.SessionSerializer},
    )
    def retrieve(self, request: Request, session_id: UUID) -> Answer:
        """Read one session."""
        session = composition.sessions().get(
            account_id=account_id(request), session_id=session_id, at=timezone.now()
        )
        return Answer(self._shown(session))

    @extend_schema(operation_id="auth_sessions_end", summary="End a session", responses={204: None})
    def destroy(self, request: Request, session_id: UUID) -> Answer:
        """End one session; its tokens stop working at once."""
        return self._end(request, session_id)

    def _end(self, request: Request, session_id: UUID) -> Answer:
        owner = account_id(request)
        composition.session_service().end(
            commands.EndSession(account_id=owner, actor_id=owner, session_id=session_id)
        )
        return Answer(status=status.HTTP_204_NO_CONTENT)

    def _shown(self, session: Any) -> dict[str, Any]:
        context = {"session_id": _session_id(self.request)}
        return dict(shapes.SessionSerializer(session, context=context).data)


class KeyViewSet(ApiViewSet):
    """The API keys of the account's programs."""

    limits: ClassVar = {
        "list": "read",
        "create": "write",
        "retrieve": "read",
        "destroy": "write",
    }
    cache_control = "no-store"
    permission_classes = [IsPerson]
    query_serializers: ClassVar = {"list": PageQuery}

    @extend_schema(
        operation_id="auth_keys_list",
        summary="List API keys",
        parameters=[PageQuery],
        responses={200: page_of("Key", shapes.KeySerializer)},
    )
    def list(self, request: Request) -> Answer:
        """List the keys that are not revoked, newest first."""
        rows = composition.keys().live(account_id=account_id(request))
        page = paginate(request, rows, query=self.query)
        return Answer(page.answer([shapes.KeySerializer(row).data for row in page.rows]))

    @extend_schema(
        operation_id="auth_keys_create",
        summary="Make an API key",
        request=shapes.KeyInput,
        responses={201: shapes.NewKeySerializer},
    )
    def create(self, request: Request) -> Answer:
        """Make a key. The answer has its text, which is never shown again."""
        values = read_body(request, shapes.KeyInput)
        owner = account_id(request)
        key, text = composition.key_service().create(
            commands.CreateKey(account_id=owner, actor_id=owner, **values)
        )
        answer = {**shapes.KeySerializer(key).data, "key": text}
        return Answer(answer, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="auth_keys_retrieve",
        summary="Read one API key",
        responses={200: shapes.KeySerializer},
    )
    def retrieve(self, request: Request, key_id: int) -> Answer:
        """Read one key, without its text."""
        key = composition.keys().get(account_id=account_id(request), key_id=key_id)
        return Answer(shapes.KeySerializer(key).data)

    @extend_schema(
        operation_id="auth_keys_revoke", summary="Revoke an API key", responses={204: None}
    )
    def destroy(self, request: Request, key_id: int) -> Answer:
        """Make a key useless, at once and for good."""
        owner = account_id(request)
        composition.key_service().revoke(
            commands.RevokeKey(account_id=owner, actor_id=owner, key_id=key_id)
        )
        return Answer(status=status.HTTP_204_NO_CONTENT)


class ProfileViewSet(ApiViewSet):
    """The account itself."""

    limits: ClassVar = {
        "retrieve": "read",
        "partial_update": "write",
        "password": "signin",  # nosec B105  # a limit, not a password: it can be guessed here too
    }
    problem_codes: ClassVar = {"password": ("too_many_attempts",)}
    cache_control = "no-store"

    @extend_schema(
        operation_id="auth_profile_retrieve",
        summary="Read own profile",
        responses={200: shapes.AccountSerializer},
    )
    def retrieve(self, request: Request) -> Answer:
        """Read the account that the credential belongs to."""
        return Answer(shapes.AccountSerializer(request.user).data)

    @extend_schema(
        operation_id="auth_profile_update",
        summary="Change own profile",
        request=shapes.ProfileInput,
        responses={200: shapes.AccountSerializer},
    )
    def partial_update(self, request: Request) -> Answer:
        """Change the fields that are sent."""
        values = read_body(request, shapes.ProfileInput)
        owner = account_id(request)
        account = composition.account_service().change_profile(
            commands.ChangeProfile(account_id=owner, actor_id=owner, **values)
        )
        return Answer(shapes.AccountSerializer(account).data)

    @extend_schema(
        operation_id="auth_password_change",
        summary="Change the password",
        request=shapes.PasswordInput,
        responses={204: None},
    )
    def password(self, request: Request) -> Answer:
        """Change the password. Every other session ends; API keys stay.

        A wrong current password counts as a sign-in that failed.
        """
        values = read_body(request, shapes.PasswordInput)
        owner = account_id(request)
        composition.account_service().change_password(
            commands.ChangePassword(
                account_id=owner,
                actor_id=owner,
                session_id=_session_id(request),
                network=_network(request),
                **values,
            )
        )
        return Answer(status=status.HTTP_204_NO_CONTENT)

    def get_permissions(self) -> Sequence[Any]:
        """Let programs read who they work for; only people change it."""
        return [MayUseMethod() if self.action == "retrieve" else IsPerson()]


def _signed_in(signed_in: SignedIn) -> dict[str, Any]:
    return {
        "account": shapes.AccountSerializer(signed_in.account).data,
        "access": signed_in.tokens.access,
        "refresh": signed_in.tokens.refresh,
    }


def _session_id(request: Request) -> UUID:
    """Return this request's session; the permission IsPerson has seen to it that there is one."""
    return cast("Credential", request.auth).session_id  # type: ignore[return-value]  # not null here


def _network(request: Request) -> str:
    return client_network(request._request)  # noqa: SLF001 -- DRF's documented way beneath


def _device(request: Request) -> str:
    return rules.device_name(request.headers.get("User-Agent", ""))
