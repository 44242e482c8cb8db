"""Bytes become rows, or one problem that says where and what to do."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.spreadsheet.form import COLUMNS, MOST_ROWS
from campaigns.spreadsheet.reading import LONGEST_RECORD, MOST_LINES, Unreadable, records

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = ",".join(COLUMNS)
ROW = "Loans,https://shop.example.com,true,EE,1.50,EUR"


def titles(content: bytes) -> list[tuple[int, str]]:
    return [(record.number, (record.cells or {})["title"]) for record in records([content])]


def refused(content: bytes) -> tuple[int | None, str | None, str]:
    with pytest.raises(Unreadable) as refusal:
        list(records([content]))
    problem = refusal.value.problem
    assert problem.detail
    return problem.row, problem.column, problem.code


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_forms_in_which_spreadsheets_save_are_read(
    separator: str, end: str, mark: bytes
) -> None:
    text = end.join([HEADER, ROW, ROW]).replace(",", separator)
    assert titles(mark + text.encode()) == [(2, "Loans"), (3, "Loans")]


def test_quoted_cells_have_separators_quotes_and_line_ends() -> None:
    content = f'{HEADER}\r\n"a ""b"",\r\nc",,,,,\r\n{ROW}'.encode()
    assert titles(content) == [(2, 'a "b",\r\nc'), (3, "Loans")]


def test_columns_stand_in_any_order_and_case() -> None:
    content = b"Currency,AMOUNT,country,is_running,landing_page_url, Title \nEUR,1,,true,u,Loans\n"
    assert [record.cells for record in records([content])] == [
        {
            "title": "Loans",
            "landing_page_url": "u",
            "is_running": "true",
            "country": "",
            "amount": "1",
            "currency": "EUR",
        }
    ]


def test_empty_rows_are_passed_over_and_counted() -> None:
    assert titles(f"{HEADER}\n\n,,,,,\n{ROW}\n\n".encode()) == [(4, "Loans")]


def test_a_row_of_another_width_has_no_cells() -> None:
    (record,) = records([f"{HEADER}\na,b\n".encode()])
    assert (record.number, record.cells, record.width) == (2, None, 2)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", (1, "title", "missing_column")),
        (b"title\n", (1, "landing_page_url", "missing_column")),
        (f"{HEADER},title\n".encode(), (1, "title", "column_twice")),
        (f"{HEADER},budget\n".encode(), (1, None, "unknown_column")),
        (f"{HEADER}\n{ROW}\n\xe9".encode("latin-1"), (3, None, "not_utf8")),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), (1, None, "not_utf8")),
        (f'{HEADER}\n{ROW}\n"Loans\n'.encode(), (3, None, "malformed_csv")),
        (f'{HEADER}\n"Lo"ans,,,,,\n'.encode(), (2, None, "malformed_csv")),
        (f"{HEADER}\n{'x' * (LONGEST_RECORD + 1)}\n".encode(), (2, None, "malformed_csv")),
        (f'{HEADER}\n{ROW}\n"{"x," * LONGEST_RECORD}'.encode(), (3, None, "malformed_csv")),
    ],
)
def test_what_cannot_be_read_is_one_problem(
    content: bytes, problem: tuple[int | None, str | None, str]
) -> None:
    assert refused(content) == problem


def test_a_file_has_so_many_rows_and_no_more() -> None:
    def pieces(rows: int) -> Iterator[bytes]:
        yield f"{HEADER}\n".encode()
        for _ in range(rows // 100):
            yield f"{ROW}\n".encode() * 100

    assert sum(1 for _ in records(pieces(MOST_ROWS))) == MOST_ROWS
    with pytest.raises(Unreadable) as refusal:
        for _ in records(pieces(MOST_ROWS + 100)):
            pass
    assert refusal.value.problem.code == "too_many_rows"
    assert refusal.value.problem.row == MOST_ROWS + 2


def test_empty_rows_are_not_read_for_ever() -> None:
    most = MOST_LINES - 2  # its header and its row
    content = f"{HEADER}\n".encode() + b"\n" * most + f"{ROW}\n".encode()
    assert titles(content) == [(MOST_LINES, "Loans")]
    assert refused(content + b"\n") == (MOST_LINES + 1, None, "too_many_rows")


def test_the_row_is_named_that_is_not_utf8_and_not_one_that_was_read_with_it() -> None:
    content = "\n".join([HEADER, *[ROW] * 5000, "Café,,,,,", ROW]).encode("latin-1")
    assert refused(content) == (5002, None, "not_utf8")


@given(st.lists(st.binary(max_size=40), max_size=6))
def test_whatever_is_sent_ends_in_rows_or_in_a_problem(pieces: list[bytes]) -> None:
    numbers = []
    with suppress(Unreadable):
        for record in records([f"{HEADER}\n".encode(), *pieces]):
            numbers += [record.number]
    assert numbers == sorted({*numbers} - {0, 1})


@pytest.mark.parametrize("row", ['"\n",', "x", '"' + "x" * 1000 + "\n"])
def test_a_hostile_file_takes_little_memory(row: str) -> None:
    piece = (row * (1024 * 1024 // len(row))).encode()

    def pieces() -> Iterator[bytes]:
        yield f"{HEADER}\n".encode()
        for _ in range(10):
            yield piece

    tracemalloc.start()
    try:
        with pytest.raises(Unreadable):
            list(records(pieces()))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024
