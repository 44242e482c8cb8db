"""A column for e-mail addresses."""

from __future__ import annotations

from typing import Any

from django.db import models


class LowercaseEmailField(models.EmailField):  # type: ignore[type-arg]  # not generic when it runs
    """An e-mail address in lower case, whoever writes it or asks for it.

    ``accounts.rules.clean_email`` makes addresses ASCII before they get here, so that the
    database's own LOWER, in the CHECK beside this column, agrees on both databases.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the value for the database, in lower case."""
        prepared = super().get_prep_value(value)
        return prepared.lower() if isinstance(prepared, str) else prepared
