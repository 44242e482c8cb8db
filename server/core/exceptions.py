"""Domain errors: what went wrong in the words of the domain, with a stable code and no HTTP.

``core.problems`` maps each code to its HTTP form and to the page that explains it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class DomainError(Exception):
    """A request that the domain refuses. ``detail`` is for people and says what to do."""

    code: ClassVar[str]
    retry_after: int | None = None
    """Seconds after which the same request may succeed, where that is known."""

    def __init__(self, detail: str) -> None:
        """Keep what a person should read."""
        super().__init__(detail)
        self.detail = detail


class NotFound(DomainError):
    """It is not there, or it is somebody else's: the same answer."""

    code = "not_found"


class VersionMismatch(DomainError):
    """Someone else changed it since the version that the caller saw."""

    code = "version_mismatch"

    def __init__(self, *, current: int) -> None:
        """Say which version is current."""
        super().__init__(
            f"Someone else was faster: the version is {current} by now. Read it again, "
            "and apply your change to what you find."
        )


class RuleViolation(ValueError):
    """One value breaks one rule. Whoever knows where the value stood makes it a Violation."""

    def __init__(self, code: str, detail: str) -> None:
        """Keep the rule's stable code and what would be right."""
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A value that breaks a rule, and where it stood.

    ``path`` leads into the body, for example ``("payouts", 1, "amount")``; for a query parameter
    ``in_query`` is true and the path is its name.
    """

    path: tuple[str | int, ...]
    code: str
    detail: str
    in_query: bool = False


class InvalidInput(DomainError):
    """One or more values break a rule; all that were found are named."""

    code = "validation"

    def __init__(self, violations: Iterable[Violation]) -> None:
        """Keep the violations, in the order in which they were found."""
        self.violations = tuple(violations)
        count = len(self.violations)
        if any(violation.in_query for violation in self.violations):
            what = "parameter needs" if count == 1 else "parameters need"
        else:
            what = "field needs" if count == 1 else "fields need"
        super().__init__(f"{count} {what} attention.")
