"""The ledger's head row, and triggers that refuse to change or delete a decision."""

from django.db import migrations

GENESIS = "00" * 32
TABLE = "commitments_decision"

# By database. Tests import them to drop and create the triggers.
CREATE_TRIGGERS = {
    "sqlite": [
        f"""
        CREATE TRIGGER decision_append_only_{event.lower()}
        BEFORE {event} ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
        """
        for event in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        """
        CREATE FUNCTION decision_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'decisions are append-only'
            USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"""
        CREATE TRIGGER decision_append_only_rows BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION decision_append_only()
        """,
        f"""
        CREATE TRIGGER decision_append_only_table BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION decision_append_only()
        """,
    ],
}
DROP_TRIGGERS = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS decision_append_only_{event}" for event in ("update", "delete")
    ],
    "postgresql": [
        f"DROP TRIGGER IF EXISTS decision_append_only_rows ON {TABLE}",
        f"DROP TRIGGER IF EXISTS decision_append_only_table ON {TABLE}",
        "DROP FUNCTION IF EXISTS decision_append_only()",
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
