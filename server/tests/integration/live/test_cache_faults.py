"""A cache that hangs, dies, refuses or comes back costs nobody an error, and then not even time."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from threading import Barrier
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.retry import Retry

from core.caching.answers import LARGEST_BYTES, AnswerCache, KeptAnswer
from core.caching.stores import BUILDING, MEMORY_BYTES, MemoryStore, RedisStore
from core.redis import RedisAway, RedisLink
from tests.fixtures.live import live_server, wait_until
from tests.fixtures.logs import captured_logs
from tests.fixtures.services import FragileValkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.fixtures.live import LiveServer

WORKERS = 2
PARALLEL = 16
REQUESTS = 64
MANY = 20
PASSWORD = "correct horse battery 9"
LIST = "/api/v1/campaigns/"
KEY = "1.2.3"
_numbers = count()
NAMESPACE = "ratecard:answer:"
ANSWER = KeptAnswer(etag='"1-1"', body=b'{"id": 1}')


class Wiretap:
    """Stand between a server and its Valkey, and write down what the server sends."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._sent: list[bytes] = []

    def __enter__(self) -> Self:
        listener = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.url = self._target._replace(
            netloc=f":{self._target.password}@127.0.0.1:{listener.getsockname()[1]}"
        ).geturl()
        self._stack.callback(listener.shutdown, socket.SHUT_RDWR)
        self._run(self._accept, listener)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stack.close()

    def named_since(self, mark: int) -> bool:
        """Tell whether a key of an answer was sent after what was there at a mark."""
        with self._lock:
            sent = b"".join(self._sent[mark:])
        return NAMESPACE.encode() in sent.replace(NAMESPACE.encode() + b"probe", b"")

    @property
    def mark(self) -> int:
        """How much has been sent so far."""
        with self._lock:
            return len(self._sent)

    def _run(self, work: Callable[..., None], *arguments: Any) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(
                        (self._target.hostname or "", self._target.port or 0)
                    )
                except OSError:  # it is dead: so are we
                    client.close()
                    continue
                self._run(self._pass_on, client, server, self._sent)
                self._run(self._pass_on, server, client, [])

    def _pass_on(self, source: socket.socket, target: socket.socket, written: list[bytes]) -> None:
        with source, suppress(OSError):
            while chunk := source.recv(65536):
                with self._lock:
                    written.append(chunk)
                target.sendall(chunk)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A server of two processes, what stands behind it, and a client of an account."""

    server: LiveServer
    cache: FragileValkey
    tap: Wiretap
    client: httpx.Client

    def said(self, event: str) -> int:
        """Count the lines of an event in the server's log."""
        return self.server.log_text().count(f'"{event}"')

    def read(self) -> None:
        """Read over many connections, and so from both processes; every answer is right.

        The addresses are new: what a process has been given once it asks nobody for again.
        """
        addresses = [f"{LIST}?search=nothing{next(_numbers)}" for _ in range(REQUESTS // 4)]
        with ThreadPoolExecutor(PARALLEL) as threads:
            found = list(threads.map(self.client.get, addresses * 4))
        assert {answer.status_code for answer in found} == {200}
        assert len({answer.content for answer in found}) == 1

    def assert_used(self) -> None:
        """See answers kept in Valkey."""
        wait_until(
            lambda: self.said("redis_back") == self.said("redis_away"),
            what="every process that had lost the cache has found it",
        )
        with self.cache.client() as administrator:
            administrator.flushall()
            self.read()
            assert administrator.keys(f"{NAMESPACE}*.*")

    def assert_left_alone(self) -> None:
        """See every request answered, and, once each process knows, none that asks the cache."""
        before, known_before = self.said("redis_away"), self.said("redis_back")

        def is_known() -> bool:
            mark = self.tap.mark
            self.read()
            return self.said("redis_away") > known_before and not self.tap.named_since(mark)

        wait_until(is_known, what="every process has noticed")
        said, mark = self.said("redis_away"), self.tap.mark
        self.read()
        assert not self.tap.named_since(mark)
        assert self.said("redis_away") == said <= before + WORKERS

    def assert_asked_in_vain(self) -> None:
        """See each process ask again, and not come back."""
        back, mark = self.said("redis_back"), self.tap.mark
        wait_until(lambda: self.tap.mark >= mark + 2 * WORKERS, what="it was asked again")
        assert self.said("redis_back") == back


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with FragileValkey() as cache, _scene(cache) as scene:
        yield scene


@pytest.fixture
def cache() -> Iterator[FragileValkey]:
    with FragileValkey() as cache:
        yield cache


@pytest.fixture
def store(cache: FragileValkey) -> Iterator[RedisStore]:
    """Yield the store by itself, with a client as the settings make it."""
    with Redis.from_url(
        cache.url, socket_timeout=0.25, socket_connect_timeout=0.25, retry=Retry(NoBackoff(), 0)
    ) as client:
        yield RedisStore(RedisLink(client), namespace=NAMESPACE)


def test_a_cache_that_hangs(scene: Scene) -> None:
    scene.assert_used()
    scene.cache.freeze()
    scene.assert_left_alone()
    scene.cache.thaw()
    scene.assert_used()


def test_a_cache_that_dies(scene: Scene) -> None:
    scene.assert_used()
    scene.cache.kill()
    scene.assert_left_alone()
    scene.cache.start()
    scene.assert_used()


def test_a_cache_that_was_never_there() -> None:
    with FragileValkey() as cache:
        cache.kill()
        with _scene(cache) as scene:
            scene.assert_left_alone()
            cache.start()
            scene.assert_used()


def test_a_cache_that_is_full_and_drops_nothing(scene: Scene) -> None:
    scene.assert_used()
    with scene.cache.client() as administrator:
        administrator.config_set("maxmemory", 1)
        scene.assert_left_alone()
        scene.assert_asked_in_vain()
        administrator.config_set("maxmemory", 0)
    scene.assert_used()
    assert "maxmemory" in scene.server.log_text()


def test_a_cache_that_takes_less_than_we_ask(scene: Scene) -> None:
    """As a Redis before 7 does, it refuses our SET that answers, and would take a plain one."""
    scene.assert_used()
    with scene.cache.client() as administrator:
        administrator.execute_command("ACL", "SETUSER", "default", "resetkeys", "%W~*")
        scene.assert_left_alone()
        scene.assert_asked_in_vain()
        administrator.execute_command("ACL", "SETUSER", "default", "allkeys")
    scene.assert_used()


def test_a_cache_whose_password_was_changed(scene: Scene) -> None:
    scene.assert_used()
    password, other = str(urlsplit(scene.cache.url).password), "another-password"
    with scene.cache.client() as administrator:
        administrator.config_set("requirepass", other)
        administrator.client_kill_filter(_type="normal", skipme=True)
        scene.assert_left_alone()
        scene.assert_asked_in_vain()
        administrator.config_set("requirepass", password)
    scene.assert_used()
    assert password not in scene.server.log_text()


def test_it_holds_what_the_memory_would(store: RedisStore) -> None:
    assert [store.claim("a"), store.claim("a"), store.claim("b")] == [None, BUILDING, None]
    store.put("a", b"value", seconds=100)
    assert store.claim("a") == b"value"
    store.forget("a")
    store.forget("never")
    assert [store.claim("a"), store.claim("a")] == [None, BUILDING]


def test_a_connection_that_was_ended_is_replaced(cache: FragileValkey, store: RedisStore) -> None:
    """As a balancer ends those that nobody uses: that is no reason to leave Redis alone."""
    store.claim("a")
    with cache.client() as administrator:
        assert administrator.client_kill_filter(_type="normal", skipme=True)
    assert store.claim("a") == BUILDING
    assert store.is_up


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt])
def test_an_answer_that_nobody_read_is_nobody_elses(
    cache: FragileValkey,
    store: RedisStore,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    """It comes when the next command has been sent already."""

    def broken(*_: object, **__: object) -> None:
        raise error

    store.put("a", b"of a", seconds=100)
    store.put("b", b"of b", seconds=100)
    cache.freeze()
    with monkeypatch.context() as patch:
        patch.setattr(AbstractConnection, "read_response", broken)
        with pytest.raises(error):
            store.claim("a")
    threading.Timer(0.1, cache.thaw).start()
    assert [store.claim("b"), store.claim("a")] == [b"of b", b"of a"]


def test_nothing_is_held_for_ever(cache: FragileValkey, store: RedisStore) -> None:
    store.claim("a")
    store.put("b", b"value", seconds=100.9)
    with cache.client() as client:
        assert 0 < client.pttl(NAMESPACE + "a") <= 1000
        assert 1000 < client.pttl(NAMESPACE + "b") <= 100_900
        assert client.dbsize() == 2


def test_of_twenty_who_ask_at_once_one_is_told_to_build(store: RedisStore) -> None:
    start = Barrier(MANY)

    def claim(_number: int) -> bytes | None:
        start.wait(60)
        return store.claim(KEY)

    with ThreadPoolExecutor(MANY) as threads:
        found = list(threads.map(claim, range(MANY)))
    assert found.count(None) == 1
    assert found.count(BUILDING) == MANY - 1


def test_what_a_process_built_or_was_given_it_does_not_ask_for_again(
    cache: FragileValkey, store: RedisStore
) -> None:
    def never() -> KeptAnswer:
        raise AssertionError("There was no need to build it.")

    one, other = (
        AnswerCache(near=MemoryStore(most_bytes=MEMORY_BYTES), far=store) for _ in range(2)
    )
    assert one.get(KEY, seconds=100, build=lambda: ANSWER) == ANSWER
    assert other.get(KEY, seconds=100, build=never) == ANSWER
    cache.kill()
    for asked in (one, other):
        assert asked.get(KEY, seconds=100, build=never) == ANSWER
    assert store.is_up  # nobody has asked it
    cache.start()


def test_what_is_not_shared_is_kept_without_it(cache: FragileValkey, store: RedisStore) -> None:
    answers = AnswerCache(near=MemoryStore(most_bytes=MEMORY_BYTES), far=store)
    built: list[KeptAnswer] = []

    def build() -> KeptAnswer:
        built.append(ANSWER)
        return ANSWER

    for _ in range(2):
        assert answers.get(KEY, seconds=100, build=build, is_shared=False) == ANSWER
    assert len(built) == 1
    with cache.client() as client:
        assert client.dbsize() == 0


def test_what_is_too_large_is_kept_nowhere(cache: FragileValkey, store: RedisStore) -> None:
    near = MemoryStore(most_bytes=MEMORY_BYTES)
    answers = AnswerCache(near=near, far=store)
    larger = KeptAnswer(etag='"1-1"', body=b"x" * LARGEST_BYTES)
    for _ in range(3):
        assert answers.get(KEY, seconds=100, build=lambda: larger) == larger
    assert not near.find(KEY)
    with cache.client() as client:
        assert client.memory_usage(NAMESPACE + KEY) < 1000


def test_many_who_meet_a_cache_that_hangs_are_all_answered(
    cache: FragileValkey, store: RedisStore
) -> None:
    answers = AnswerCache(near=MemoryStore(most_bytes=MEMORY_BYTES), far=store)
    start = Barrier(MANY)
    cache.freeze()

    def get(number: int) -> KeptAnswer:
        start.wait(60)
        return answers.get(str(number % 2), seconds=100, build=lambda: ANSWER)

    with captured_logs() as logged, ThreadPoolExecutor(MANY) as threads:
        assert list(threads.map(get, range(MANY))) == [ANSWER] * MANY
    assert len(logged.named("redis_away")) == 1
    assert not store.is_up
    cache.thaw()
    wait_until(lambda: store.is_up, what="it is found again")


@pytest.mark.parametrize("fails", [False, True])
def test_it_may_hang_while_an_answer_is_built(
    cache: FragileValkey, store: RedisStore, *, fails: bool
) -> None:
    answers = AnswerCache(near=MemoryStore(most_bytes=MEMORY_BYTES), far=store)

    def build() -> KeptAnswer:
        cache.freeze()
        if fails:
            raise LookupError("Not found.")
        return ANSWER

    if fails:
        with pytest.raises(LookupError):
            answers.get(KEY, seconds=100, build=build)
    else:
        assert answers.get(KEY, seconds=100, build=build) == ANSWER
    assert not store.is_up
    assert answers.get(KEY, seconds=100, build=lambda: ANSWER) == ANSWER  # near
    cache.thaw()
    wait_until(lambda: store.is_up, what="it is found again")


def test_what_it_refuses_is_a_store_that_is_away(cache: FragileValkey, store: RedisStore) -> None:
    with cache.client() as administrator:
        administrator.config_set("maxmemory", 1)
        for ask in (store.claim, lambda key: store.put(key, b"value", seconds=1)):
            with pytest.raises(RedisAway):
                ask(KEY)
        administrator.config_set("maxmemory", 0)
    wait_until(lambda: store.is_up, what="it is found again")
    assert store.claim(KEY) is None


@contextmanager
def _scene(cache: FragileValkey) -> Iterator[Scene]:
    account = {"email": "ada@example.com", "password": PASSWORD}
    body = {
        "title": "Loans",
        "landing_page_url": "https://shop.example.com/",
        "payouts": [{"country": None, "amount": "1.00", "currency": "EUR"}],
    }
    with (
        Wiretap(cache.url) as tap,
        live_server("production", workers=WORKERS, REDIS_URL=tap.url) as server,
        server.client() as client,
    ):
        access = client.post("/api/v1/auth/signup/", json=account).json()["access"]
        client.headers["Authorization"] = f"Bearer {access}"
        key = client.post("/api/v1/auth/keys/", json={"name": "Tests", "scope": "write"}).json()
        client.headers["Authorization"] = f"Bearer {key['key']}"  # does not expire
        assert client.post(LIST, json=body).status_code == 201
        yield Scene(server=server, cache=cache, tap=tap, client=client)
