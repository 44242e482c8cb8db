"""Mails of password resets: three to one address, however many ask; none is lost at the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.fixtures.live import STOPPED_WITHIN_SECONDS, LiveServer, live_server

PARALLEL = 20
EMAIL = "ada@example.com"


def test_of_twenty_requests_at_once_three_send_a_mail() -> None:
    with live_server(workers=2, threads=8) as server:
        with server.client() as client:
            account = {"email": EMAIL, "password": "correct horse battery 9"}
            assert client.post("/api/v1/auth/signup/", json=account).status_code == 201
        with ThreadPoolExecutor(PARALLEL) as threads:
            answers = list(threads.map(lambda _: ask(server), range(PARALLEL)))
        assert answers == [(202, b"")] * PARALLEL
        # It ends as an operator would end it, with what it had promised to send sent.
        server.process.terminate()
        server.process.wait(timeout=STOPPED_WITHIN_SECONDS)
        log = server.log_text()
        assert log.count(f"To: {EMAIL}\n") == 3
        # The links lead to the address of the settings, whatever Host was asked for.
        assert log.count(f"{server.url}/reset/") == 3


def ask(server: LiveServer) -> tuple[int, bytes]:
    with server.client() as client:
        answer = client.post(
            "/api/v1/auth/password/reset/",
            json={"email": EMAIL},
            headers={"Host": "ratecard.example"},
        )
        return answer.status_code, answer.content
