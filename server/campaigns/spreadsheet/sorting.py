"""Bring the rows of one title together, wherever they stand in a file, in bounded memory.

A hundred thousand rows go into a temporary database of their own on the disk, which is gone when it
is closed, however the process ends. What stays in memory is a few bytes for each title.
"""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Self

from campaigns import rules
from campaigns.spreadsheet.checking import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE = """
CREATE TABLE row (
    title_number INTEGER, number INTEGER, title TEXT, url TEXT, is_running INTEGER, country TEXT,
    amount TEXT, currency TEXT, PRIMARY KEY (title_number, number)
) WITHOUT ROWID
"""
_INSERT = "INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT = "SELECT * FROM row ORDER BY title_number, number"
_ROWS_AT_ONCE = 500


class SortedRows:
    """Rows by title, in the order in which the titles came."""

    def __init__(self) -> None:
        """Make the temporary database."""
        self._database = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(_TABLE)
        self._database.execute("BEGIN")
        self._titles: dict[bytes, int] = {}
        self._waiting: list[tuple[object, ...]] = []

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        self._database.close()

    def add(self, row: Row) -> None:
        """Take a row."""
        key = blake2b(rules.title_key(row.title).encode(), digest_size=16).digest()
        amount = None if row.amount is None else str(row.amount)
        self._waiting.append(
            (
                *(self._titles.setdefault(key, len(self._titles)), row.number, row.title),
                *(row.url, row.is_running, row.country, amount, row.currency),
            )
        )
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._store()

    def by_title(self) -> Iterator[list[Row]]:
        """Return the rows of one title after the other."""
        self._store()
        found = self._database.execute(_SELECT)
        for _, rows in groupby(found, key=lambda values: int(values[0])):
            yield [
                Row(
                    number=number,
                    title=title,
                    url=url,
                    is_running=None if is_running is None else bool(is_running),
                    country=country,
                    amount=None if amount is None else Decimal(amount),
                    currency=currency,
                )
                for _, number, title, url, is_running, country, amount, currency in rows
            ]

    def _store(self) -> None:
        self._database.executemany(_INSERT, self._waiting)
        self._waiting.clear()
