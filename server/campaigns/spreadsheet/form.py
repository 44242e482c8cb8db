"""What a file looks like: its columns, its text, and how its cells are kept from being formulas.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@``, one of these in full width,
a tab or a carriage return for a formula, whoever wrote it. Such a cell goes out with an apostrophe
before it, and comes in without. So that a title which itself begins with an apostrophe survives,
one that could be taken for a guard gets a guard too: ``'=x`` goes out as ``''=x``. ``'Tis`` is left
alone.

Where a comma divides numbers, spreadsheets part cells at semicolons, whatever else the file has: a
cell with a semicolon is quoted, so that what follows it does not become a cell of its own.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLUMNS = ("title", "landing_page_url", "is_running", "country", "amount", "currency")
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
MOST_BYTES = 50 * 1024 * 1024
MOST_ROWS = 100_000
BOM = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for the encoding of its country."""

_GUARD, _QUOTE = "'", '"'
_FULL_WIDTH = "\uff1d\uff0b\uff0d\uff20"
_TO_GUARD = re.compile(rf"'*[=+\-@{_FULL_WIDTH}\t\r]")
_GUARDED = re.compile(rf"'+[=+\-@{_FULL_WIDTH}\t\r]")
_TO_QUOTE = re.compile(r'[",;\t\r\n]')
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
    yield BOM + _line(COLUMNS)
    lines = map(_line, rows)
    while some := b"".join(islice(lines, _ROWS_AT_ONCE)):
        yield some


def _line(row: Sequence[str]) -> bytes:
    return (",".join(map(_cell, row)) + "\r\n").encode()


def _cell(text: str) -> str:
    text = guarded(text)
    return f'"{text.replace(_QUOTE, 2 * _QUOTE)}"' if _TO_QUOTE.search(text) else text
