"""What a file looks like: its columns, its text, and how its cells are kept from being formulas.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return
for a formula, whoever wrote it. Such a cell goes out with an apostrophe before it, and comes in
without. So that a title which itself begins with an apostrophe survives, one that could be taken
for a guard gets a guard too: ``'=x`` goes out as ``''=x``. ``'Tis`` is left alone.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLUMNS = ("title", "landing_page_url", "is_running", "country", "amount", "currency")
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 100_000
BOM = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for the encoding of its country."""

_GUARD = "'"
_TO_GUARD = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_ROWS_AT_ONCE = 500

EXAMPLE = (
    ("Summer loans", "https://shop.example.com/loans?click={click_id}", "true", "", "1.50", "EUR"),
    ("Summer loans", "https://shop.example.com/loans?click={click_id}", "true", "EE", "2", "EUR"),
    ("Travel cards", "https://shop.example.com/cards", "false", "JP", "300", "JPY"),
)
"""What the console offers to begin with."""


def guarded(cell: str) -> str:
    """Return a cell as it goes out: never a formula."""
    return _GUARD + cell if _TO_GUARD.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return a cell as it was before it went out; one that had no guard stays."""
    return cell[1:] if _GUARDED.match(cell) else cell


def written(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Write a file with its header, some hundred rows at a time (RFC 4180)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    yield BOM
    for count, row in enumerate(rows, start=1):
        writer.writerow([guarded(cell) for cell in row])
        if count % _ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
