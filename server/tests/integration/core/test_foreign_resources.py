"""The pages for people fetch nothing from anybody else's server."""

from __future__ import annotations

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/docs/",
        "/api/v1/redoc/",
        "/problems/",
        "/problems/validation",
        "/nowhere",
        "/admin/login/",
    ],
)
def test_a_page_names_no_other_host(path: str) -> None:
    page = Client().get(path, headers={"Accept": "text/html"}).content.decode()
    assert re.findall(r'(?:src|href)="/static/', page)
    assert re.findall(r'(?:src|href)="(?:https?:)?//[^"]+', page) == []


def test_code_in_an_explanation_is_code() -> None:
    page = Client().get("/problems/validation").content.decode()
    assert "<code>pointer</code>" in page
    assert "`" not in page
