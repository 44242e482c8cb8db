"""The account's own page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import pytest

from accounts.console.devices import device_label
from accounts.models import Account, ApiKey
from core.models import Event
from tests.fixtures.api import PASSWORD, ApiClient

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.fixtures.console import ConsoleClient

pytestmark = pytest.mark.django_db

DETAILS = {
    "display_name": "Ada L.",
    "time_zone": "America/Argentina/Buenos_Aires",
    "default_currency": "USD",
}


def test_details_are_changed_as_the_api_changes_them(api: ApiClient, ada: ConsoleClient) -> None:
    answer = ada.send("/profile/details/", DETAILS)
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    profile = api.get("auth/profile/").json
    assert DETAILS.items() <= profile.items()
    page = ada.get("/profile/").content.decode()
    assert "Your profile is saved." in page
    assert 'value="Ada L."' in page
    assert '<option value="America/Argentina/Buenos_Aires" selected>' in page
    assert '<option value="USD" selected>' in page
    assert "Your profile is saved." not in ada.get("/profile/").content.decode()
    assert Event.objects.filter(name="account.profile_changed").count() == 1


def test_every_time_zone_is_there_in_few_bytes(api: ApiClient, ada: ConsoleClient) -> None:
    page = ada.get("/profile/").content.decode()
    offered = re.findall(r'<option value="([A-Z][^"]*/[^"]*)"[^>]*>', page)
    regions = set(re.findall(r'<optgroup label="(\w+)">', page))
    known = {name for name in available_timezones() if name.partition("/")[0] in regions}
    assert len(regions) == 10
    assert sorted(offered) == sorted(known)
    assert '<option value="Europe/Tallinn">Tallinn' in page
    assert '<option value="UTC" selected>UTC' in page
    assert len(page) < 40_000
    assert api.account["time_zone"] == "UTC"


def test_a_time_zone_by_an_old_name_stays_what_it_is(api: ApiClient, ada: ConsoleClient) -> None:
    Account.objects.filter(pk=api.account_id).update(time_zone="Etc/GMT-3")
    assert '<option value="Etc/GMT-3" selected>' in ada.get("/profile/").content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"display_name": "x" * 101}, "display_name", "at most 100 characters"),
        ({"display_name": "x" * 10_000}, "display_name", "at most 100 characters"),
        ({"display_name": "a\0b"}, "display_name", "Null characters are not allowed."),
        ({"display_name": "a\u202eb"}, "display_name", "U+202E"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "IANA"),
        ({"time_zone": ""}, "time_zone", "required"),
        ({"default_currency": "eur"}, "default_currency", "ISO 4217"),
        ({"default_currency": "XAU"}, "default_currency", "ISO 4217"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    api: ApiClient, ada: ConsoleClient, fields: dict[str, str], field: str, words: str
) -> None:
    before = api.get("auth/profile/").json
    refused = ada.send("/profile/details/", {**DETAILS, **fields})
    page = refused.content.decode()
    assert refused.status_code == 400
    assert words in page.partition(f'id="details-{field}_error"')[2].partition("</p>")[0]
    assert f'aria-describedby="details-{field}' in page
    if field != "display_name":
        assert 'value="Ada L."' in page
    assert api.get("auth/profile/").json == before


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"current_password": "wrong"}, "current_password", "This is not your password."),
        ({"current_password": ""}, "current_password", "required"),
        ({"current_password": "x" * 10_000}, "current_password", "at most 256"),
        ({"new_password": "short"}, "new_password", "at least 8 characters"),
        ({"new_password": "12345678"}, "new_password", "too common"),
        ({"new_password": "x" * 10_000}, "new_password", "at most 256"),
    ],
)
def test_a_password_that_is_refused_changes_nothing(
    api: ApiClient, ada: ConsoleClient, fields: dict[str, str], field: str, words: str
) -> None:
    sent = {"current_password": PASSWORD, "new_password": "another long password", **fields}
    refused = ada.send("/profile/password/", sent)
    page = refused.content.decode()
    assert refused.status_code == 400
    assert words in page.partition(f'id="password-{field}_error"')[2].partition("</p>")[0]
    assert PASSWORD not in page
    assert "another long password" not in page
    assert api.signed_in().get("auth/profile/").status == 200


def test_guessing_the_current_password_makes_one_wait(ada: ConsoleClient) -> None:
    fields = {"current_password": "wrong", "new_password": "another long password"}
    statuses = [ada.send("/profile/password/", fields).status_code for _ in range(5)]
    assert statuses == [400] * 5
    refused = ada.send("/profile/password/", {**fields, "current_password": PASSWORD})
    assert refused.status_code == 429
    assert refused["Retry-After"]
    assert "Try again in" in refused.content.decode()


def test_it_is_limited_as_signing_in_is(ada: ConsoleClient, settings: Settings) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"signin": (1, 3600)}
    statuses = [ada.send("/profile/password/").status_code for _ in range(2)]
    assert statuses == [400, 429]


def test_a_key_is_shown_once_and_works(api: ApiClient, ada: ConsoleClient) -> None:
    made = ada.send("/profile/keys/", {"name": " Nightly <report> ", "scope": "read"})
    assert made.status_code == 201
    page = made.content.decode()
    assert "The key “Nightly &lt;report&gt;” is made" in page
    [key] = re.findall(r'<input [^>]*id="new-key" value="([^"]+)"', page)
    program = ApiClient(key)
    assert program.get("campaigns/").status == 200
    assert program.post("campaigns/", {}).code == "read_only_key"
    again = ada.get("/profile/").content.decode()
    assert key not in again
    assert ApiKey.objects.get().hint in again
    assert ApiKey.objects.get().digest not in page
    # It is in no session either, where a redirect would have had to leave it.
    assert key not in repr(dict(ada.session))


def test_a_revoked_key_is_refused_at_once(api: ApiClient, ada: ConsoleClient) -> None:
    key = api.post("auth/keys/", {"name": "Sync", "scope": "write"}).json
    page = ada.get("/profile/").content.decode()
    assert "Sync" in page
    assert "Programs that use it are refused at once" in page
    assert ada.send(f"/profile/keys/{key['id']}/revoke/").status_code == 302
    assert ApiClient(key["key"]).get("campaigns/").status == 401
    page = ada.get("/profile/").content.decode()
    assert "You have no API keys." in page
    assert ada.send(f"/profile/keys/{key['id']}/revoke/").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "scope": "read"},
        {"name": " ", "scope": "read"},
        {"name": "x" * 101, "scope": "read"},
        {"name": "a\0b", "scope": "read"},
        {"name": "a\nb", "scope": "read"},
        {"name": "Sync", "scope": "admin"},
        {"name": "Sync", "scope": ""},
        {},
    ],
    ids=repr,
)
def test_a_key_that_is_refused_is_not_made(ada: ConsoleClient, fields: dict[str, str]) -> None:
    assert ada.send("/profile/keys/", fields).status_code == 400
    assert not ApiKey.objects.exists()


def test_staff_find_the_admin_and_nobody_else_does(api: ApiClient, ada: ConsoleClient) -> None:
    assert "/admin/" not in ada.get("/profile/").content.decode()
    Account.objects.filter(pk=api.account_id).update(is_staff=True)
    assert 'href="/admin/"' in ada.get("/profile/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/profile/sessions/00000000-0000-4000-8000-000000000000/end/",
        "/profile/sessions/nonsense/end/",
        "/profile/keys/0/revoke/",
        "/profile/keys/99999999999999999999999999/revoke/",
        "/profile/keys/-1/revoke/",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(ada: ConsoleClient, path: str) -> None:
    answer = ada.send(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


@pytest.mark.parametrize(
    ("device", "label"),
    [
        ("", "Unknown device"),
        ("acme-sync/2.1 (linux)", "acme-sync"),
        ("curl", "curl"),
        ("<b>", "<b>"),
        ("Mozilla/5.0", "Mozilla"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Something/1", "macOS"),
    ],
)
def test_a_device_is_called_as_people_call_it(device: str, label: str) -> None:
    assert device_label(device) == label
