"""What the pages of the documentation name is there, and what is there is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.settings.requirements import RATE_LIMITS, rate_limit_variable

PROJECT = Path(__file__).resolve().parents[4]
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
SETTINGS = PROJECT / "server" / "server" / "settings"
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
VARIABLE = re.compile(r"^#?([A-Z_]+)=", re.MULTILINE)


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as they are made of their words."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def example_variables() -> set[str]:
    """Return the variables of .env.example."""
    return set(VARIABLE.findall((PROJECT / ".env.example").read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(f"{target}#{anchor}" if anchor else target)
    assert broken == []


@pytest.mark.parametrize("page", ["README.md", "docs/operations.md"])
def test_the_configuration_tables_have_every_variable(page: str) -> None:
    text = (PROJECT / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \|", text, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"[A-Z_]+", row)} == example_variables()


def test_the_example_has_every_variable_that_the_settings_read() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SETTINGS.glob("*.py"))
    read = set(re.findall(r'\b(?:env\.\w+|word|number|share)\(\s*"([A-Z_]+)"', source))
    limits = set(map(rate_limit_variable, RATE_LIMITS))
    assert read | limits == example_variables()


def test_the_index_of_decisions_has_every_page() -> None:
    index = PROJECT / "docs" / "adr" / "README.md"
    linked = {target for target, _ in LINK.findall(index.read_text(encoding="utf-8"))}
    assert linked == {path.name for path in index.parent.glob("[0-9]*.md")}
