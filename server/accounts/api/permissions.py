"""What a credential may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission

from accounts.api.authentication import Credential
from accounts.exceptions import NotAuthenticated, ReadOnlyKey, SessionRequired

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class MayUseMethod(BasePermission):
    """Ask for a credential, and for one that may write where something is written."""

    def codes_for(self, method: str) -> tuple[str, ...]:
        """Return the codes of ``core.problems`` with which this refuses a method."""
        return () if method in SAFE_METHODS else (ReadOnlyKey.code,)

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 -- DRF's
        """Let the request pass.

        :raises NotAuthenticated: nobody signed in.
        :raises ReadOnlyKey: the key may only read.
        """
        if not isinstance(request.auth, Credential):
            raise NotAuthenticated
        if request.method not in SAFE_METHODS and not request.auth.may_write:
            raise ReadOnlyKey
        return True


class IsPerson(MayUseMethod):
    """Ask for a person who signed in: programs do not manage credentials."""

    def codes_for(self, method: str) -> tuple[str, ...]:  # noqa: ARG002 -- the same for each
        """Return the codes of ``core.problems`` with which this refuses a method."""
        return (SessionRequired.code,)

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Let the request pass.

        :raises SessionRequired: it comes with an API key.
        """
        if isinstance(request.auth, Credential) and request.auth.session_id is None:
            raise SessionRequired
        return super().has_permission(request, view)
