"""Importing: a file with problems, the corrected one, and the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import FilePayload, expect

from tests.fixtures.api import PASSWORD
from tests.fixtures.browser import sitting
from tests.fixtures.live import live_server
from tests.fixtures.spreadsheets import file_of, many_lines, with_seven_wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.fixtures.browser import Sitting

pytestmark = pytest.mark.system

ROWS = 10_000
PATIENT = 180_000
"""Milliseconds; a slow machine checks some hundred rows a second."""


@pytest.fixture
def at_work(browser: Browser) -> Iterator[Sitting]:
    """Yield a window of an account whose server has a worker."""
    with live_server(WORKER="beside") as server, server.client() as client:
        body = {"email": "ada@example.com", "password": PASSWORD}
        assert client.post("/api/v1/auth/signup/", json=body).status_code == 201
        with sitting(browser, server) as found:
            found.sign_in("ada@example.com")
            yield found


def check(page: Page, content: bytes) -> None:
    page.get_by_role("link", name="Import", exact=True).click()
    file = FilePayload(name="rates.csv", mimeType="text/csv", buffer=content)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def test_a_file_is_mended_applied_and_sent_again(at_work: Sitting) -> None:
    page = at_work.open("/import/")
    lines = many_lines(ROWS)
    wrong, places = with_seven_wrong(lines)

    check(page, file_of(*wrong))
    expect(page.get_by_role("heading", name="7 problems")).to_be_visible(timeout=PATIENT)
    rows = page.get_by_role("rowheader").all_inner_texts()
    assert [int(row.replace(",", "")) for row in rows] == [row for row, _, _ in places]

    check(page, file_of(*lines))
    expect(page.get_by_role("progressbar")).to_be_visible()
    apply = page.get_by_role("button", name="Apply to 2,000 campaigns")
    expect(apply).to_be_visible(timeout=PATIENT)
    apply.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible(timeout=PATIENT)
    expect(page.get_by_role("link", name="See the campaigns")).to_be_visible()

    check(page, file_of(*lines))
    expect(page.get_by_text("nothing changes")).to_be_visible(timeout=PATIENT)
    assert page.get_by_role("button", name="Apply").count() == 0
