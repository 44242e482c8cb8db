"""What holds for every page of the console, in each of its states (``pages.ROWS``)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import pytest

from core.headers import Kind, kind_of
from tests.browser.looking import Load, barriers, inline, moving, too_wide
from tests.browser.pages import NO_PAGES, ROWS, Row
from tests.fixtures.browser import NARROW, WIDE, Sitting, sitting
from tests.fixtures.routes import operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from playwright.sync_api import Browser, StorageState

    from tests.browser.front import Front

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST_BYTES = 100_000
MOST_MOVED = 0.01
SMALLEST, LARGEST = 320, 2560
LARGE_TEXT = 32
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
each_load = pytest.mark.parametrize(
    "row", [row for row in ROWS if row.then is None], ids=lambda row: row.name
)


def test_every_page_has_a_row() -> None:
    found = {
        route
        for method, route in operations()
        if method == "GET" and kind_of(route) is Kind.CONSOLE
    }
    assert found == {row.route for row in ROWS if row.route} | set(NO_PAGES)


def test_names_are_given_once() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)


@contextmanager
def looked_at(
    row: Row, *, browser: Browser, front: Front, cookies: Mapping[str, StorageState | None]
) -> Iterator[Sitting]:
    """Open a window for who the row is about."""
    with sitting(
        browser,
        front.server,
        storage_state=cookies[row.who],
        ignore_https_errors=True,
        reduced_motion="reduce",
    ) as sitting_:
        yield sitting_


@pytest.mark.system
@each_row
def test_everybody_can_use_it(
    row: Row, front: Front, front_browser: Browser, cookies: Mapping[str, StorageState | None]
) -> None:
    with looked_at(row, browser=front_browser, front=front, cookies=cookies) as window:
        page = window.open(row.address.format(**front.ids))
        if row.then:
            row.then(page)
        page.get_by_text(row.shows).locator("visible=true").first.wait_for()
        for width in (NARROW, WIDE):
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                assert barriers(page, width=width) == [], (width, theme)
        for width in (SMALLEST, NARROW, WIDE, LARGEST):
            assert too_wide(page, width=width) == [], width
        assert too_wide(page, width=WIDE, text=LARGE_TEXT) == []
        assert moving(page) == 0


@pytest.mark.system
@each_load
def test_it_loads_little_and_at_once(
    row: Row, front: Front, front_browser: Browser, cookies: Mapping[str, StorageState | None]
) -> None:
    with looked_at(row, browser=front_browser, front=front, cookies=cookies) as window:
        load = Load.of(window.page)
        answer = window.page.goto(f"{front.server.url}{row.address.format(**front.ids)}")
        assert answer
        assert answer.status == row.status
        watched = load.watched()
        assert watched["refused"] == []
        assert watched["moved"] < MOST_MOVED
        sizes = {url: size for url, size in load.sizes.items() if "/world." not in url}
        assert sum(sizes.values()) < MOST_BYTES, sizes
        assert inline(window.page, answer.text()) == []
