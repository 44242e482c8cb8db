"""Passwords: hashing them, comparing them, judging them."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password, make_password

from accounts.hashers import ModestArgon2PasswordHasher
from accounts.passwords import Passwords

PASSWORD = "correct horse battery staple"


def test_a_hash_is_salted_and_matches_its_password_only() -> None:
    passwords = Passwords()
    one, other = passwords.hash(PASSWORD), passwords.hash(PASSWORD)
    assert one != other
    assert PASSWORD not in one
    assert passwords.matches(PASSWORD, one)
    assert not passwords.matches(PASSWORD.upper(), one)


def test_no_hash_matches_nothing_and_is_hashed_against_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashed: list[str] = []
    monkeypatch.setattr("accounts.passwords.make_password", hashed.append)
    assert not Passwords().matches(PASSWORD, None)
    assert hashed == [PASSWORD]


@pytest.mark.parametrize("encoded", ["", "!", "unusable"])
def test_a_broken_hash_matches_nothing(encoded: str) -> None:
    assert not Passwords().matches(PASSWORD, encoded)


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        (PASSWORD, []),
        ("x7#Q", ["password_too_short"]),
        ("password1", ["password_too_common"]),
        ("4718293650", ["password_entirely_numeric"]),
        ("lovelace@example.com", ["password_too_similar"]),
        ("Countess Ada", ["password_too_similar"]),
        ("1234", ["password_too_short", "password_too_common", "password_entirely_numeric"]),
    ],
)
def test_every_weakness_is_named(password: str, codes: list[str]) -> None:
    found = Passwords().weaknesses(
        password, email="lovelace@example.com", display_name="Countess Ada"
    )
    assert [weakness.code for weakness in found] == codes
    assert all(weakness.detail for weakness in found)


def test_the_real_hasher_takes_what_owasp_asks_for() -> None:
    encoded = make_password(PASSWORD, hasher=ModestArgon2PasswordHasher())
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in encoded
    assert check_password(PASSWORD, encoded)
