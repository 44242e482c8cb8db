"""Each attempt to sign in to the admin is counted, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from tests.fixtures.api import PASSWORD

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("password", "outcome"), [(PASSWORD, "signed_in"), ("not this one", "invalid_credentials")]
)
def test_an_attempt_is_counted_once(api: ApiClient, password: str, outcome: str) -> None:
    def counted() -> float:
        labels = {"door": "admin", "outcome": outcome}
        return REGISTRY.get_sample_value("ratecard_sign_ins_total", labels) or 0

    before = counted()
    Client().post("/admin/login/", {"username": api.account["email"], "password": password})
    assert counted() == before + 1
