"""What can be read off a page in a browser: barriers, sizes, what moved, what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # has none
    Axe,
)

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
STANDARD_TEXT = 16
WATCHED = """
window.watched = {refused: [], moved: 0};
addEventListener("securitypolicyviolation", (event) => {
  watched.refused.push(`${event.violatedDirective} ${event.blockedURI}`);
});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) watched.moved += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
"""Runs before anything of a page does."""
_NEXT_FRAMES = (
    "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
)
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > room + 1)
    .map((one) => one.outerHTML.slice(0, 120)).slice(-3);
}"""
_CUT_OFF = """() => [...document.querySelectorAll("body *:not(input)")].filter((one) => {
  const style = getComputedStyle(one);
  return /hidden|clip/.test(style.overflowX) && style.textOverflow !== "ellipsis"
    && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1 && !one.closest(".vh, svg");
}).map((one) => one.outerHTML.slice(0, 120))"""
_MOVES = """() => [...document.querySelectorAll("*")].filter((one) => {
  const style = getComputedStyle(one);
  return !/^(none)?$/.test(style.animationName) || !/^(0s(, 0s)*)?$/.test(style.transitionDuration);
}).length"""
_INLINE = """(html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = [...page.querySelectorAll("style, script:not([src]), [style], [hx-on]")];
  for (const one of page.querySelectorAll("*")) {
    if ([...one.attributes].some((each) => /^(on|hx-on:)/.test(each.name))) found.push(one);
  }
  return found.map((one) => one.outerHTML.slice(0, 120));
}"""


def barriers(page: Page, *, width: int) -> list[str]:
    """Return what axe finds: the rule, and the elements that break it.

    The window is as high as the page: what sticks to an edge lies over nothing then.
    """
    page.set_viewport_size({"width": width, "height": 900})
    height: int = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(height, 900)})
    options = {"runOnly": list(RULES), "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary'][:300]})"
        for rule in found
        for node in rule["nodes"]
    ]


def too_wide(page: Page, *, width: int, text: int = STANDARD_TEXT) -> list[str]:
    """Return what a page has past its right edge, if it can be moved sideways, and what is cut off.

    :param text: how large the reader has set letters, in pixels.
    """
    page.set_viewport_size({"width": width, "height": 900})
    session = page.context.new_cdp_session(page)
    try:
        session.send("Page.setFontSizes", {"fontSizes": {"standard": text}})
        page.evaluate(_NEXT_FRAMES)
        found: list[str] = page.evaluate(_TOO_WIDE) + page.evaluate(_CUT_OFF)
    finally:
        session.send("Page.setFontSizes", {"fontSizes": {"standard": STANDARD_TEXT}})
        session.detach()
    return found


def moving(page: Page) -> int:
    """Return how many elements would move, in a window of somebody who asked for less of that."""
    found: int = page.evaluate(_MOVES)
    return found


def inline(page: Page, html: str) -> list[str]:
    """Return what a page has inline, in the text that the server sent."""
    found: list[str] = page.evaluate(_INLINE, html)
    return found


@dataclass(kw_only=True)
class Load:
    """How a page loads for the first time."""

    page: Page
    session: CDPSession
    sizes: dict[str, int]
    """The bytes that came for each address, with headers, compressed as they were."""

    @classmethod
    def of(cls, page: Page) -> Load:
        """Count from here on, and watch each document."""
        page.add_init_script(WATCHED)
        load = cls(page=page, session=page.context.new_cdp_session(page), sizes={})
        urls: dict[str, str] = {}

        def answered(event: dict[str, Any]) -> None:
            urls[event["requestId"]] = event["response"]["url"]

        def finished(event: dict[str, Any]) -> None:
            url = urls.get(event["requestId"], "")
            load.sizes[url] = load.sizes.get(url, 0) + int(event["encodedDataLength"])

        load.session.on("Network.responseReceived", answered)
        load.session.on("Network.loadingFinished", finished)
        load.session.send("Network.enable")
        return load

    def watched(self) -> dict[str, Any]:
        """Return what the policy refused, and how much moved."""
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate(_NEXT_FRAMES)
        found: dict[str, Any] = self.page.evaluate("watched")
        return found
