"""Mail is sent after the answer, one after the other, and not without bound."""

from __future__ import annotations

from threading import Event

import pytest
from django.core.mail import EmailMessage

from accounts.mailing import MailThread, ResetPostman, mail_thread
from accounts.resets import ResetLink
from tests.fixtures.logs import captured_logs


def test_what_is_to_be_done_soon_is_done_in_order() -> None:
    thread, done = MailThread(), list[int]()
    for number in range(20):
        thread.soon(lambda number=number: done.append(number))  # type: ignore[misc]  # a default binds it now
    thread.wait()
    assert done == list(range(20))


def test_while_one_hangs_the_caller_goes_on_and_too_many_are_dropped() -> None:
    thread, release, done = MailThread(most_waiting=2), Event(), list[int]()

    def hang() -> None:
        release.wait(timeout=60)

    with captured_logs() as logged:
        thread.soon(hang)
        thread.soon(lambda: done.append(1))
        thread.soon(lambda: done.append(2))
    assert len(logged.named("mail_dropped")) == 1
    release.set()
    thread.wait()
    assert done == [1]
    thread.soon(lambda: done.append(3))
    thread.wait()
    assert done == [1, 3]


def test_one_that_fails_does_not_stop_the_next() -> None:
    thread, done = MailThread(), list[int]()

    def fail() -> None:
        raise OSError("550 no such mailbox: ada@example.com")

    with captured_logs() as logged:
        thread.soon(fail)
        thread.soon(lambda: done.append(1))
        thread.wait()
    assert done == [1]
    assert [line["error"] for line in logged.named("mail_failed")] == ["OSError"]
    assert "ada@" not in logged.text


@pytest.mark.parametrize("to", ["ada@example.com", None])
def test_one_is_written_for_who_gets_none_too(
    monkeypatch: pytest.MonkeyPatch, to: str | None
) -> None:
    """Else the thread would be free sooner, and the server a little faster, where nobody is."""
    written = list[str]()
    write = EmailMessage.message

    def noted(message: EmailMessage) -> object:
        written.append(str(message.body))
        return write(message)

    monkeypatch.setattr(EmailMessage, "message", noted)
    ResetPostman().send_reset(to=to, link=ResetLink(uid="MQ", token="token-of-a-link"))
    mail_thread().wait()
    assert "token-of-a-link" in written[0]
