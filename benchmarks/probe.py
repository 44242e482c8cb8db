"""One connection that times single requests, with next to no cost of its own."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import orjson

from benchmarks.base import HOST
from benchmarks.tokens import token

if TYPE_CHECKING:
    from types import TracebackType

    from benchmarks.traffic import Request

TIMEOUT_SECONDS = 60
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, and after how many milliseconds."""

    status: int
    body: bytes
    milliseconds: float

    @property
    def is_good(self) -> bool:
        """Whether the request was done."""
        return 200 <= self.status < 300  # noqa: PLR2004 -- HTTP's class of success

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)


class Probe:
    """A connection that stays open, as a proxy's does."""

    def __init__(self, port: int) -> None:
        self.host = HOST
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def request(self, request: Request) -> Answer:
        """Send a request as its account."""
        return self.send(
            request.method, request.path, bearer=token(request.account), body=request.text
        )

    def get(self, path: str, *, bearer: str) -> Answer:
        """Read something."""
        return self.send("GET", path, bearer=bearer)

    def send(self, method: str, path: str, *, bearer: str, body: str = "") -> Answer:
        """Send a request and wait for the whole answer.

        :raises ConnectionError: the server hung up, or does not say how long its answer is.
        """
        content = body.encode()
        # The headers of walk.lua, and no others: to what it asks then, the answer is the same.
        kind = "Content-Type: application/json\r\n" if content else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nX-Forwarded-Proto: https\r\n"
            f"Authorization: Bearer {bearer}\r\n{kind}Content-Length: {len(content)}\r\n\r\n"
        )
        started = time.perf_counter()
        self._socket.sendall(head.encode() + content)
        status, answer = self._read()
        took = (time.perf_counter() - started) * 1000
        return Answer(status=status, body=answer, milliseconds=took)

    def _read(self) -> tuple[int, bytes]:
        received = self._socket.recv(262_144)
        while _END_OF_HEAD not in received:
            received += self._more()
        head, _, body = received.partition(_END_OF_HEAD)
        lines = head.lower().split(b"\r\n")
        lengths = [line for line in lines if line.startswith(b"content-length:")]
        if not lengths:
            raise ConnectionError(f"An answer without its length: {head!r}")
        length = int(lengths[0].partition(b":")[2])
        pieces, missing = [body], length - len(body)
        while missing > 0:
            pieces.append(self._more())
            missing -= len(pieces[-1])
        return int(head.split(b" ", 2)[1]), b"".join(pieces)

    def _more(self) -> bytes:
        piece = self._socket.recv(262_144)
        if not piece:
            raise ConnectionError("The server hung up in the middle of an answer.")
        return piece
