"""What a refusal says to people."""

from __future__ import annotations

import pytest

from core.exceptions import InvalidInput, VersionMismatch, Violation
from core.problems import PROBLEMS, code_of_status


@pytest.mark.parametrize(
    ("count", "in_query", "detail"),
    [
        (1, False, "1 field needs attention."),
        (2, False, "2 fields need attention."),
        (1, True, "1 parameter needs attention."),
        (3, True, "3 parameters need attention."),
    ],
)
def test_invalid_input_counts_what_is_wrong(count: int, *, in_query: bool, detail: str) -> None:
    violation = Violation(path=("a",), code="blank", detail="", in_query=in_query)
    refusal = InvalidInput(violation for _ in range(count))
    assert (refusal.detail, str(refusal)) == (detail, detail)
    assert refusal.violations == (violation,) * count


def test_a_version_mismatch_says_which_is_current() -> None:
    assert "the version is 7 by now" in VersionMismatch(current=7).detail


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "bad_request"), (404, "not_found"), (418, "bad_request"), (501, "internal_error")],
)
def test_every_status_has_a_code_that_is_explained(status: int, code: str) -> None:
    assert code_of_status(status) == code
    assert code in PROBLEMS


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_every_code_is_an_error_and_explained(code: str) -> None:
    problem = PROBLEMS[code]
    assert 400 <= problem.status < 600
    assert problem.title
    assert problem.explanation.endswith((".", "`"))
