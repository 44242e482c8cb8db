"""The page that a mailed link leads to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.resets import PasswordResetTokens

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

NEW = "another long password"


def link(api: ApiClient) -> str:
    """Return the address that the mail would have."""
    issued = PasswordResetTokens(timezone.now).issue(Account.objects.get(pk=api.account_id))
    return reverse("reset-password", args=[issued.uid, issued.token])


def test_it_sets_the_password_once_and_ends_every_session(api: ApiClient) -> None:
    path, browser = link(api), Client()
    page = browser.get(path)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    done = browser.post(path, {"password": NEW})
    assert (done.status_code, "The new password is set" in done.text) == (200, True)
    assert 'href="/sign-in/"' in done.text
    assert api.get("campaigns/").status == 401
    assert api.signed_in(NEW).get("campaigns/").status == 200
    again = browser.post(path, {"password": "yet another long one"})
    assert (again.status_code, "This link does not work" in again.text) == (400, True)
    assert api.signed_in(NEW).get("campaigns/").status == 200


@pytest.mark.parametrize("password", ["", "short", "12345678", "x" * 5000])
def test_a_weak_password_is_refused_and_the_link_stays_good(api: ApiClient, password: str) -> None:
    path, browser = link(api), Client()
    refused = browser.post(path, {"password": password})
    assert refused.status_code == 400
    assert re.search(
        r'<p class="err" id="reset-password_error" role="alert">[A-Z].+</p>', refused.text
    )
    assert browser.post(path, {"password": NEW}).status_code == 200


def test_a_form_of_another_site_sets_nothing(api: ApiClient) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(link(api), {"password": NEW}).status_code == 403
    assert api.get("campaigns/").status == 200


def test_tokens_are_tried_at_the_pace_of_passwords() -> None:
    path = reverse("reset-password", args=["MQ", "nonsense"])
    with override_settings(RATE_LIMITS={"signin": (1, 60), "page": (100, 60)}):
        answers = [Client().post(path, {"password": NEW}).status_code for _ in range(2)]
    assert answers == [400, 429]
