"""Write the pictures of the console that README shows: ``make screenshots``.

They are of the real pages with the demo data, which is the same at each run but for its times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import django

from tests.fixtures.browser import Sitting, chromium, sitting
from tests.fixtures.live import PROJECT, manage, prepared
from tests.palette import with_palette

if TYPE_CHECKING:
    import httpx

DIRECTORY = PROJECT / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_MANY, _MOST = 6, 9  # countries of a rate card that fills the picture, and fits into it
_LARGE = frozenset({"AR", "AU", "BR", "CA", "IN", "MX", "US", "ZA"})  # they show on a map


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A page, and what its picture is called."""

    name: str
    path: str


def main() -> None:
    """Start the server with the demo data, and take all pictures."""
    DIRECTORY.mkdir(exist_ok=True)
    email, password = _demo_account()
    with prepared() as site:
        manage(site.variables, "load_demo")
        with site.serving() as server, chromium() as browser:
            with server.client() as client:
                shown = _shown(client, email=email, password=password)
            for theme in THEMES:
                with sitting(
                    browser,
                    server,
                    width=WIDTH,
                    theme=theme,
                    reduced_motion="reduce",
                    timezone_id="Europe/Tallinn",
                ) as window:
                    window.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
                    window.sign_in(email, password)
                    for picture in _pictures(shown):
                        _take(window, picture, theme)


def _demo_account() -> tuple[str, str]:
    django.setup()
    from campaigns.demo import load  # noqa: PLC0415 -- cannot be imported before

    return load.EMAIL, load.PASSWORD


def _shown(client: httpx.Client, *, email: str, password: str) -> int:
    """Return a campaign that has something to show: a rate card of many countries, a history."""
    answer = client.post("/api/v1/auth/signin/", json={"email": email, "password": password})
    client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
    found = client.get("/api/v1/campaigns/", params={"is_running": "true", "page_size": 100})
    return int(max(found.json()["results"], key=_shows)["id"])


def _shows(campaign: dict[str, Any]) -> tuple[bool, int, int]:
    payouts = campaign["payouts"]
    is_one_currency = len({payout["currency"] for payout in payouts}) == 1
    large = len(_LARGE & {payout["country"] for payout in payouts})
    return (
        is_one_currency and _MANY <= len(payouts) <= _MOST,
        large,
        int(campaign["version"]),
    )


def _pictures(campaign_id: int) -> tuple[Picture, ...]:
    address = f"/campaigns/{campaign_id}/"
    return (
        Picture(name="overview", path="/"),
        Picture(name="campaigns", path="/campaigns/"),
        Picture(name="campaign", path=address),
        Picture(name="edit", path=f"{address}edit/"),
    )


def _take(window: Sitting, picture: Picture, theme: str) -> None:
    page = window.open(picture.path)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    file = DIRECTORY / f"console-{picture.name}-{theme}.png"
    file.write_bytes(with_palette(page.screenshot(animations="disabled", caret="hide")))
    print(f"{file.relative_to(PROJECT)} {file.stat().st_size:,} bytes")  # noqa: T201 -- a command


if __name__ == "__main__":
    main()
