"""Indexes of the trigrams of search indexes, by which a search finds rows without reading all.

SQLite has them in virtual tables, which triggers keep equal to the rows. A later migration that
makes one of these tables anew on SQLite drops its triggers: let it create them again. One that
renames a table renames it in the function on PostgreSQL too.
"""

from django.db import migrations

TABLES = ("commitment", "progressupdate", "evidence")

CREATE_INDEXES = {
    "sqlite": [
        statement
        for table in TABLES
        for name in [f"commitments_{table}_trigrams"]
        for statement in (
            f"""
            CREATE VIRTUAL TABLE {name} USING fts5(
                search_index, content='commitments_{table}', content_rowid='id',
                tokenize='trigram case_sensitive 1', detail='none', columnsize=0
            )
            """,
            f"INSERT INTO {name} ({name}) VALUES ('rebuild')",  # noqa: S608 (names of ours)
            f"""
            CREATE TRIGGER {table}_trigrams_insert AFTER INSERT ON commitments_{table}
            BEGIN
                INSERT INTO {name} (rowid, search_index) VALUES (NEW.id, NEW.search_index);
            END
            """,  # noqa: S608
            f"""
            CREATE TRIGGER {table}_trigrams_delete AFTER DELETE ON commitments_{table}
            BEGIN
                INSERT INTO {name} ({name}, rowid, search_index)
                VALUES ('delete', OLD.id, OLD.search_index);
            END
            """,  # noqa: S608
            f"""
            CREATE TRIGGER {table}_trigrams_update AFTER UPDATE ON commitments_{table}
            WHEN OLD.id IS NOT NEW.id OR OLD.search_index IS NOT NEW.search_index
            BEGIN
                INSERT INTO {name} ({name}, rowid, search_index)
                VALUES ('delete', OLD.id, OLD.search_index);
                INSERT INTO {name} (rowid, search_index) VALUES (NEW.id, NEW.search_index);
            END
            """,  # noqa: S608
        )
    ],
    "postgresql": [
        # Characters are taken apart once: `substr` counts from the beginning every time.
        """
        CREATE FUNCTION search_trigrams(words text) RETURNS text[]
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(DISTINCT first || second || third), '{}')
            FROM (
                SELECT
                    letter AS first,
                    lead(letter, 1) OVER (ORDER BY place) AS second,
                    lead(letter, 2) OVER (ORDER BY place) AS third
                FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS letters (letter, place)
            ) AS trigrams
            WHERE third IS NOT NULL
        $$
        """,
        *(
            f"""
            CREATE INDEX {table}_trigrams ON commitments_{table}
            USING gin ((search_trigrams(search_index) COLLATE "C"))
            """
            for table in TABLES
        ),
        # Taking the text of a row apart takes long. So the rows of the index are read by a function
        # of their own, which never reads the table without it, and has the memory to note which
        # rows of a million are meant. It bears the name of the virtual table on SQLite.
        *(
            f"""
            CREATE FUNCTION commitments_{table}_trigrams(words text) RETURNS SETOF bigint
            LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 100
            SET enable_seqscan = off SET work_mem = '64MB' AS $$
                SELECT id FROM commitments_{table}
                WHERE search_trigrams(search_index) COLLATE "C" @> search_trigrams(words)
            $$
            """  # noqa: S608
            for table in TABLES
        ),
    ],
}
DROP_INDEXES = {
    "sqlite": [
        *(
            f"DROP TRIGGER IF EXISTS {table}_trigrams_{event}"
            for table in TABLES
            for event in ("insert", "delete", "update")
        ),
        *(f"DROP TABLE IF EXISTS commitments_{table}_trigrams" for table in TABLES),
    ],
    "postgresql": [
        *(f"DROP FUNCTION IF EXISTS commitments_{table}_trigrams(text)" for table in TABLES),
        *(f"DROP INDEX IF EXISTS {table}_trigrams" for table in TABLES),
        "DROP FUNCTION IF EXISTS search_trigrams(text)",
    ],
}


def create_indexes(apps, schema_editor):
    for statement in CREATE_INDEXES[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def drop_indexes(apps, schema_editor):
    for statement in DROP_INDEXES[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("commitments", "0004_checkpoints")]

    operations = [migrations.RunPython(create_indexes, drop_indexes)]
