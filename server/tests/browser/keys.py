"""Using a page with the keyboard alone: nothing here touches a mouse or sets the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# What has the focus must show it: an outline of its own, or around the field that it is in.
_SHOWS_FOCUS = """() => {
  const seen = (one) => getComputedStyle(one).outlineStyle !== "none"
    && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
  let one = document.activeElement;
  for (let up = 0; up < 3 && one; up++, one = one.parentElement) if (seen(one)) return true;
  return false;
}"""
_FOCUSED = """() => {
  const one = document.activeElement;
  const box = one.getBoundingClientRect();
  return [one.outerHTML.slice(0, 160), box.top + scrollY, box.left];
}"""


def tab_to(page: Page, target: Locator, *, most: int = 80, back: bool = False) -> None:
    """Press Tab until something has the focus; each stop on the way shows that it has it.

    :param back: with Shift.
    :raises AssertionError: it is not reached.
    """
    for _ in range(most):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        if not page.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            continue
        assert page.evaluate(_SHOWS_FOCUS), page.evaluate(_FOCUSED)
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}.")


def type_in(page: Page, label: str, text: str, *, number: int = 0) -> None:
    """Go to a field by Tab, and type over what is in it."""
    tab_to(page, page.get_by_label(label).nth(number))
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def press(page: Page, target: Locator, *, back: bool = False) -> None:
    """Go to something by Tab, and press Enter."""
    tab_to(page, target, back=back)
    page.keyboard.press("Enter")


def enter(page: Page, target: Locator, *, back: bool = False) -> None:
    """Go to a link or a button by Tab, press Enter, and wait for the next page."""
    tab_to(page, target, back=back)
    with page.expect_navigation():
        page.keyboard.press("Enter")
