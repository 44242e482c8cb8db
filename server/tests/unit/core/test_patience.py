"""How long a client waits for PostgreSQL follows what PostgreSQL was told."""

from __future__ import annotations

import pytest

from core.postgresql.patience import statement_seconds


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ("", None),
        ("-c lock_timeout=5s", None),
        ("-c statement_timeout=0", None),
        ("-c statement_timeout=1500", 1.5),
        ("-c statement_timeout=250ms", 0.25),
        ("-c lock_timeout=5s -c statement_timeout=15s -c idle_session_timeout=30s", 15),
        ("-c statement_timeout=15s -c statement_timeout=2min", 120),
    ],
)
def test_the_last_word_counts(options: str, seconds: float | None) -> None:
    assert statement_seconds(options) == seconds
