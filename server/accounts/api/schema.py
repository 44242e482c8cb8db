"""How the OpenAPI document describes authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

if TYPE_CHECKING:
    from drf_spectacular.openapi import AutoSchema


class BearerAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library's registry
    """One header for both kinds of credential."""

    target_class = "accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002 -- the library's signature
        """Return the scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": (
                "The `access` token of a sign-in, or an API key (`rck_…`). "
                "A key of the scope `read` may not write."
            ),
        }
