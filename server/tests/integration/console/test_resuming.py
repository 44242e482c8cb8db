"""A session that ends while somebody types: nothing that was typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session as DjangoSession
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Account
from tests.fixtures.api import PASSWORD, ApiClient
from tests.fixtures.console import BROWSER, ConsoleClient, console_client, fields_of
from tests.fixtures.stored import stored
from tests.integration.console.conftest import session_of

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

PATH = "/profile/details/"
TYPED = {
    "display_name": 'Ada "the" <first> & é',
    "time_zone": "Asia/Tokyo",
    "default_currency": "JPY",
}


@pytest.fixture
def page(ada: ConsoleClient) -> str:
    """Send a form whose session has just ended, and return what is answered."""
    session_of(ada).update(ended_at=timezone.now())
    return asked(ada, TYPED)


def asked(browser: ConsoleClient, fields: dict[str, Any], **options: Any) -> str:
    answer = browser.send(PATH, fields, **options)
    assert answer.status_code == 403
    found: str = answer.content.decode()
    assert "Your session has ended" in found
    return found


def resume(browser: ConsoleClient, page: str, **fields: str) -> Any:
    """Send the page's own form, with a password."""
    return browser.post(PATH, fields_of(page) | {"resume-password": PASSWORD} | fields)


def test_with_the_password_it_is_done_as_it_was_typed(
    api: ApiClient, ada: ConsoleClient, page: str
) -> None:
    fields = fields_of(page)
    assert TYPED.items() <= fields.items()
    assert fields["resume-email"] == "ada@example.com"
    assert resume(ada, page).status_code == 302
    account = Account.objects.get(pk=api.account_id)
    assert {name: getattr(account, name) for name in TYPED} == TYPED
    assert ada.get("/profile/").status_code == 200


def test_what_stands_in_a_field_twice_is_kept_twice(ada: ConsoleClient) -> None:
    session_of(ada).update(ended_at=timezone.now())
    page = asked(ada, {"id": ["1", "2"], "empty": ""})
    assert '<input type="hidden" name="id" value="1">' in page
    assert '<input type="hidden" name="id" value="2">' in page
    assert '<input type="hidden" name="empty" value="">' in page


def test_a_wrong_password_asks_again_and_keeps_all(ada: ConsoleClient, page: str) -> None:
    before = stored()
    for password in ("wrong", "", "x" * 10_000, "\0"):
        again = resume(ada, page, **{"resume-password": password})
        assert again.status_code == 403
        text = again.content.decode()
        assert "The e-mail address or the password is wrong." in text
        assert TYPED.items() <= fields_of(text).items()
        assert stored() == before
    assert resume(ada, text).status_code == 302


def test_guessing_there_makes_one_wait(ada: ConsoleClient, page: str) -> None:
    for _ in range(5):
        resume(ada, page, **{"resume-password": "wrong"})
    text = resume(ada, page).content.decode()
    assert "Too many attempts" in text
    assert TYPED.items() <= fields_of(text).items()


def test_guessing_there_is_limited(ada: ConsoleClient, page: str, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"signin": (2, 3600)}
    statuses = [
        resume(ada, page, **{"resume-email": f"{number}@example.com"}).status_code
        for number in range(3)
    ]
    assert statuses == [403, 403, 429]


def test_another_account_does_not_send_it_as_its_own(
    ada: ConsoleClient, other: ApiClient, page: str
) -> None:
    before = stored()
    again = resume(ada, page, **{"resume-email": "bob@example.com"})
    assert again.status_code == 403
    text = again.content.decode()
    assert "This was typed by ada@example.com: sign in" in text
    assert TYPED.items() <= fields_of(text).items()
    assert stored() == before
    assert ada.get("/profile/").status_code == 302


def test_where_nobody_knows_who_it_was_the_address_is_asked(
    api: ApiClient, ada: ConsoleClient
) -> None:
    token = ada.token()
    DjangoSession.objects.all().delete()
    answer = ada.post(PATH, {**TYPED, "csrfmiddlewaretoken": token})
    page = answer.content.decode()
    assert fields_of(page)["resume-email"] == ""
    assert resume(ada, page, **{"resume-email": "ada@example.com"}).status_code == 302
    assert Account.objects.get(pk=api.account_id).time_zone == "Asia/Tokyo"


def test_no_password_is_written_into_the_page(ada: ConsoleClient) -> None:
    session_of(ada).update(ended_at=timezone.now())
    fields = {"current_password": "canary-one", "new_password": "canary-two"}
    assert "canary" not in asked(ada, {**fields, "resume-password": "canary-three"})


def test_a_file_is_asked_for_again(ada: ConsoleClient) -> None:
    session_of(ada).update(ended_at=timezone.now())
    assert "has to be chosen again" in asked(ada, {"file": SimpleUploadedFile("a.csv", b"a,b")})


def test_a_form_of_another_site_is_not_resumed(ada: ConsoleClient, page: str) -> None:
    before = stored()
    fields = fields_of(page) | {"resume-password": PASSWORD, "csrfmiddlewaretoken": "x" * 64}
    assert ada.post(PATH, fields).status_code == 403
    assert stored() == before


def test_a_shut_out_account_is_not_resumed(api: ApiClient, ada: ConsoleClient, page: str) -> None:
    Account.objects.filter(pk=api.account_id).update(is_active=False)
    assert resume(ada, page).status_code == 403
    assert not console_of(ada)


def console_of(browser: ConsoleClient) -> bool:
    """Tell whether a browser is signed in."""
    return bool(browser.get("/profile/").status_code == 200)


def test_a_session_that_lives_again_needs_no_password(ada: ConsoleClient, page: str) -> None:
    signed_in = console_client("ada@example.com")
    answer = signed_in.send(PATH, {**TYPED, "resume-password": "", "resume-email": ""})
    assert answer.status_code == 302


OUR_PAGE = {"Origin": "http://testserver"}


def sent_with_an_old_token(browser: ConsoleClient, **headers: str) -> Any:
    """Send a form that was opened before somebody signed in in another window."""
    fields = {**TYPED, "csrfmiddlewaretoken": browser.token(), "new_password": PASSWORD}
    browser.sign_in("ada@example.com")
    return browser.post(PATH, fields, headers={**BROWSER, **headers})


def test_a_form_older_than_the_session_is_sent_again(api: ApiClient, ada: ConsoleClient) -> None:
    answer = sent_with_an_old_token(ada, **OUR_PAGE)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "What you typed is kept" in page
    assert PASSWORD not in page
    assert ada.post(PATH, fields_of(page)).status_code == 302
    account = Account.objects.get(pk=api.account_id)
    assert {name: getattr(account, name) for name in TYPED} == TYPED


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://evil.example"}, {"Origin": "null"}])
def test_a_form_of_another_site_is_not(ada: ConsoleClient, origin: dict[str, str]) -> None:
    answer = sent_with_an_old_token(ada, **origin)
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()
    assert "Asia/Tokyo" not in answer.content.decode()


@pytest.mark.parametrize("reader", [{"Accept": "application/json"}, {"HX-Request": "true"}])
def test_programs_and_parts_get_no_page_to_send_again(
    ada: ConsoleClient, reader: dict[str, str]
) -> None:
    answer = sent_with_an_old_token(ada, **OUR_PAGE, **reader)
    assert answer.status_code == 403
    assert "Asia/Tokyo" not in answer.content.decode()


def test_a_form_without_any_token_is_no_change(ada: ConsoleClient, api: ApiClient) -> None:
    answer = ada.post(PATH, TYPED, headers={**BROWSER, **OUR_PAGE})
    assert answer.status_code == 403
    assert not Account.objects.filter(pk=api.account_id, time_zone="Asia/Tokyo").exists()
