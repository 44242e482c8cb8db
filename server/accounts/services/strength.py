"""Refuse passwords that are too weak, in all use cases alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.exceptions import InvalidInput, Violation

if TYPE_CHECKING:
    from accounts.services.needs import PasswordKeeper


def require_strength(
    passwords: PasswordKeeper, password: str, *, email: str, display_name: str, field: str
) -> None:
    """Let a new password pass.

    :param field: where it stood in the body.
    :raises InvalidInput: it is weak; every weakness is named.
    """
    weaknesses = passwords.weaknesses(password, email=email, display_name=display_name)
    if weaknesses:
        raise InvalidInput(
            Violation(path=(field,), code=weakness.code, detail=weakness.detail)
            for weakness in weaknesses
        )
