"""Who enters the admin: each of its routes, read from the URL configuration."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import Account
from tests.factories.accounts import AccountFactory
from tests.fixtures.api import ApiClient
from tests.fixtures.routes import operations
from tests.fixtures.stored import stored

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
ROUTES = sorted(route for _, route in operations() if route.startswith("/admin/"))
PARAMETERS = {
    "<path:object_id>": "1",
    "<path:content_type_id>": "1",
    "<app_label>": "campaigns",
    "<url>": "nowhere/",
}
# What staff without any permission see; the pages of models are 403.
WITHOUT_PERMISSION = {
    "/admin/": 200,
    LOGIN: 302,
    "/admin/jsi18n/": 200,
    "/admin/logout/": 405,
    "/admin/autocomplete/": 403,
    "/admin/r/<path:content_type_id>/<path:object_id>/": 404,
    "/admin/<app_label>/": 404,
    "/admin/<url>": 404,
}


def test_the_routes_are_known() -> None:
    assert set(WITHOUT_PERMISSION) <= set(ROUTES)
    assert "/admin/campaigns/campaign/<path:object_id>/change/" in ROUTES


def test_who_is_not_staff_is_sent_to_the_form(api: ApiClient) -> None:
    api.create("Secret")
    for client, headers in _strangers(api):
        before = (stored(), list(LogEntry.objects.values()))
        for route, method in product(ROUTES, ("get", "post")):
            answer = getattr(client, method)(_path(route), headers=headers)
            if route == LOGIN:
                assert answer.status_code == 200
            elif route == "/admin/logout/":
                assert (answer.status_code, answer["Location"]) == (302, "/admin/")
            else:
                assert answer.status_code == 302, route
                assert answer["Location"].startswith(f"{LOGIN}?next="), route
            assert b"Secret" not in answer.content
        assert (stored(), list(LogEntry.objects.values())) == before


def test_staff_without_permissions_see_nothing(api: ApiClient) -> None:
    created = api.create("Secret")
    client = Client()
    client.force_login(AccountFactory.create(email="new@example.com", is_staff=True))
    before = (stored(), list(LogEntry.objects.values()))
    for route in sorted(ROUTES, key="/admin/logout/".__eq__):
        answer = client.get(_path(route).replace("/1/", f"/{created['id']}/"))
        if route in WITHOUT_PERMISSION:
            assert answer.status_code == WITHOUT_PERMISSION[route], route
        elif route.endswith("<path:object_id>/"):
            # The address of a row without its page's name leads to the page, row or no row.
            assert (answer.status_code, answer["Location"][-8:]) == (302, "/change/"), route
        elif route.startswith("/admin/core/flag/") and "/history/" in route:
            # Django's own page of history looks for the row first; there is none.
            assert (answer.status_code, answer["Location"]) == (302, "/admin/"), route
        else:
            assert answer.status_code == 403, route
        assert b"Secret" not in answer.content
    assert (stored(), list(LogEntry.objects.values())) == before


def _strangers(api: ApiClient) -> Iterator[tuple[Client, dict[str, str]]]:
    """Yield clients of everybody who may not enter, with the headers that they send."""
    staff = ApiClient.signed_up("staff@example.com")
    Account.objects.filter(pk=staff.account_id).update(is_staff=True, is_superuser=True)
    yield Client(), {}
    owner = Client()
    owner.force_login(Account.objects.get(pk=api.account_id))
    yield owner, {}
    # A token opens the API and nothing else, whoever it belongs to.
    yield Client(), {"Authorization": f"Bearer {staff.token}"}
    key = staff.post("auth/keys/", {"name": "Staff's", "scope": "write"}).json["key"]
    yield Client(), {"Authorization": f"Bearer {key}"}
    for left in ("disabled", "deleted", "demoted"):
        account = AccountFactory.create(email=f"{left}@example.com", is_staff=True)
        account.is_superuser = True
        account.save()
        client = Client()
        client.force_login(account)
        assert client.get("/admin/").status_code == 200
        if left == "deleted":
            account.delete()
        else:
            account.is_active, account.is_staff = left != "disabled", left != "demoted"
            account.save()
        yield client, {}


def _path(route: str) -> str:
    for parameter, value in PARAMETERS.items():
        route = route.replace(parameter, value)
    return route
