"""factory_boy's declarations with types: it ships none for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from factory.declarations import LazyFunction, Sequence, SubFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from factory.django import DjangoModelFactory


def numbered(write: Callable[[int], str]) -> Any:
    """Give each object the text that goes with its number."""
    return Sequence(write)  # type: ignore[no-untyped-call]  # the untyped call that this is for


def computed(value: Callable[[], object]) -> Any:
    """Compute a value for each object."""
    return LazyFunction(value)  # type: ignore[no-untyped-call]  # as above


def made_by(made: type[DjangoModelFactory[Any]]) -> Any:
    """Make another object for each object."""
    return SubFactory(made)  # type: ignore[no-untyped-call]  # as above
