"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fixtures.browser import Sitting

pytestmark = pytest.mark.system


def test_whoever_signs_in_sees_the_overview(window: Sitting) -> None:
    assert window.page.get_by_role("heading", name="Overview").is_visible()
