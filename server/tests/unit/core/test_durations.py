"""How long something takes, in words."""

from __future__ import annotations

import pytest

from core.durations import period, wait


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (91, "about 2 minutes"),
        (3_600, "about 60 minutes"),
        (5_400, "about 90 minutes"),
        (5_401, "about 2 hours"),
        (150_059, "about 42 hours"),
        (172_801, "about 3 days"),
        (31_536_000, "about 365 days"),
    ],
)
def test_a_wait_is_told_in_the_unit_that_fits(seconds: int, words: str) -> None:
    assert wait(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (60, "60 seconds"),
        (100, "100 seconds"),
        (3_600, "60 minutes"),
        (86_400, "24 hours"),
        (86_401, "86,401 seconds"),
        (604_800, "7 days"),
    ],
)
def test_a_period_is_exact(seconds: int, words: str) -> None:
    assert period(seconds) == words
