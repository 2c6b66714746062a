"""The ledger's head row, and triggers that refuse to change or delete a decision or what it
recorded, and ratings. The one change that they let through is an erasure."""

from django.db import migrations

GENESIS = "00" * 32
TABLES = ("decision", "recordedcontent")
# Tables of which nothing is ever erased.
FINAL_TABLES = ("rating",)
# What an erasure may empty; of a content, it takes texts out, and its digest stays.
ERASABLE = {
    "decision": ("note", "note_salt", "subject_key", "meta"),
    "recordedcontent": ("content", "subject_key"),
}
# Every other column but `erased_by`: SQLite has to have them one by one.
FIXED = {
    "decision": (
        "id",
        "seq",
        "at",
        "action",
        "plan_id",
        "commitment_id",
        "update_id",
        "subject_type",
        "actor_id",
        "role",
        "content_version",
        "content_sha256",
        "note_commit",
        "actor_salt",
        "actor_commit",
        "entry_sha256",
        "hash",
    ),
    "recordedcontent": ("id", "decision_id", "subject_type", "commitment_id", "sha256"),
}
# By these columns SQLite's `INSERT OR REPLACE` finds a row to delete, for which it runs no trigger.
UNIQUE = {
    "decision": ("id", "seq", "hash"),
    "recordedcontent": ("id",),
    "rating": ("id", "decision_id"),
}
# The sequence number of the decision that is changed, or whose content is.
SEQ = {
    "decision": "OLD.seq",
    "recordedcontent": "(SELECT seq FROM commitments_decision WHERE id = OLD.decision_id)",
}
# The conditions of an erasure, apart from that all other columns stay. The decision that it names
# is an `erase` which names the changed row in turn.
NAMED = {
    "sqlite": """
        EXISTS (
            SELECT 1
            FROM commitments_decision AS erasing, json_each(erasing.meta, '$.links') AS link
            WHERE erasing.id = NEW.erased_by_id AND erasing.action = 'erase'
            AND link.value = {seq}
        )
    """,
    "postgresql": """
        EXISTS (
            SELECT 1 FROM commitments_decision AS erasing
            WHERE erasing.id = NEW.erased_by_id AND erasing.action = 'erase'
            AND erasing.meta -> 'links' @> to_jsonb({seq})
        )
    """,
}
# A column of the decision stays or is emptied; the note goes with its salt.
EMPTIED = {
    "decision": """
        (NEW.note = OLD.note AND NEW.note_salt = OLD.note_salt
            OR NEW.note = '' AND NEW.note_salt = '')
        AND NEW.subject_key IN (OLD.subject_key, '')
        AND (NEW.meta = OLD.meta OR NEW.meta = '{}')
    """,
    "recordedcontent": "NEW.subject_key IN (OLD.subject_key, '') AND OLD.content IS NOT NULL",
}


def erasing(table, vendor):
    """Return the condition that a change of a row is an erasure."""
    if vendor == "sqlite":
        same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in FIXED[table])
    else:
        columns = "".join(f" - '{column}'" for column in (*ERASABLE[table], "erased_by_id"))
        same = f"to_jsonb(NEW){columns} = to_jsonb(OLD){columns}"
    named = NAMED[vendor].format(seq=SEQ[table])
    return f"{same} AND {EMPTIED[table]} AND {named}"


def replacing(table):
    """Return the condition that a new row would take the place of one, on SQLite."""
    same = " OR ".join(f"{column} = NEW.{column}" for column in UNIQUE[table])
    if table == "rating":
        same += """
            OR update_id = NEW.update_id AND rater_id = NEW.rater_id
            AND basis_sha256 = NEW.basis_sha256
        """
    if table == "recordedcontent":
        same += """
            OR decision_id = NEW.decision_id AND subject_type = NEW.subject_type
            AND subject_key = NEW.subject_key
        """
    return f"EXISTS (SELECT 1 FROM commitments_{table} WHERE {same})"  # noqa: S608 (names of ours)


# By database. Tests import them to drop and create the triggers.
CREATE_TRIGGERS = {
    "sqlite": [
        *(
            f"""
            CREATE TRIGGER {table}_append_only_update
            BEFORE UPDATE ON commitments_{table} WHEN NOT ({erasing(table, "sqlite")})
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
            """
            for table in TABLES
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_update
            BEFORE UPDATE ON commitments_{table}
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
            """
            for table in FINAL_TABLES
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_delete
            BEFORE DELETE ON commitments_{table}
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
            """
            for table in (*TABLES, *FINAL_TABLES)
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_insert
            BEFORE INSERT ON commitments_{table} WHEN {replacing(table)}
            BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END
            """
            for table in (*TABLES, *FINAL_TABLES)
        ),
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
            CREATE FUNCTION {table}_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {erasing(table, "postgresql")} THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'decisions are append-only'
                USING ERRCODE = 'integrity_constraint_violation';
            END $$
            """
            for table in TABLES
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_update
            BEFORE UPDATE ON commitments_{table}
            FOR EACH ROW EXECUTE FUNCTION {table}_only_erased()
            """
            for table in TABLES
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_update
            BEFORE UPDATE ON commitments_{table}
            FOR EACH ROW EXECUTE FUNCTION ledger_append_only()
            """
            for table in FINAL_TABLES
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_delete
            BEFORE DELETE ON commitments_{table}
            FOR EACH ROW EXECUTE FUNCTION ledger_append_only()
            """
            for table in (*TABLES, *FINAL_TABLES)
        ),
        *(
            f"""
            CREATE TRIGGER {table}_append_only_table
            BEFORE TRUNCATE ON commitments_{table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()
            """
            for table in (*TABLES, *FINAL_TABLES)
        ),
    ],
}
DROP_TRIGGERS = {
    "sqlite": [
        f"DROP TRIGGER IF EXISTS {table}_append_only_{event}"
        for table in (*TABLES, *FINAL_TABLES)
        for event in ("update", "delete", "insert")
    ],
    "postgresql": [
        *(
            f"DROP TRIGGER IF EXISTS {table}_append_only_{event} ON commitments_{table}"
            for table in (*TABLES, *FINAL_TABLES)
            for event in ("update", "delete", "table")
        ),
        *(f"DROP FUNCTION IF EXISTS {table}_only_erased()" for table in TABLES),
        "DROP FUNCTION IF EXISTS ledger_append_only()",
    ],
}


def create_head(apps, schema_editor):
    apps.get_model("commitments", "LedgerHead").objects.get_or_create(
        id=1, defaults={"seq": 0, "hash": GENESIS}
    )


def create_triggers(apps, schema_editor):
    for statement in CREATE_TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop_triggers(apps, schema_editor):
    for statement in DROP_TRIGGERS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0002_roles")]

    operations = [
        migrations.RunPython(create_head, migrations.RunPython.noop),
        migrations.RunPython(create_triggers, drop_triggers),
    ]
