"""Rows that are found by their ids first, and read then: on deep pages, and to be added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models.lookups import In

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

DEEP = 1_000
"""Rows before a page, from which on a QuerySet finds its ids, before it is read whole."""


class Among(In[Any]):
    """``IN`` of a subquery that is run once.

    Where PostgreSQL expects few rows, as of an account that imported thousands since statistics
    were made, it runs that of an ``IN`` once for each row that it looks at: minutes, for a page.
    """

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Ask whether it is in an array, which is made before anything else."""
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} = ANY(ARRAY{right})", (*left_values, *right_values)


def among(column: str, ids: str) -> str:
    """Return ``Among`` by hand.

    :param ids: a statement that selects them.
    """
    if connection.vendor == "postgresql":
        return f"{column} = ANY(ARRAY({ids}))"
    return f"{column} IN ({ids})"
