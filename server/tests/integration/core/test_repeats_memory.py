"""Which answers a process keeps to give them again, how many, and for how long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from campaigns import caching
from core.api import repeats
from core.api.repeats import ASKED, Repeats, question

if TYPE_CHECKING:
    from tests.fixtures.front import Sender

pytestmark = pytest.mark.django_db


def test_long_answers_are_not_kept(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "LONGEST_BYTES", 100)
    sender.get()
    sender.get()
    assert len(sender.made) == 2


def test_it_keeps_what_was_asked_last(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Repeats(most_bytes=6_000)
    monkeypatch.setattr("core.api.front.repeats", lambda: few)
    paths = ["campaigns/{campaign}/", "campaigns/{other}/", "campaigns/?page_size=1"]
    for path in paths:
        sender.get(path)
    made = len(sender.made)
    sender.get(paths[-1])
    assert len(sender.made) == made
    sender.get(paths[0])
    assert len(sender.made) == made + 1


def test_it_is_kept_as_long_as_its_view_says(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    timed = Repeats(timer=lambda: now)
    monkeypatch.setattr("core.api.front.repeats", lambda: timed)
    sender.get()
    now = caching.KEPT_FOR - 1
    sender.get()
    assert len(sender.made) == 1
    now = caching.KEPT_FOR
    sender.get("campaigns/{other}/")
    assert "Loans" not in repr(timed._kept)  # noqa: SLF001 -- gone, not passed over
    sender.get()
    assert len(sender.made) == 3


def test_credentials_are_not_kept(sender: Sender) -> None:
    sender.get()
    kept = repeats.repeats()._kept  # noqa: SLF001 -- what nobody is to see
    assert kept
    assert sender.api.token not in repr(kept)


def test_questions_are_not_mixed_up() -> None:
    """Whatever a part of one says, it cannot pass for another part."""
    environ = dict.fromkeys(ASKED, "a") | {"REQUEST_METHOD": "GET"}
    others = [{**environ, name: "b"} for name in ASKED]
    others += [{**environ, ASKED[0]: one, ASKED[1]: ""} for one in ("aa", "a', 'a")]
    others += [{**environ, "PATH_INFO": one} for one in ("a\0a", "a\1")]
    others += [{**environ, "HTTP_ACCEPT": ""}]
    others += [{name: value for name, value in environ.items() if name != "HTTP_ACCEPT"}]
    questions = {question(one) for one in (environ, *others)}
    assert len(questions) == len(others) + 1


def test_below_another_address_nothing_is_a_question() -> None:
    """An answer's links would lead elsewhere."""
    environ = dict.fromkeys(ASKED, "a") | {"REQUEST_METHOD": "GET"}
    assert question({**environ, "SCRIPT_NAME": ""})
    assert question({**environ, "SCRIPT_NAME": "/below"}) is None
