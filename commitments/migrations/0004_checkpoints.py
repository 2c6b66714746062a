"""Triggers that refuse to change or delete a checkpoint, a cosignature or a node of the ledger's
tree."""

from django.db import migrations

TABLES = ("checkpoint", "cosignature", "ledgernode")
# By these columns SQLite's `INSERT OR REPLACE` finds a row to delete, for which it runs no trigger.
UNIQUE = {
    "checkpoint": ("size", "key"),
    "cosignature": ("checkpoint_id", "key"),
    "ledgernode": ("level", "number"),
}
REFUSAL = "checkpoints are append-only"


def replacing(table):
    """Return the condition that a new row would take the place of one, on SQLite."""
    same = " AND ".join(f"{column} = NEW.{column}" for column in UNIQUE[table])
    return f"EXISTS (SELECT 1 FROM commitments_{table} WHERE id = NEW.id OR {same})"  # noqa: S608


# By database. Tests import them to drop and create the triggers.
CREATE_TRIGGERS = {
    "sqlite": [
        f"""
        CREATE TRIGGER {table}_append_only_{event}
        BEFORE {event.upper()} ON commitments_{table} {condition}
        BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
        """
        for table in TABLES
        for event, condition in (
            ("update", ""),
            ("delete", ""),
            ("insert", f"WHEN {replacing(table)}"),
        )
    ],
    "postgresql": [
        f"""
        CREATE FUNCTION checkpoint_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        *(
            f"""
            CREATE TRIGGER {table}_append_only_{name}
            BEFORE {event} ON commitments_{table}
            FOR EACH {each} EXECUTE FUNCTION checkpoint_append_only()
            """
            for table in TABLES
            for name, event, each in (
                ("row", "UPDATE OR DELETE", "ROW"),
                ("table", "TRUNCATE", "STATEMENT"),
            )
        ),
    ],
}
DROP_TRIGGERS = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS {table}_append_only_{event}"
        for table in TABLES
        for event in ("update", "delete", "insert")
    ],
    "postgresql": [
        *(
            f"DROP TRIGGER IF EXISTS {table}_append_only_{event} ON commitments_{table}"
            for table in TABLES
            for event in ("row", "table")
        ),
        "DROP FUNCTION IF EXISTS checkpoint_append_only()",
    ],
}


def create_triggers(apps, schema_editor):
    for statement in CREATE_TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop_triggers(apps, schema_editor):
    for statement in DROP_TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0003_ledger")]

    operations = [migrations.RunPython(create_triggers, drop_triggers)]
