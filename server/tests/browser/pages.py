"""Every page of the console, and each state it has a look of its own for.

A route that answers GET without a row here fails ``test_pages``: a row says how a person gets to
see it, and all that holds for all pages is tested for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from django.test import RequestFactory

from core.pages import error_response
from tests.browser.front import EMPTY, FULL, HASTY, HEAVY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from playwright.sync_api import Page, Route

CAMPAIGN = "/campaigns/<int:campaign_id>/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A page in one of its states."""

    name: str
    route: str = ""
    """As the URL configuration has it; nothing for what several share, such as errors."""
    path: str = ""
    """Where it differs from the route; ``{names}`` are those of ``Front.ids``."""
    who: str = FULL
    """The account that is signed in; nothing for nobody."""
    status: int = 200
    then: Callable[[Page], None] | None = None
    """What is done there before the page is looked at."""
    shows: str
    """A heading or another text that tells it from all others."""

    @property
    def address(self) -> str:
        """The path with its ``{names}``."""
        return self.path or self.route


def send_nothing(page: Page) -> None:
    """Send the page's form without filling it in."""
    page.locator("main form:has(.btn.primary)").first.evaluate("form => form.noValidate = true")
    page.locator("main form .btn.primary").first.click()


def sign_in_wrongly(page: Page) -> None:
    """Sign in with a password that is none."""
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()


def ask_for_a_link(page: Page) -> None:
    """Send the form of a forgotten password."""
    page.get_by_label("E-mail").fill("nobody@example.com")
    page.get_by_role("button", name="Send the link").click()


def save_without_a_session(page: Page) -> None:
    """Send a form after the session has ended."""
    page.get_by_label("Title").fill("Typed before the session ended")
    page.context.clear_cookies(name="__Host-session")
    page.get_by_role("button", name="Save", exact=True).click()


def save_without_a_token(page: Page) -> None:
    """Send a form whose token is none of this session's."""
    page.locator("[name=csrfmiddlewaretoken]").evaluate_all("all => all.map((one) => one.remove())")
    page.get_by_role("button", name="Save", exact=True).click()


def save_wrong_rows(page: Page) -> None:
    """Send a form with an error beside each kind of field."""
    page.get_by_label("Landing page").fill("nonsense")
    page.get_by_label("Country").first.fill("Atlantis")
    page.get_by_label("Amount").first.fill("a lot")
    page.get_by_role("button", name="Save", exact=True).click()


def overtake(page: Page) -> None:
    """Save what somebody else has saved meanwhile."""
    page.locator("[name=version]").evaluate("field => { field.value = 1 }")
    page.get_by_label("Title").fill("Typed while somebody else saved")
    page.get_by_role("button", name="Save", exact=True).click()


def select_two(page: Page) -> None:
    """Select two campaigns of the list."""
    for number in (0, 1):
        page.locator("[name=id]").nth(number).check()


def restore(page: Page) -> None:
    """Restore a campaign whose title another has meanwhile."""
    page.get_by_role("button", name="Restore Deleted").click()


def make_a_key(page: Page) -> None:
    """Make an API key, which is shown this once."""
    page.get_by_label("Name", exact=True).last.fill("Tracker")
    page.get_by_role("button", name="Make a key").click()


def open_the_questions(page: Page) -> None:
    """Open what asks once before it is done."""
    for summary in page.locator("details > summary").all():
        summary.click()


def ask_too_often(page: Page) -> None:
    """Ask for a file more often than the limit allows."""
    asking = "async (times) => { while (times--) await fetch('/campaigns/export.csv'); }"
    page.evaluate(asking, HEAVY)
    page.goto(page.url.replace("/campaigns/", "/campaigns/export.csv"))


def break_down(code: str) -> Callable[[Page], None]:
    """Return what makes the server answer that it broke down.

    Nothing of production's does so when it is asked to: the page is rendered here, and sent with
    the headers of another from there.
    """

    def break_it(page: Page) -> None:
        request = RequestFactory().get("/profile/")
        request.request_id = "0123456789abcdef"  # type: ignore[attr-defined]  # a middleware's
        broken = error_response(request, code)
        sound = page.goto(urljoin(page.url, "/profile/"))
        assert sound
        policy = {name: sound.headers[name] for name in ("content-security-policy", "content-type")}
        html = broken.content.decode()
        for url in re.findall(r'/static/[^"]+', sound.text()):
            html = html.replace(re.sub(r"\.[0-9a-f]{12}(?=\.\w+$)", "", url), url)

        def answer(route: Route) -> None:
            route.fulfill(status=broken.status_code, headers=policy, body=html)

        page.route("**/profile/", answer)
        page.reload()

    return break_it


ROWS = (
    Row(name="sign in", route="/sign-in/", who="", shows="Sign in"),
    Row(
        name="sign in, refused",
        path="/sign-in/",
        who="",
        then=sign_in_wrongly,
        shows="Sign in",
    ),
    Row(name="sign up", route="/sign-up/", who="", shows="Create an account"),
    Row(
        name="sign up, with errors",
        path="/sign-up/",
        who="",
        then=send_nothing,
        shows="This field is required",
    ),
    Row(name="forgotten", route="/forgotten/", who="", shows="Forgotten password"),
    Row(
        name="forgotten, sent",
        path="/forgotten/",
        who="",
        then=ask_for_a_link,
        shows="Look into your mail",
    ),
    Row(
        name="reset",
        route="/reset/<str:uid>/<str:token>/",
        path="/reset/MQ/none/",
        who="",
        shows="Choose a new password",
    ),
    Row(name="overview, empty", path="/", who=EMPTY, shows="No campaign yet"),
    Row(name="overview", route="/", shows="Where campaigns pay"),
    Row(name="campaigns, empty", path="/campaigns/", who=EMPTY, shows="No campaigns yet"),
    Row(name="campaigns", route="/campaigns/", shows="New campaign"),
    Row(name="campaigns, selected", path="/campaigns/", then=select_two, shows="2 selected"),
    Row(
        name="campaigns, nothing found",
        path="/campaigns/?search=nowhere-to-be-found",
        shows="Nothing matches",
    ),
    Row(
        name="campaigns, no such list",
        path="/campaigns/?country=Atlantis",
        status=400,
        shows="There is no such list",
    ),
    Row(name="campaign", route=CAMPAIGN, path="/campaigns/{campaign}/", shows="Rate card"),
    Row(name="campaign, stopped", path="/campaigns/{stopped}/", shows="Stopped"),
    Row(
        name="campaign, looked up",
        path="/campaigns/{campaign}/?pays=ma",
        shows="the worldwide payout",
    ),
    Row(
        name="history",
        route=CAMPAIGN + "history/",
        path="/campaigns/{campaign}/history/",
        shows="History of",
    ),
    Row(name="new", route="/campaigns/new/", shows="New campaign"),
    Row(
        name="new, with errors",
        path="/campaigns/new/",
        then=save_wrong_rows,
        shows="need attention",
    ),
    Row(
        name="edit",
        route=CAMPAIGN + "edit/",
        path="/campaigns/{campaign}/edit/",
        shows="Edit campaign",
    ),
    Row(
        name="edit, overtaken",
        path="/campaigns/{campaign}/edit/",
        then=overtake,
        shows="while you were editing",
    ),
    Row(
        name="edit, session ended",
        path="/campaigns/{campaign}/edit/",
        then=save_without_a_session,
        shows="Your session has ended",
    ),
    Row(name="import, empty", path="/import/", who=EMPTY, shows="Nothing was imported yet"),
    Row(name="import", route="/import/", shows="Latest imports"),
    Row(name="import, no file", path="/import/", then=send_nothing, shows="Choose a file"),
    Row(
        name="import, checked",
        route="/import/<int:import_id>/",
        path="/import/{ready}/",
        shows="Apply to 1 campaign",
    ),
    Row(name="import, with problems", path="/import/{refused}/", shows="Nothing was changed"),
    Row(name="import, waiting", path="/import/{waiting}/", shows="It waits for its turn"),
    Row(name="import, half-way", path="/import/{running}/", shows="90 of 180 rows checked"),
    Row(name="import, applied", path="/import/{done}/", shows="See the campaigns"),
    Row(name="bin, empty", path="/bin/", who=EMPTY, shows="The bin is empty"),
    Row(name="bin", route="/bin/", shows="Deleted"),
    Row(name="bin, title taken", path="/bin/", then=restore, shows="under another title"),
    Row(name="profile", route="/profile/", shows="API keys"),
    Row(
        name="profile, asking once",
        path="/profile/",
        then=open_the_questions,
        shows="Every other browser",
    ),
    Row(name="profile, with errors", path="/profile/", then=send_nothing, shows="Profile"),
    Row(name="profile, new key", path="/profile/", then=make_a_key, shows="Copy it now"),
    Row(
        name="form with an old token",
        path="/campaigns/new/",
        then=save_without_a_token,
        shows="Nothing was saved yet",
    ),
    Row(name="error 403", path="/", then=break_down("forbidden"), shows="Error 403"),
    Row(name="error 404", path="/campaigns/999999999/", status=404, shows="Error 404"),
    Row(name="error 404, signed out", path="/nowhere/", who="", status=404, shows="Error 404"),
    Row(name="error 429", path="/campaigns/", who=HASTY, then=ask_too_often, shows="Error 429"),
    Row(name="error 500", path="/", then=break_down("internal_error"), shows="Error 500"),
    Row(name="error 503", path="/", then=break_down("unavailable"), shows="Error 503"),
    Row(name="problems", path="/problems/", who="", shows="Every error of the API"),
    Row(name="problem", path="/problems/validation", who="", shows="All problems"),
)

NO_PAGES: Mapping[str, str] = {
    CAMPAIGN + "edit/newer/": "a part of the form, for htmx",
    "/campaigns/export.csv": "a file",
    "/import/example.csv": "a file",
    "/profile/details/": "answers POST; GET is the profile",
    "/profile/keys/": "answers POST; GET is the profile",
    "/profile/password/": "answers POST; GET is the profile",
}
"""Routes of the console that answer GET with something else than a page of their own."""
