"""The pages of imports, as a browser without scripts sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.imports.entities import Import
from campaigns.models import Campaign
from tests.fixtures.api import PASSWORD, ApiClient
from tests.fixtures.spreadsheets import file_of, line, work

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

LOANS = file_of(line("Loans"), line("Loans", "EE", "2"))


@pytest.fixture
def browser(api: ApiClient) -> Client:
    return signed_in("ada@example.com")


def signed_in(email: str) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"email": email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def upload(browser: Client, content: bytes, name: str = "rates.csv") -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return browser.post("/import/", {"file": file, "text": ""})


def text_of(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_a_file_is_checked_shown_applied_and_told_of(browser: Client) -> None:
    answer = upload(browser, LOANS)
    assert answer.status_code == 302
    page = answer["Location"]
    waiting = text_of(browser.get(page))
    assert "<progress" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    work()
    preview = text_of(browser.get(page))
    assert "Apply to 1 campaign" in preview
    assert "hx-trigger" not in preview
    assert not Campaign.objects.exists()
    assert browser.post(f"{page}apply/")["Location"] == page
    work()
    assert "See the campaigns" in text_of(browser.get(page))
    assert Campaign.objects.get().title == "Loans"
    assert "rates.csv" in text_of(browser.get("/import/"))


def test_pasted_rows_are_taken_too(browser: Client) -> None:
    pasted = LOANS.decode().replace(",", "\t")
    answer = browser.post("/import/", {"text": pasted})
    work()
    assert "Apply to 1 campaign" in text_of(browser.get(answer["Location"]))


def test_problems_stand_with_their_rows(browser: Client) -> None:
    page = upload(browser, file_of(line("Loans"), line("Cards", "EE", "-1")))["Location"]
    work()
    shown = text_of(browser.get(page))
    assert "1 problem" in shown
    assert '<th scope="row" class="end num">3</th>' in shown
    assert "An amount is greater than 0." in shown
    assert "Apply" not in shown


def test_a_file_that_changes_nothing_has_no_button(browser: Client) -> None:
    for _ in range(2):
        page = upload(browser, LOANS)["Location"]
        work()
        browser.post(f"{page}apply/")
        work()
    assert "nothing changes" in text_of(browser.get(page))
    page = upload(browser, LOANS)["Location"]
    work()
    unchanged = text_of(browser.get(page))
    assert "Changes nothing" in unchanged
    assert "Checked, not applied" not in unchanged
    assert Campaign.objects.get().version == 1


def test_nothing_sent_is_said_beside_the_form(browser: Client) -> None:
    answer = browser.post("/import/", {"text": "  "})
    assert answer.status_code == 400
    assert "Choose a file, or paste its rows." in text_of(answer)


def test_what_was_pasted_is_kept_where_it_was_not_taken(browser: Client) -> None:
    for _ in range(5):
        upload(browser, LOANS)
    answer = browser.post("/import/", {"text": "my rows"})
    assert answer.status_code == 400
    assert "my rows" in text_of(answer)
    assert "wait for one of them" in text_of(answer)


def test_a_part_is_answered_to_scripts(browser: Client) -> None:
    page = upload(browser, LOANS)["Location"]
    part = text_of(browser.get(page, headers={"HX-Request": "true"}))
    assert part.lstrip().startswith("<section")
    work()
    assert 'hx-swap-oob="innerHTML"' in text_of(browser.get(page, headers={"HX-Request": "true"}))


def test_an_import_is_its_accounts_alone(browser: Client, other: ApiClient) -> None:
    page = upload(browser, LOANS)["Location"]
    bob = signed_in("bob@example.com")
    assert bob.get(page).status_code == 404
    assert bob.post(f"{page}apply/").status_code == 404
    assert "rates.csv" not in text_of(bob.get("/import/"))


def test_a_files_name_is_only_text(browser: Client) -> None:
    page = upload(browser, LOANS, name="<b>\x07\u202erates.csv")["Location"]
    assert "<b>" not in text_of(browser.get(page))
    assert Import.objects.get().name.isprintable()


def test_an_export_keeps_the_filters(browser: Client, api: ApiClient) -> None:
    api.create("Loans", is_running=True)
    api.create("Cards")
    answer = browser.get("/campaigns/export.csv?is_running=true&search=&page=3")
    content = b"".join(answer).decode("utf-8-sig")
    assert content.count("\n") == 2
    assert "Loans" in content


def test_an_export_says_which_filter_is_wrong(browser: Client) -> None:
    answer = browser.get("/campaigns/export.csv?country=ZZ&ordering=size")
    assert answer.status_code == 400
    assert "country: This takes a country code" in text_of(answer)
    assert "ordering: This takes one of title" in text_of(answer)


def test_the_example_can_be_imported(browser: Client) -> None:
    page = upload(browser, browser.get("/import/example.csv").content)["Location"]
    work()
    assert "Apply to 2 campaigns" in text_of(browser.get(page))


def test_a_file_over_the_limit_is_refused(browser: Client, settings: Settings) -> None:
    settings.LARGE_BODIES = {"/import/": 100}
    assert upload(browser, LOANS * 10).status_code == 413
