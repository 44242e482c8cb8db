"""Tokens: what they say, and which are not ours."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from django.conf import settings

from accounts.exceptions import InvalidToken
from accounts.tokens import KEY_PREFIX, Tokens, digest, session_of_access_token

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.tokens import TokenPair

SESSION = uuid.uuid4()


def issue(*, age: timedelta = timedelta(0)) -> TokenPair:
    return Tokens().issue(account_id=7, session_id=SESSION, at=datetime.now(UTC) - age)


def claims(text: str) -> dict[str, Any]:
    return dict(jwt.decode(text, options={"verify_signature": False}))


def forged(
    text: str, *, key: str | None = None, algorithm: str = "HS256", **changes: object
) -> str:
    """Return a token with other claims; None takes one away."""
    new = {name: value for name, value in {**claims(text), **changes}.items() if value is not None}
    ours = None if algorithm == "none" else settings.SIMPLE_JWT["SIGNING_KEY"]
    return jwt.encode(new, key or ours, algorithm=algorithm)


def test_a_pair_says_whose_session_it_is() -> None:
    pair = issue()
    assert session_of_access_token(pair.access) == SESSION
    read = Tokens().read_refresh(pair.refresh)
    assert (read.session_id, read.account_id) == (SESSION, 7)
    assert read.digest == pair.refresh_digest == digest(claims(pair.refresh)["jti"])


def test_access_lives_five_minutes_and_refresh_seven_days() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    pair = Tokens().issue(account_id=7, session_id=SESSION, at=at)
    lives = [claims(text)["exp"] - claims(text)["iat"] for text in (pair.access, pair.refresh)]
    assert lives == [5 * 60, 7 * 24 * 60 * 60]
    assert pair.refresh_expires_at == at + timedelta(days=7)


def test_a_token_that_was_good_before_expires_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = issue().access
    assert session_of_access_token(text) == SESSION
    expires_at = claims(text)["exp"]
    monkeypatch.setattr("accounts.tokens.time.time", lambda: expires_at - 0.001)
    assert session_of_access_token(text) == SESSION
    monkeypatch.setattr("accounts.tokens.time.time", lambda: float(expires_at))
    with pytest.raises(InvalidToken):
        session_of_access_token(text)


def test_each_pair_is_another() -> None:
    assert len({issue().refresh_digest for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("take", "read"),
    [
        (lambda pair: pair.access, session_of_access_token),
        (lambda pair: pair.refresh, Tokens().read_refresh),
    ],
    ids=["access", "refresh"],
)
class TestRefusals:
    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "another"},
            {"iss": None},
            {"aud": "another"},
            {"aud": None},
            {"token_type": "another"},
            {"token_type": None},
            {"exp": None},
            {"sid": None},
            {"sid": "no UUID"},
            {"sid": 7},
            {"jti": None},
            {"key": "another key, which has as many bits as ours"},
            {"algorithm": "HS512"},
            {"algorithm": "none"},
        ],
        ids=repr,
    )
    def test_what_we_did_not_sign_so_is_refused(
        self,
        take: Callable[[TokenPair], str],
        read: Callable[[str], object],
        changes: dict[str, Any],
    ) -> None:
        text = take(issue())
        assert read(forged(text))
        with pytest.raises(InvalidToken):
            read(forged(text, **changes))

    def test_the_other_kind_is_refused(
        self, take: Callable[[TokenPair], str], read: Callable[[str], object]
    ) -> None:
        pair = issue()
        [other] = {pair.access, pair.refresh} - {take(pair)}
        with pytest.raises(InvalidToken):
            read(other)

    def test_an_expired_one_is_refused(
        self, take: Callable[[TokenPair], str], read: Callable[[str], object]
    ) -> None:
        with pytest.raises(InvalidToken):
            read(take(issue(age=timedelta(days=8))))

    @pytest.mark.parametrize("text", ["", "x", "a.b.c", "é.é.é"])
    def test_what_is_no_token_is_refused(
        self, take: Callable[[TokenPair], str], read: Callable[[str], object], text: str
    ) -> None:
        with pytest.raises(InvalidToken):
            read(text)


def test_a_key_is_random_and_known_by_its_digest() -> None:
    secrets = [Tokens().new_key() for _ in range(3)]
    assert len({secret.text for secret in secrets}) == 3
    for secret in secrets:
        assert secret.text.startswith(KEY_PREFIX)
        assert len(secret.text) >= len(KEY_PREFIX) + 43  # 256 bits in base 64
        assert secret.digest == digest(secret.text)
        assert secret.text.startswith(secret.hint)
        assert len(secret.hint) == 12


def test_a_digest_is_sha_256() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
