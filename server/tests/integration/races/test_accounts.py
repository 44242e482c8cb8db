"""One address, one refresh token, one password, however many at once."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.live import wait_until
from tests.integration.races.arena import PARALLEL, PASSWORD, Call, statuses, winner

if TYPE_CHECKING:
    from tests.integration.races.arena import Arena

NEW_PASSWORD = "another horse altogether 7"
ROUNDS = 5


def test_of_twenty_sign_ups_with_one_address_one_succeeds(arena: Arena) -> None:
    email = f"{secrets.token_hex(6)}@example.com"
    forms = [email, email.upper(), email.title(), f" {email} "]
    answers = arena.race(
        Call(
            method="POST",
            path="auth/signup/",
            json={"email": forms[number % len(forms)], "password": PASSWORD},
        )
        for number in range(PARALLEL)
    )
    account = winner(answers, status=201, losers=(409, "email_taken"))
    assert account["account"]["email"] == email
    signed_in = arena.ask("POST", "auth/signin/", {"email": email, "password": PASSWORD})
    assert signed_in["account"] == account["account"]
    arena.use(account["access"])
    assert arena.ask("GET", "auth/sessions/")["count"] == 2


def test_of_twenty_refreshes_of_one_token_one_succeeds(arena: Arena) -> None:
    signed_in = arena.ask("POST", "auth/signin/", {"email": arena.email, "password": PASSWORD})
    refresh = signed_in["refresh"]
    for _ in range(ROUNDS):
        call = Call(method="POST", path="auth/refresh/", json={"refresh": refresh})
        tokens = winner(arena.race([call] * PARALLEL), status=200, losers=(401, "token_spent"))
        # The race has not cost the honest client its session: the successor works.
        arena.use(tokens["access"])
        assert arena.ask("GET", "auth/profile/")["email"] == arena.email
        refresh = tokens["refresh"]
    assert arena.ask("GET", "auth/sessions/")["count"] == 2


def test_a_session_that_is_ended_while_it_is_refreshed_has_ended(arena: Arena) -> None:
    for _ in range(ROUNDS):
        tokens = arena.ask("POST", "auth/signin/", {"email": arena.email, "password": PASSWORD})
        answers = arena.race(
            [
                Call(method="POST", path="auth/refresh/", json={"refresh": tokens["refresh"]}),
                Call(method="DELETE", path="auth/sessions/"),
            ]
        )
        assert answers[0].status_code in {200, 401}
        assert answers[1].status_code == 204
        latest = answers[0].json() if answers[0].status_code == 200 else tokens
        ended = {"refresh": latest["refresh"]}
        assert arena.ask("POST", "auth/refresh/", ended, expect=401)["code"] == "invalid_token"
        assert arena.ask("GET", "auth/sessions/")["count"] == 1


def test_no_sign_in_with_the_old_password_outlives_its_change(arena: Arena) -> None:
    """A sign-in that proved itself a moment before the change must not get a session after it."""
    passwords = [PASSWORD, NEW_PASSWORD]
    for number in range(ROUNDS):
        old, new = passwords[number % 2], passwords[1 - number % 2]
        sign_in = Call(
            method="POST", path="auth/signin/", json={"email": arena.email, "password": old}
        )
        change = Call(
            method="POST",
            path="auth/password/",
            json={"current_password": old, "new_password": new},
        )
        # Five at once are as many as may try from one network.
        answers = arena.race([sign_in] * 2 + [change] + [sign_in] * 2)
        assert answers[2].status_code == 204
        assert set(statuses(answers)) <= {200, 204, 401}
        assert arena.ask("GET", "auth/sessions/")["count"] == 1
        # Those that failed are forgotten with one that succeeds.
        arena.ask("POST", "auth/signin/", {"email": arena.email, "password": new})
        arena.ask("DELETE", "auth/sessions/", expect=204)


@pytest.mark.parametrize("known", [True, False])
def test_of_twenty_guesses_at_once_five_are_looked_at(arena: Arena, *, known: bool) -> None:
    email = arena.email if known else f"{secrets.token_hex(6)}@example.com"
    guesses = [
        Call(
            method="POST",
            path="auth/signin/",
            json={"email": email, "password": f"guess number {number}"},
        )
        for number in range(PARALLEL)
    ]
    answers = arena.race(guesses)
    assert statuses(answers) == {401: 5, 429: PARALLEL - 5}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.json()["code"] for answer in refused} == {"too_many_attempts"}
    # About the minute of the first lock, and not the two of a second one.
    assert all(0 < int(answer.headers["Retry-After"]) < 100 for answer in refused)
    # Not even the right one is looked at.
    body = {"email": email, "password": PASSWORD}
    assert arena.ask("POST", "auth/signin/", body, expect=429)["code"] == "too_many_attempts"


def test_of_ten_resets_with_one_token_one_succeeds(arena: Arena) -> None:
    arena.ask("POST", "auth/password/reset/", {"email": arena.email}, expect=202)
    mailed = re.compile(rf"To: {arena.email}\n.*?/reset/([\w-]+)/([\w-]+)/\n", re.DOTALL)
    wait_until(lambda: mailed.search(arena.server.log_text()) is not None, what="the mail")
    [(uid, token)] = mailed.findall(arena.server.log_text())
    passwords = [f"{NEW_PASSWORD} {number}" for number in range(10)]
    answers = arena.race(
        Call(
            method="POST",
            path="auth/password/reset/confirm/",
            json={"uid": uid, "token": token, "password": password},
        )
        for password in passwords
    )
    winner(answers, status=204, losers=(400, "invalid_reset_token"))
    [chosen] = [
        password
        for password, answer in zip(passwords, answers, strict=True)
        if answer.status_code == 204
    ]
    assert arena.ask("GET", "auth/profile/", expect=401)["code"] == "invalid_token"
    arena.use(
        arena.ask("POST", "auth/signin/", {"email": arena.email, "password": chosen})["access"]
    )
    assert arena.ask("GET", "auth/sessions/")["count"] == 1


def test_of_twenty_revocations_of_one_key_one_succeeds(arena: Arena) -> None:
    key = arena.ask("POST", "auth/keys/", {"name": "Export", "scope": "read"}, expect=201)
    answers = arena.race([Call(method="DELETE", path=f"auth/keys/{key['id']}/")] * PARALLEL)
    winner(answers, status=204, losers=(404, "not_found"))
