"""Rows by the rules of campaigns: each wrong cell is one problem, each title one rate card."""

from __future__ import annotations

import pytest

from campaigns.spreadsheet.checking import (
    MOST_PROBLEMS,
    Problems,
    Row,
    card_of,
    checked,
    disagreements,
)
from campaigns.spreadsheet.form import COLUMNS
from campaigns.spreadsheet.reading import Problem, records
from campaigns.spreadsheet.sorting import SortedRows

URL = "https://shop.example.com"


def rows_of(*lines: str) -> tuple[list[list[Row]], Problems]:
    problems = Problems()
    with SortedRows() as rows:
        for record in records(["\n".join([",".join(COLUMNS), *lines]).encode()]):
            row = checked(record, problems)
            if row is not None:
                rows.add(row)
        return list(rows.by_title()), problems


def places(problems: list[Problem]) -> list[tuple[int | None, str | None, str]]:
    return [(problem.row, problem.column, problem.code) for problem in problems]


@pytest.mark.parametrize(
    ("line", "column", "code"),
    [
        (f",{URL},true,EE,1,EUR", "title", "blank"),
        (f"{'x' * 201},{URL},true,EE,1,EUR", "title", "max_length"),
        (f"a\x07b,{URL},true,EE,1,EUR", "title", "invisible_character"),
        ("a,ftp://shop.example.com,true,EE,1,EUR", "landing_page_url", "invalid_scheme"),
        ("a,https://localhost,true,EE,1,EUR", "landing_page_url", "private_host"),
        (f"a,{URL},yes,EE,1,EUR", "is_running", "invalid"),
        (f"a,{URL},,EE,1,EUR", "is_running", "invalid"),
        (f"a,{URL},true,ee,1,EUR", "country", "unknown_country"),
        (f"a,{URL},true,EE,0,EUR", "amount", "min_value"),
        (f'a,{URL},true,EE,"1,50",EUR', "amount", "invalid"),
        (f"a,{URL},true,EE,1.23456,EUR", "amount", "max_decimal_places"),
        (f"a,{URL},true,EE,1,XAU", "currency", "unknown_currency"),
        (f"a,{URL},true,EE,1,", "currency", "unknown_currency"),
    ],
)
def test_a_wrong_cell_is_one_problem_in_its_place(line: str, column: str, code: str) -> None:
    _, problems = rows_of(line)
    assert places(problems.first) == [(2, column, code)]
    assert problems.first[0].detail


def test_each_wrong_cell_of_a_row_is_told() -> None:
    _, problems = rows_of("a,nowhere,maybe,EE,-1,EUR")
    assert [place[1] for place in places(problems.first)] == [
        "landing_page_url",
        "is_running",
        "amount",
    ]


def test_a_spreadsheets_capitals_and_spaces_are_taken() -> None:
    ((row,),), problems = rows_of(f" a , {URL},TRUE, EE , 1.50 , EUR ")
    assert problems.count == 0
    assert (row.title, row.is_running, row.country, str(row.amount), row.currency) == (
        *("a", True, "EE"),
        *("1.5000", "EUR"),
    )


def test_rows_of_one_title_are_one_card_wherever_they_stand() -> None:
    found, problems = rows_of(
        f"Loans,{URL},true,,1,EUR",
        f"Cards,{URL},false,,2,EUR",
        f"LOANS,{URL},true,EE,3,EUR",
    )
    assert problems.count == 0
    first, second = map(card_of, found)
    assert (first.title, first.is_running) == ("Loans", True)
    assert [(terms.country, str(terms.amount)) for terms in first.payouts] == [
        (None, "1.0000"),
        ("EE", "3.0000"),
    ]
    assert (second.title, second.is_running, second.url) == ("Cards", False, URL)


def test_rows_of_one_title_that_disagree_are_told_each() -> None:
    (rows,), problems = rows_of(
        f"Loans,{URL},true,,1,EUR",
        f"loans,{URL}/other,true,EE,1,EUR",
        f"Loans,{URL},false,LV,1,EUR",
        f"Loans,{URL},true,EE,2,EUR",
        f"Loans,{URL},true,,3,EUR",
    )
    assert problems.count == 0
    found = list(disagreements(rows))
    assert places(found) == [
        (3, "landing_page_url", "disagrees"),
        (4, "is_running", "disagrees"),
        (5, "country", "duplicate_country"),
        (6, "country", "duplicate_country"),
    ]
    assert "Row 2" in found[0].detail
    assert "Row 3" in found[2].detail
    assert "Estonia" in found[2].detail
    assert "Worldwide" in found[3].detail


def test_a_wrong_cell_is_no_disagreement_too() -> None:
    (rows,), problems = rows_of(f"Loans,{URL},true,,1,EUR", "Loans,nowhere,maybe,ZZ,1,EUR")
    assert problems.count == 3
    assert list(disagreements(rows)) == []


def test_the_first_problems_are_kept_and_all_are_counted() -> None:
    problems = Problems()
    for row in reversed(range(1000)):
        problems.add(Problem(row=row, column=None, code="blank", detail="."))
    assert problems.count == 1000
    assert [problem.row for problem in problems.first] == list(range(MOST_PROBLEMS))
