"""The commands in README.md and docs/api.md, run as they stand, answer what the pages show.

Every ``sh`` block of a page is run, in one shell from top to bottom. The block that follows it,
``json`` or ``text``, is what it must have printed: up to ids, times, tokens and the address.
A ``sh`` block without such a block prints nothing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.fixtures.live import PROJECT, live_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "http://127.0.0.1:8000"
END_OF_BLOCK = "\x1e"
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
DIFFERS = [
    (re.compile(r"http://127\.0\.0\.1:\d+"), "<address>"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"), "<time>"),
    (re.compile(r"tour-\d+@"), "tour-<time>@"),
    (re.compile(r"\beyJ[\w.-]+…?"), "<token>"),
    (re.compile(r"\brck_[\w-]+…?"), "<key>"),
    (re.compile(r"\bcursor=[\w%:.-]+…?"), "cursor=<cursor>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<request>"),
    (re.compile(r'(?<="id": )\d+'), "0"),
    (re.compile(r"(?<=/)\d+(?=/)"), "<id>"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Some commands, and what the page says that they print."""

    commands: str
    shown: str = ""
    is_json: bool = False


@pytest.fixture
def address() -> Iterator[str]:
    """Serve from an empty database: two walks in one second would sign up the same address."""
    with live_server(WORKER="beside") as server:
        yield server.url


@pytest.mark.system  # curl
@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_the_page_shows_what_its_commands_print(page: str, shell: str, address: str) -> None:
    steps = read_steps(page)

    printed = run([step.commands.replace(ADDRESS, address) for step in steps], shell=shell)

    assert len(printed) == len(steps)
    for step, text in zip(steps, printed, strict=True):
        assert comparable(text, step) == comparable(step.shown, step), step.commands


def read_steps(page: str) -> list[Step]:
    """Return the commands of a page, each with the block that follows it."""
    blocks = FENCE.findall((PROJECT / page).read_text(encoding="utf-8"))
    steps = []
    for (kind, text), (next_kind, next_text) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if kind != "sh":
            continue
        if next_kind in {"json", "text"}:
            steps.append(Step(commands=text, shown=next_text, is_json=next_kind == "json"))
        else:
            steps.append(Step(commands=text))
    assert steps, f"{page} has no sh blocks"
    return steps


def run(blocks: list[str], *, shell: str) -> list[str]:
    """Run blocks of commands in one shell, and return what each printed."""
    done = subprocess.run(  # noqa: S603 -- the shell is one of two names, the commands are our pages
        [shell, "-u"],
        input=f"\nprintf '{END_OF_BLOCK}'\n".join(blocks),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        # A proxy of the developer's machine does not lead to this machine's own ports.
        env=os.environ | {"no_proxy": "127.0.0.1", "LC_ALL": "C.UTF-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split(END_OF_BLOCK)


def comparable(text: str, step: Step) -> Any:
    """Return printed text as two runs of a page have it in common."""
    for pattern, replacement in DIFFERS:
        text = pattern.sub(replacement, text)
    return json.loads(text) if step.is_json else text.split()
