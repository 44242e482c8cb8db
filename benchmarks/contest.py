"""What stands while it is measured: stores, caches, contestants."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import redis

from benchmarks import base, layout, processor, servers, stores, twin_store
from benchmarks.say import step
from tests.fixtures.services import postgres, valkey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.plan import Plan
    from benchmarks.servers import Kind, Server
    from benchmarks.stores import Store


_TWIN_REQUIREMENTS = base.PROJECT / "benchmarks" / "twin" / "requirements.txt"


@dataclass(kw_only=True)
class Contest:
    """Everything that a section may use; what it does not ask for is not set up."""

    plan: Plan
    postgres_url: str
    valkey_url: str
    directory: Path
    _stack: ExitStack
    counted_queries: dict[Kind, dict[str, tuple[int, int]]] = field(default_factory=dict)
    """What two sections want to know, and one counts."""
    _servers: dict[str, Server] = field(default_factory=dict)

    @cached_property
    def small(self) -> Store:
        """The store of 1,000 campaigns."""
        return self._store("small", layout.small())

    @cached_property
    def large(self) -> Store:
        """The store of very many campaigns."""
        return self._store("large", layout.large(self.plan))

    @cached_property
    def twins(self) -> Store:
        """The large store, with the tables of the twins."""
        with step("Copying the campaigns into the twin's own tables"):
            twin_store.fill(self.large.url)
            stores.analyze(self.large.url)
        return self.large

    def server(self, kind: Kind, *, small: bool = False) -> Server:
        """Return a contestant that runs until the bench ends."""
        name = f"{kind} small" if small else kind
        if name not in self._servers:
            store = self.small if small else self.large if kind == "ratecard" else self.twins
            variables = servers.variables(kind, store.url, self.valkey_url)
            context = servers.serving(
                kind,
                variables,
                self.directory,
                database=self.database,
                libraries=self.replaced_libraries if kind == "twin" else None,
            )
            self._servers[name] = self._stack.enter_context(context)
        return self._servers[name]

    @cached_property
    def replaced_libraries(self) -> Path:
        """Those that the server had that Ratecard replaces, where they mattered."""
        with step("Installing the twin's libraries"):
            return base.install(_TWIN_REQUIREMENTS, self.directory / "libraries")

    @cached_property
    def database(self) -> int:
        """The first process of PostgreSQL, whose children answer queries."""
        with psycopg.connect(self.postgres_url) as connection:
            return processor.parent_of(connection.info.backend_pid)

    def flush(self) -> None:
        """Empty the cache."""
        with redis.Redis.from_url(self.valkey_url) as client:
            client.flushall()

    def _store(self, name: str, plan: layout.Layout) -> Store:
        with step(f"Loading {len(plan.owners):,} campaigns of {len(plan.sizes):,} accounts"):
            url = stores.create(self.postgres_url, name)
            variables = servers.variables("ratecard", url)
            base.run_django(variables, "server/manage.py", "migrate", "--verbosity", "0")
            stores.load(url, plan)
            stores.analyze(url)
        return stores.Store(url=url, layout=plan)


@contextmanager
def contest(plan: Plan) -> Iterator[Contest]:
    """Start the databases, and stop all at the end."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="ratecard-bench-"))
        yield Contest(
            plan=plan,
            postgres_url=stack.enter_context(postgres(stores.POSTGRES_SETTINGS)),
            valkey_url=stores.cache(stack.enter_context(valkey())),
            directory=Path(directory),
            _stack=stack,
        )


def versions(found: Contest) -> dict[str, str]:
    """Return the versions of both databases."""
    with psycopg.connect(found.postgres_url) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    with redis.Redis.from_url(found.valkey_url) as client:
        info = client.info("server")
    return {
        "PostgreSQL": str(row[0]) if row else "?",
        "Valkey": str(info.get("valkey_version", info["redis_version"])),
    }
