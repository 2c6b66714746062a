"""The ledger's head row, and triggers that refuse to change or delete a decision or what it
recorded."""

from django.db import migrations

GENESIS = "00" * 32
TABLES = ("decision", "recordedcontent")
EVENTS = ("UPDATE", "DELETE")

# By database. Tests import them to drop and create the triggers.
CREATE_TRIGGERS = {
    "sqlite": [
        f"""
        CREATE TRIGGER {table}_append_only_{event.lower()}
        BEFORE {event} ON commitments_{table}
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
        """
        for table in TABLES
        for event in EVENTS
    ],
    "postgresql": [
        """
        CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'decisions are append-only'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        *(
            f"""
            CREATE TRIGGER {table}_append_only_rows
            BEFORE UPDATE OR DELETE ON commitments_{table}
            FOR EACH ROW EXECUTE FUNCTION ledger_append_only()
            """
            for table in TABLES
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_table
            BEFORE TRUNCATE ON commitments_{table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()
            """
            for table in TABLES
        ),
    ],
}
DROP_TRIGGERS = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS {table}_append_only_{event.lower()}"
        for table in TABLES
        for event in EVENTS
    ],
    "postgresql": [
        *(
            f"DROP TRIGGER IF EXISTS {table}_append_only_{level} ON commitments_{table}"
            for table in TABLES
            for level in ("rows", "table")
        ),
        "DROP FUNCTION IF EXISTS ledger_append_only()",
    ],
}


def create_head(apps, schema_editor):
    apps.get_model("commitments", "LedgerHead").objects.get_or_create(
        id=1, defaults={"seq": 0, "hash": GENESIS}
    )


def create_triggers(apps, schema_editor):
    for statement in CREATE_TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop_triggers(apps, schema_editor):
    for statement in DROP_TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0002_roles")]

    operations = [
        migrations.RunPython(create_head, migrations.RunPython.noop),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
