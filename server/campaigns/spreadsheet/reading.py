"""Read a file: bytes in pieces become rows of cells, in bounded memory whatever is sent."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from campaigns.spreadsheet.form import COLUMNS, MOST_ROWS, unguarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

LONGEST_RECORD = 64 * 1024
"""Characters of a row: more than all columns together may have."""

MOST_LINES = 1_048_576
"""Rows with the empty ones: as many as a sheet has. Reading more would only take time."""

_BUFFER = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a file, where, and what would be right.

    Rows are counted as a spreadsheet does: the header is the first. ``row`` is None where it is the
    whole import, ``column`` where it is the whole row.
    """

    row: int | None
    column: str | None
    code: str
    detail: str


class Unreadable(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, problem: Problem) -> None:
        """Keep what is wrong."""
        super().__init__(problem.detail)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row of a file: its number, and its cells by column; None where it has too few or many."""

    number: int
    cells: Mapping[str, str] | None
    width: int


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


class _Lines:
    """The lines of a file, for the parser, which asks for as many as a row has."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        raw = io.BufferedReader(_Pieces(pieces), _BUFFER)
        # Line ends stay as they are: within quotes they belong to the cell. What is not UTF-8 is
        # marked and found in its line: the decoder reads ahead, and could not say where it is.
        self._text = io.TextIOWrapper(
            raw, encoding="utf-8-sig", errors="surrogateescape", newline=""
        )
        self._length = 0
        self._held: list[str] = []
        self.row = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._held.pop() if self._held else self._read()
        if not line:
            raise StopIteration
        self._length += len(line)
        if self._length > LONGEST_RECORD:
            raise Unreadable(
                Problem(
                    row=self.row,
                    column=None,
                    code="malformed_csv",
                    detail=f"This row is longer than {LONGEST_RECORD:,} characters; a quotation "
                    "mark may be left open. Close it.",
                )
            )
        return line

    def _read(self) -> str:
        line = self._text.readline(LONGEST_RECORD + 1)
        try:
            line.encode()
        except UnicodeEncodeError as error:
            raise Unreadable(
                Problem(
                    row=self.row,
                    column=None,
                    code="not_utf8",
                    detail="This row has characters that are not UTF-8; others may have too. Save "
                    "the file again as “CSV UTF-8”.",
                )
            ) from error
        return line

    def first(self) -> str:
        """Return the first line, which stays to be read."""
        line = self._read()
        self._held.append(line)
        return line

    def begin(self, row: int) -> None:
        """Begin a row."""
        self.row = row
        self._length = 0


def records(pieces: Iterable[bytes]) -> Iterator[Record]:
    """Return the rows of a file, without the header and without rows that are empty.

    :raises Unreadable: the header is wrong, or the rest cannot be read.
    """
    lines = _Lines(pieces)
    parser = csv.reader(lines, delimiter=_delimiter(lines.first()), strict=True)
    header = next(_parsed(parser, lines), (1, []))[1]
    columns = _columns(header)
    count = 0
    for number, cells in _parsed(parser, lines, after=1):
        is_empty = not any(cell.strip() for cell in cells)
        count += not is_empty
        if count > MOST_ROWS or number > MOST_LINES:
            raise Unreadable(
                Problem(
                    row=number,
                    column=None,
                    code="too_many_rows",
                    detail=f"A file may have {MOST_ROWS:,} rows at most; split it, and keep the "
                    "rows of one title together."
                    if count > MOST_ROWS
                    else "There are too many empty rows. Remove them.",
                )
            )
        if is_empty:
            continue
        fits = len(cells) == len(columns)
        values = dict(zip(columns, map(unguarded, cells), strict=True)) if fits else None
        yield Record(number=number, cells=values, width=len(cells))


def _parsed(
    parser: Iterator[list[str]], lines: _Lines, *, after: int = 0
) -> Iterator[tuple[int, list[str]]]:
    number = after
    while True:
        number += 1
        lines.begin(number)
        try:
            cells = next(parser)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(
                Problem(
                    row=number,
                    column=None,
                    code="malformed_csv",
                    detail="This row is no CSV: a quotation mark is left open, or stands where "
                    "none may. Write one that belongs to a cell twice.",
                )
            ) from error
        yield number, cells


def _delimiter(header: str) -> str:
    """Return what separates cells: a comma, a semicolon, or the tab of pasted cells."""
    return max(",;\t", key=header.count)


def _columns(header: Sequence[str]) -> Sequence[str]:
    names = [cell.strip().lower() for cell in header]
    for name in COLUMNS:
        if names.count(name) != 1:
            missing = name not in names
            raise Unreadable(
                Problem(
                    row=1,
                    column=name,
                    code="missing_column" if missing else "column_twice",
                    detail=f"The first row names the columns: {', '.join(COLUMNS)}. "
                    + (f"Add {name}." if missing else f"Keep one {name}."),
                )
            )
    for name in names:
        if name not in COLUMNS:
            shown = name if len(name) <= 40 else f"{name[:39]}…"  # noqa: PLR2004 -- what fits a message
            raise Unreadable(
                Problem(
                    row=1,
                    column=None,
                    code="unknown_column",
                    detail=f"There is no column “{shown}”. Remove it; there are: "
                    f"{', '.join(COLUMNS)}.",
                )
            )
    return names
