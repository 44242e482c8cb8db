"""The pages that a person sees, and that they need no other server than this one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db

PAGES = [
    *("/api/v1/docs/", "/api/v1/redoc/", "/problems/", "/problems/validation", "/nowhere"),
    *("/sign-in/", "/sign-up/", "/forgotten/", "/forgotten/?sent", "/reset/MQ/none/"),
]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_the_start_page_leads_to_the_sign_in_and_that_to_the_docs(anonymous: ApiClient) -> None:
    answer = anonymous.get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/sign-in/")
    assert 'href="/api/v1/docs/"' in anonymous.get("/sign-in/", Accept=BROWSER).text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_refers_to_no_other_host(anonymous: ApiClient, path: str) -> None:
    page = anonymous.get(path, Accept=BROWSER)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    outside = re.findall(r"""(?:https?:)?//[\w.-]+\.[a-z]{2,}""", page.text)
    # A selector that hides a link of the bundle is no reference.
    assert set(outside) <= {"https://redocly.com"}
    assert not re.findall(r"""(?:src|href|url\()\s*=?\s*["'(]?(?:https?:)?//""", page.text)


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_refers_to_is_there(anonymous: ApiClient, path: str) -> None:
    page = anonymous.get(path, Accept=BROWSER).text
    for reference in re.findall(r'(?:src|href)="([^"]+)"', page):
        if reference.startswith("/static/"):
            assert finders.find(reference.removeprefix("/static/")), reference
        elif reference.startswith("#"):
            assert f'id="{reference[1:]}"' in page, reference
        elif not reference.startswith("data:"):
            assert anonymous.get(reference, Accept=BROWSER).status in {200, 302}, reference


def test_redoc_may_load_images_and_fonts_from_here_only(anonymous: ApiClient) -> None:
    """Its bundle fetches a logo from its maker's server; the policy of its page forbids that."""
    policy = anonymous.get("/api/v1/redoc/").headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "img-src 'self' data:", "font-src 'self'"} <= set(policy)
    bundle = finders.find("drf_spectacular_sidecar/redoc/bundles/redoc.standalone.js")
    assert bundle
    hosts = set(re.findall(rb"https://cdn[\w.-]*", Path(str(bundle)).read_bytes()))
    assert hosts <= {b"https://cdn.redoc.ly"}


@pytest.mark.parametrize("path", [*PAGES, "/admin/login/"])
def test_a_page_has_nothing_inline(anonymous: ApiClient, path: str) -> None:
    page = anonymous.get(path, Accept=BROWSER).text
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not [tag for tag in re.findall(r"<script[^>]*>", page) if " src=" not in tag]


def test_a_form_that_is_not_from_here_is_refused_by_a_page_of_ours() -> None:
    client = Client(enforce_csrf_checks=True)
    for accept, media_type in ((BROWSER, "text/html"), ("application/json", "application/problem")):
        answer = client.post("/admin/login/", headers={"Accept": accept})
        assert answer.status_code == 403
        assert answer["Content-Type"].startswith(media_type)
        assert "<style" not in answer.content.decode()


@pytest.mark.parametrize("name", ["docs", "redoc"])
def test_the_pages_show_this_servers_document(anonymous: ApiClient, name: str) -> None:
    assert "/api/v1/schema/" in anonymous.get(f"/api/v1/{name}/").text
