"""Starting, stopping, deleting and restoring, one or many, through the pages."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.console import HTMX, ConsoleClient, console_client

if TYPE_CHECKING:
    from tests.fixtures.api import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(api: ApiClient) -> ConsoleClient:
    """Return Ada's browser, in which she is signed in."""
    return console_client("ada@example.com")


def runs(api: ApiClient, campaign: dict[str, Any]) -> bool:
    return bool(api.get(f"campaigns/{campaign['id']}/").json["is_running"])


def notice(ada: ConsoleClient, path: str = "/campaigns/") -> str:
    """Return what the next page tells."""
    found = re.search(r'<div class="notice">\s*<span>(.*?)</span>', ada.get(path).content.decode())
    return unescape(found[1]) if found else ""


def undo(ada: ConsoleClient, path: str = "/campaigns/") -> tuple[str, dict[str, list[str]]]:
    """Return where the undo of the next page is sent, with what."""
    html = ada.get(path).content.decode()
    form = re.search(
        r'<div class="notice">.*?<form method="post" action="([^"]+)">(.*?)</form>', html, re.DOTALL
    )
    assert form, html
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form[2]):
        fields.setdefault(name, []).append(unescape(value))
    fields.pop("csrfmiddlewaretoken")
    return form[1], fields


class TestState:
    def test_a_form_starts_and_stops_and_goes_back_to_where_it_was(
        self, api: ApiClient, ada: ConsoleClient
    ) -> None:
        campaign = api.create("Loans")
        path = f"/campaigns/{campaign['id']}/state/"
        for wanted, told in (("true", "“Loans” is running."), ("false", "“Loans” is stopped.")):
            answer = ada.send(path, {"is_running": wanted, "next": "/campaigns/?page=1"})
            assert (answer.status_code, answer.url) == (302, "/campaigns/?page=1")
            assert runs(api, campaign) is (wanted == "true")
            assert notice(ada) == told

    def test_without_a_place_to_go_to_it_shows_the_campaign(
        self, api: ApiClient, ada: ConsoleClient
    ) -> None:
        campaign = api.create("Loans")
        page = f"/campaigns/{campaign['id']}/"
        assert ada.send(f"{page}state/", {"is_running": "true"}).url == page
        away = {"is_running": "true", "next": "https://evil.example/"}
        assert ada.send(f"{page}state/", away).url == "/"

    def test_htmx_is_answered_the_row_as_it_is(self, api: ApiClient, ada: ConsoleClient) -> None:
        campaign = api.create("Loans")
        row = f"row-{campaign['id']}"
        answer = ada.send(
            f"/campaigns/{campaign['id']}/state/",
            {"is_running": "true"},
            headers={**HTMX, "HX-Target": row},
        )
        html = answer.content.decode()
        assert answer.status_code == 200
        assert f'<tr id="{row}"' in html
        assert 'aria-checked="true"' in html
        assert 'hx-swap-oob="innerHTML:#said">“Loans” is running.' in html
        assert 'hx-swap-oob="innerHTML:#count">1 · 1 running' in html

    def test_a_campaign_that_was_deleted_meanwhile_says_so_in_its_row(
        self, api: ApiClient, ada: ConsoleClient
    ) -> None:
        campaign = api.create("Loans")
        api.delete(f"campaigns/{campaign['id']}/")
        path, row = f"/campaigns/{campaign['id']}/state/", f"row-{campaign['id']}"
        answer = ada.send(path, {"is_running": "true"}, headers={**HTMX, "HX-Target": row})
        assert answer.status_code == 200
        assert "This campaign was deleted meanwhile." in answer.content.decode()
        assert ada.send(path, {"is_running": "true"}).status_code == 404

    @pytest.mark.parametrize("wanted", ["", "yes", "True"])
    def test_a_state_that_there_is_not_is_refused(
        self, api: ApiClient, ada: ConsoleClient, wanted: str
    ) -> None:
        campaign = api.create("Loans")
        answer = ada.send(f"/campaigns/{campaign['id']}/state/", {"is_running": wanted})
        assert answer.status_code == 400
        assert not runs(api, campaign)


class TestDeleteAndRestore:
    def test_deleting_can_be_undone(self, api: ApiClient, ada: ConsoleClient) -> None:
        campaign = api.create("Loans")
        answer = ada.send(f"/campaigns/{campaign['id']}/delete/", {"next": "/campaigns/?search=l"})
        assert answer.url == "/campaigns/?search=l"
        assert api.get(f"campaigns/{campaign['id']}/").status == 404
        path, fields = undo(ada)
        assert ada.send(path, fields).url == "/campaigns/?search=l"
        assert api.get(f"campaigns/{campaign['id']}/").status == 200
        assert notice(ada) == "“Loans” is restored. It is stopped."

    def test_restoring_asks_for_another_title_where_its_own_is_taken(
        self, api: ApiClient, ada: ConsoleClient
    ) -> None:
        campaign = api.create("Loans")
        api.delete(f"campaigns/{campaign['id']}/")
        api.create("LOANS")
        path = f"/campaigns/{campaign['id']}/restore/"
        asked = ada.send(path, {"next": "/bin/?search=l"})
        assert asked.status_code == 409
        assert 'name="title" value="Loans"' in asked.content.decode()
        assert 'name="next" value="/bin/?search=l"' in asked.content.decode()
        blank = ada.send(path, {"title": " ", "next": "/bin/"})
        assert blank.status_code == 409
        assert 'name="title" value=" "' in blank.content.decode()
        done = ada.send(path, {"title": "Loans again", "next": "/bin/?search=l"})
        assert (done.status_code, done.url) == (302, "/bin/?search=l")
        assert api.get(f"campaigns/{campaign['id']}/").json["title"] == "Loans again"

    @pytest.mark.parametrize("action", ["delete", "restore", "state"])
    def test_what_belongs_to_somebody_else_is_not_there(
        self, api: ApiClient, other: ApiClient, ada: ConsoleClient, action: str
    ) -> None:
        foreign, gone = other.create("Bob's"), other.create("Bob's, deleted")
        other.delete(f"campaigns/{gone['id']}/")
        for campaign_id in (foreign["id"], gone["id"], 10**6, 10**30):
            answer = ada.send(
                f"/campaigns/{campaign_id}/{action}/", {"is_running": "true", "title": ""}
            )
            assert answer.status_code == 404
        assert other.get(f"campaigns/{foreign['id']}/").json["version"] == 1


class TestBulk:
    def test_the_outcome_is_told_and_only_what_was_done_is_undone(
        self, api: ApiClient, ada: ConsoleClient
    ) -> None:
        stopped = [api.create(f"Stopped {number}") for number in range(2)]
        running = api.create("Running", is_running=True)
        ids = [campaign["id"] for campaign in [*stopped, running]]
        answer = ada.send("/campaigns/bulk/", {"action": "start", "id": [*ids, 10**9]})
        assert answer.url == "/campaigns/"
        assert notice(ada) == "2 started, 1 was running already, 1 is gone."
        ada.send("/campaigns/bulk/", {"action": "stop", "id": ids[:2]})
        path, fields = undo(ada)
        assert fields["action"] == ["start"]
        ada.send(path, fields)
        assert all(runs(api, campaign) for campaign in [*stopped, running])

    def test_deleting_many_can_be_undone(self, api: ApiClient, ada: ConsoleClient) -> None:
        ids = [api.create(f"Campaign {number}")["id"] for number in range(3)]
        here = "/campaigns/?ordering=title"
        ada.send("/campaigns/bulk/", {"action": "delete", "id": ids, "next": here})
        assert api.get("campaigns/").json["count"] == 0
        path, fields = undo(ada)
        assert (path, fields["next"]) == ("/campaigns/bulk/", [here])
        api.create("Campaign 0")
        assert ada.send(path, fields).url == here
        assert notice(ada) == (
            "2 restored, 1 was not restored, since another campaign has its title. "
            "They are stopped. In the bin, restore one at a time to give it another title."
        )

    def test_htmx_is_led_to_the_list_with_the_notice(
        self, api: ApiClient, ada: ConsoleClient
    ) -> None:
        campaign = api.create("Loans")
        fields = {"action": "start", "id": [campaign["id"]], "next": "/campaigns/?search=loans"}
        answer = ada.send("/campaigns/bulk/", fields, headers=HTMX, follow=True)
        html = answer.content.decode()
        assert answer.redirect_chain == [("/campaigns/?search=loans", 302)]
        assert "1 started." in html
        assert 'id="notices" class="notices" role="status" hx-swap-oob="true"' in html
        assert "<html" not in html

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"action": "start"}, "Nothing was selected."),
            ({"action": "purge", "id": ["1"]}, "Say what to do"),
            ({"id": ["1"]}, "Say what to do"),
            ({"action": "start", "id": ["x"]}, "no campaign"),
            ({"action": "start", "id": ["-1"]}, "no campaign"),
            ({"action": "start", "id": ["9" * 19]}, "no campaign"),
            ({"action": "start", "id": ["9" * 5000]}, "no campaign"),
            ({"action": "start", "id": ["\uff11"]}, "no campaign"),
            (
                {"action": "start", "id": [str(number) for number in range(1, 502)]},
                "At most 500 campaigns can be changed at once, and these are 501.",
            ),
        ],
    )
    def test_a_selection_that_makes_no_sense_is_refused(
        self, api: ApiClient, ada: ConsoleClient, fields: dict[str, Any], told: str
    ) -> None:
        for headers in ({}, HTMX):
            answer = ada.send("/campaigns/bulk/", fields, headers=headers)
            assert answer.status_code == 400
            assert told in unescape(answer.content.decode())

    def test_another_accounts_campaigns_are_not_there(
        self, api: ApiClient, other: ApiClient, ada: ConsoleClient
    ) -> None:
        foreign = other.create("Bob's", is_running=True)
        for action in ("start", "stop", "delete", "restore"):
            ada.send("/campaigns/bulk/", {"action": action, "id": [foreign["id"]]})
            assert notice(ada) == "1 is gone."
        assert other.get(f"campaigns/{foreign['id']}/").json["version"] == 1
