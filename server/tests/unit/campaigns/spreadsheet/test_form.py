"""Cells are no formulas on the way out, and what they were on the way in."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.spreadsheet.form import COLUMNS, guarded, unguarded, written
from campaigns.spreadsheet.reading import records

FORMULAS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
# What a cell can have after it was cleaned, and the letters that matter to guards and to CSV.
TEXTS = st.text(alphabet=st.sampled_from("='+-@\t\r\"',;\nab é漢\uff1d"), max_size=12)


@pytest.mark.parametrize("first", FORMULAS)
def test_a_cell_that_would_be_a_formula_gets_a_guard(first: str) -> None:
    assert guarded(f"{first}1") == f"'{first}1"
    assert unguarded(f"'{first}1") == f"{first}1"


@pytest.mark.parametrize(
    ("cell", "out"),
    [
        ("'Tis the season", "'Tis the season"),
        ("'", "'"),
        ("''", "''"),
        ("'=1", "''=1"),
        ("''=1", "'''=1"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_a_cell_that_begins_with_an_apostrophe_survives(cell: str, out: str) -> None:
    assert guarded(cell) == out
    assert unguarded(out) == cell


@given(TEXTS)
def test_whatever_goes_out_is_no_formula_and_comes_in_as_it_was(cell: str) -> None:
    assert guarded(cell)[:1] not in {*FORMULAS}
    assert unguarded(guarded(cell)) == cell


@given(st.lists(st.lists(TEXTS, min_size=6, max_size=6), max_size=5))
def test_a_file_that_was_written_reads_as_it_was(rows: list[list[str]]) -> None:
    kept = [row for row in rows if any(cell.strip() for cell in map(guarded, row))]
    read = [
        [(record.cells or {})[name] for name in COLUMNS] for record in records(list(written(rows)))
    ]
    assert read == kept


def test_a_file_has_a_mark_for_excel_and_the_header() -> None:
    content = b"".join(written([]))
    assert content == b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"


def test_no_cell_is_parted_into_a_formula_where_semicolons_part() -> None:
    row = ("Loans;=cmd|' /C calc'!A0;", "https://shop.example.com/", "true", "", "1.50", "EUR")
    text = b"".join(written([row])).decode("utf-8-sig")
    ((cell, *more),) = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))[1:]
    assert cell.startswith(row[0])
    assert more == []


def test_what_is_written_is_csv_for_others() -> None:
    row = ("=1", 'say "hi", twice', "true", "", "1.50", "EUR")
    text = b"".join(written([row])).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [list(COLUMNS), ["'=1", *row[1:]]]
