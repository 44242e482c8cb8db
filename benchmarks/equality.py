"""Contestants that do not answer alike are not compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks import traffic
from benchmarks.base import BenchError
from benchmarks.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.layout import Layout
    from benchmarks.servers import Server
    from benchmarks.traffic import Request

_OWN = {"id", "created_at", "updated_at"}
"""What differs between two campaigns that were made alike at two moments."""


def check(readers: Sequence[Server], writers: Sequence[Server], layout: Layout) -> None:
    """Compare what the contestants answer.

    :raises BenchError: they differ.
    """
    account = layout.hundreds[-1]
    campaign = layout.campaigns[account][7]
    paths = [
        *(f"{traffic.CAMPAIGNS}?ordering={ordering}" for ordering in traffic.ORDERINGS),
        traffic.CAMPAIGNS,
        f"{traffic.CAMPAIGNS}?page=2",
        f"{traffic.CAMPAIGNS}{campaign}/",
    ]
    for path in paths:
        _compare(readers, traffic.Request(account=account, path=path), leave_out=set())
    new = next(traffic.new_campaigns(layout, label="Equal", requests=1))
    _compare(writers, new, leave_out=_OWN)
    for verb in ("stop", "start"):
        request = traffic.Request(
            account=account, path=f"{traffic.CAMPAIGNS}{campaign}/{verb}/", method="POST"
        )
        _compare(writers, request, leave_out={"updated_at", "version"})


def _compare(servers: Sequence[Server], request: Request, *, leave_out: set[str]) -> None:
    answers = []
    for server in servers:
        with Probe(server.port) as probe:
            answer = probe.request(request)
        if not answer.is_good:
            raise BenchError(
                f"{server.name} answers {answer.status} to {request.method} {request.path}: "
                f"{answer.body[:500]!r}\n{server.end_of_log()}"
            )
        answers.append(_without(answer.json, leave_out))
    for server, answer in zip(servers[1:], answers[1:], strict=True):
        if answer != answers[0]:
            raise BenchError(
                f"{servers[0].name} and {server.name} answer {request.method} {request.path} "
                f"differently:\n{_difference(answers[0], answer)}"
            )


def _without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    return [_without(inner, names) for inner in value] if isinstance(value, list) else value


def _difference(one: Any, other: Any, path: str = "") -> str:
    """Name the first place where two values differ."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(name, one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(place), a, b) for place, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return f"{path or '/'}: {one!r} and {other!r}"
    return next((_difference(a, b, f"{path}/{name}") for name, a, b in pairs if a != b), "")
