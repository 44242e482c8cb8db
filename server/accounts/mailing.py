"""Mail to people, sent after the answer: how long it takes must not tell who gets some."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from accounts.resets import ResetLink

log = structlog.get_logger("ratecard.mail")

MOST_WAITING = 1_000
"""Mails of one process that may wait; while the mail server hangs, further ones are dropped."""


class MailThread:
    """Do one thing after the other, in a thread of its own.

    What waits is done before the process ends in order, and lost where it is killed: people ask
    again.
    """

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        """Start the thread with the first mail: a process that serves was forked by then."""
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        self._free = BoundedSemaphore(most_waiting)

    def soon(self, act: Callable[[], None]) -> None:
        """Have something done, unless too much waits already."""
        if not self._free.acquire(blocking=False):
            log.warning("mail_dropped")
            return
        self._executor.submit(act).add_done_callback(self._done)

    def wait(self) -> None:
        """Return when all that waits now has been done."""
        self._executor.submit(lambda: None).result()

    def _done(self, future: Future[None]) -> None:
        self._free.release()
        if error := future.exception():
            # The kind alone: mail servers quote the addresses that they refuse.
            log.error("mail_failed", error=type(error).__name__)


@cache
def mail_thread() -> MailThread:
    """Return this process's own."""
    return MailThread()


class ResetPostman:
    """Send the links of password resets."""

    def send_reset(self, *, to: str | None, link: ResetLink) -> None:
        """Send a link, and return before it is sent; the same is done where nobody gets one."""
        mail_thread().soon(lambda: _send(to, link))


def _send(to: str | None, link: ResetLink) -> None:
    """Write a mail for everybody, so that the work is the same, and send it to who gets one."""
    text = render_to_string(
        "mail/password_reset.txt",
        {"address": reset_address(link), "minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
    )
    message = EmailMessage("Reset your Ratecard password", text, to=[to or "nobody@example.com"])
    message.message().as_bytes()
    if to is None:
        return
    if settings.MAIL_IS_SET_UP:
        message.send()
    else:
        say_that_there_is_none()


@cache
def say_that_there_is_none() -> None:
    """Tell the operator, once, why nobody gets mail."""
    log.warning("mail_is_not_set_up", missing="EMAIL_URL")


def reset_address(link: ResetLink) -> str:
    """Return the address of the page that takes the new password.

    Its host comes from the settings and never from a request, whose Host anybody may have written.
    """
    page: str = settings.PASSWORD_RESET_URL
    page = page.replace("{uid}", link.uid).replace("{token}", link.token)
    return f"{settings.PUBLIC_URL}{page}" if page.startswith("/") else page
