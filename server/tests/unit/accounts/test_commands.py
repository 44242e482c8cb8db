"""A command of accounts that breaks a rule cannot be made, by any door."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.commands import AskForReset, ChangeProfile, CreateKey, SignIn, SignUp
from core.exceptions import RuleViolation

NEW: dict[str, Any] = {"email": "ada@example.com", "password": "x", "device": ""}
OWN: dict[str, Any] = {"account_id": 1, "actor_id": 1}


def test_signing_up_cleans_what_it_is_given() -> None:
    command = SignUp(**NEW | {"email": " Ada@EXAMPLE.com ", "display_name": " Ada "})
    assert (command.email, command.display_name) == ("ada@example.com", "Ada")


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"display_name": "a\u202eb"},
        {"time_zone": "Mars/Olympus"},
        {"default_currency": "XAU"},
    ],
    ids=repr,
)
def test_signing_up_refuses_what_is_wrong(wrong: dict[str, str]) -> None:
    with pytest.raises(RuleViolation):
        SignUp(**NEW | wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"display_name": "x" * 101}, {"time_zone": ""}, {"default_currency": "eur"}],
    ids=repr,
)
def test_a_profile_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(RuleViolation):
        ChangeProfile(**OWN, **wrong)


def test_a_key_has_a_name() -> None:
    with pytest.raises(RuleViolation):
        CreateKey(**OWN, name=" ", scope="read")


def test_signing_in_with_no_address_finds_nobody() -> None:
    command = SignIn(email=" Nobody", password="x", device="", network="203.0.113.7")
    assert (command.email, command.claimed) == ("", "nobody")


def test_attempts_count_for_an_address_however_it_is_written() -> None:
    commands = [
        SignIn(email=email, password="x", device="", network="203.0.113.7")
        for email in ("ada@bücher.example", " ADA@xn--bcher-kva.example ")
    ]
    assert {command.claimed for command in commands} == {"ada@xn--bcher-kva.example"}
    assert AskForReset(email="Ada@Example.com").claimed == "ada@example.com"
