"""A command of accounts that breaks a rule cannot be made, by any door."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.commands import ChangeProfile, CreateKey, SignIn, SignUp
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
    assert SignIn(email="nobody", password="x", device="").email == ""
