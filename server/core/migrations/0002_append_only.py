"""Refuse UPDATE and DELETE on the history, in the database itself.

Django rebuilds a SQLite table when it alters it, and drops its triggers without a word: on SQLite
a later migration that alters the table must end by creating them again
(tests/integration/core/test_event_triggers.py asks the database for them).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = """
CREATE FUNCTION core_event_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'core_event is append-only: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER core_event_append_only BEFORE UPDATE OR DELETE ON core_event
    FOR EACH ROW EXECUTE FUNCTION core_event_refuse_change();
"""

POSTGRESQL_BACK = """
DROP TRIGGER core_event_append_only ON core_event;
DROP FUNCTION core_event_refuse_change();
"""

SQLITE = (
    """
CREATE TRIGGER core_event_no_update BEFORE UPDATE ON core_event
BEGIN SELECT RAISE(ABORT, 'core_event is append-only: UPDATE is refused'); END
""",
    """
CREATE TRIGGER core_event_no_delete BEFORE DELETE ON core_event
BEGIN SELECT RAISE(ABORT, 'core_event is append-only: DELETE is refused'); END
""",
    # REPLACE deletes without asking the trigger above.
    """
CREATE TRIGGER core_event_no_replace BEFORE INSERT ON core_event
WHEN EXISTS (SELECT 1 FROM core_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'core_event is append-only: REPLACE is refused'); END
""",
)

SQLITE_BACK = (
    "DROP TRIGGER core_event_no_update",
    "DROP TRIGGER core_event_no_delete",
    "DROP TRIGGER core_event_no_replace",
)


def add_triggers(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers, in the words of the database that is there."""
    statements = (POSTGRESQL,) if editor.connection.vendor == "postgresql" else SQLITE
    for statement in statements:
        editor.execute(statement, params=None)


def remove_triggers(_apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the triggers."""
    statements = (POSTGRESQL_BACK,) if editor.connection.vendor == "postgresql" else SQLITE_BACK
    for statement in statements:
        editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Add the triggers."""

    dependencies: ClassVar = [("core", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(add_triggers, remove_triggers)]
