"""Write the pictures of the console that README shows: ``make screenshots``.

They are of the real pages with the demo data, which is the same at each run but for its times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from campaigns.demo import load as demo
from tests.fixtures.browser import Sitting, chromium, sitting
from tests.fixtures.live import PROJECT, manage, prepared

if TYPE_CHECKING:
    import httpx

DIRECTORY = PROJECT / "docs" / "images"
WIDTH, HEIGHT = 1280, 800
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_MANY, _MOST = 6, 9  # countries of a rate card that fills the picture, and fits into it


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A page, and what its picture is called."""

    name: str
    path: str


def main() -> None:
    """Start the server with the demo data, and take all pictures."""
    DIRECTORY.mkdir(exist_ok=True)
    with prepared() as site:
        manage(site.variables, "load_demo")
        with site.serving() as server, chromium() as browser:
            with server.client() as client:
                shown = _shown(client)
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
                    window.sign_in(demo.EMAIL, demo.PASSWORD)
                    for picture in _pictures(shown):
                        _take(window, picture, theme)


def _shown(client: httpx.Client) -> int:
    """Return a campaign that has something to show: a rate card of many countries, a history."""
    answer = client.post(
        "/api/v1/auth/signin/", json={"email": demo.EMAIL, "password": demo.PASSWORD}
    )
    client.headers["Authorization"] = f"Bearer {answer.json()['access']}"
    found = client.get("/api/v1/campaigns/", params={"is_running": "true", "page_size": 100})
    return int(max(found.json()["results"], key=_shows)["id"])


def _shows(campaign: dict[str, Any]) -> tuple[bool, bool, int]:
    payouts = campaign["payouts"]
    is_one_currency = len({payout["currency"] for payout in payouts}) == 1
    is_worldwide = any(payout["is_worldwide"] for payout in payouts)
    return (
        _MANY <= len(payouts) <= _MOST,
        is_one_currency and is_worldwide,
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
    page.screenshot(path=file, animations="disabled", caret="hide")
    print(f"{file.relative_to(PROJECT)} {file.stat().st_size:,} bytes")  # noqa: T201 -- a command


if __name__ == "__main__":
    main()
