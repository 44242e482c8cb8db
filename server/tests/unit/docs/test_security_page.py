"""docs/security.md names tests and files that there are, and counts what it says."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[4]
SERVER = PROJECT / "server"
TESTS = SERVER / "tests"
TEXT = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
TEST = re.compile(r"`([\w/.]+\.py)::(\w+)`")
FILE = re.compile(r"`([\w/.-]+\.(?:py|html|md|yaml|toml|txt))`")
# How the last column begins, in the order of the summary's columns.
KINDS = ("a test", "*by design*", "*operator*", "*not applicable*", "**gap**")
# How many requirements of levels 1 and 2 the chapters V1 to V17 of ASVS 5.0.0 have.
REQUIREMENTS = (27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7)


def section(heading: str) -> str:
    """Return what stands under a heading, up to the next of its level or above."""
    level = heading.partition(" ")[0]
    ends = rf"^#{{1,{len(level)}}} |\Z"
    pattern = rf"^{re.escape(heading)}.*?\n(.*?)(?={ends})"
    found = re.search(pattern, TEXT, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(text: str) -> list[tuple[str, str]]:
    """Return the ids and the last column of a table of requirements."""
    lines = re.findall(r"^\| ((?:V\d|API\d).*) \|$", text, re.MULTILINE)
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert {len(row) for row in cells} <= {4}
    return [(row[0], row[3]) for row in cells]


def kind(held_by: str) -> str:
    """Return which of ``KINDS`` a row is."""
    assert held_by.startswith(("`", *KINDS[1:])), held_by
    return next((name for name in KINDS[1:] if held_by.startswith(name)), KINDS[0])


def counted(table: list[tuple[str, str]]) -> Counter[str]:
    """Count requirements by kind; a row may say that it stands for several."""
    counts: Counter[str] = Counter()
    for ids, held_by in table:
        several = re.search(r"\((\d+)\)$", ids)
        counts[kind(held_by)] += int(several[1]) if several else 1
    return counts


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return the functions that a file defines."""
    return frozenset(re.findall(r"^\s*def (\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE))


CHAPTERS = {f"V{number}": rows(section(f"### V{number} ")) for number in range(1, 18)}
TOP_10 = rows(section("## API Security Top 10"))


def test_every_test_that_is_named_exists() -> None:
    named = TEST.findall(TEXT)
    assert named
    missing = {
        f"{path}::{name}"
        for path, name in named
        if not (TESTS / path).is_file() or name not in names_in(TESTS / path)
    }
    assert missing == set()
    assert [name for _, name in named if not name.startswith("test_")] == []


def test_every_file_that_is_named_exists() -> None:
    places = (SERVER, PROJECT)
    missing = {
        path for path in FILE.findall(TEXT) if not any((place / path).is_file() for place in places)
    }
    assert missing == set()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_requirement_of_a_chapter_has_a_row(chapter: str) -> None:
    ids = [row for row, _ in CHAPTERS[chapter]]
    assert len(ids) == len(set(ids))
    assert all(row.startswith(f"{chapter}.") for row in ids)
    assert counted(CHAPTERS[chapter]).total() == REQUIREMENTS[int(chapter[1:]) - 1]


def test_every_risk_of_the_top_10_has_a_row() -> None:
    assert [row for row, _ in TOP_10] == [f"API{number}" for number in range(1, 11)]


def test_the_summary_counts_the_rows() -> None:
    lines = re.findall(r"^\| (\S+?) ?.*?((?: \| \d+)+) \|$", section("## Summary"), re.MULTILINE)
    said = [[int(number) for number in re.findall(r"\d+", numbers)] for _, numbers in lines]
    counts = [counted(table) for table in CHAPTERS.values()]
    expected = [*counts, sum(counts, Counter[str]()), counted(TOP_10)]
    assert said == [[each.total(), *(each[name] for name in KINDS)] for each in expected]


def test_the_list_of_gaps_has_every_gap() -> None:
    tables = [*CHAPTERS.values(), TOP_10]
    gaps = [ids for table in tables for ids, held_by in table if kind(held_by) == "**gap**"]
    assert re.findall(r"^- \*\*(.*?)\*\*:", section("## Gaps"), re.MULTILINE) == gaps
