"""Sites with a database of their own, in which transactions are real: a backup reads with a
connection of its own, and a restored database takes the place of another.

The database is an SQLite file, or another database of the server on which the suite runs.
"""

import os
import secrets
import shutil
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils import timezone

from commitments.choices import MailKind
from commitments.models import Evidence, Mail
from commitments.models.search_indexes import trigram_tables
from tests.factories import User

SESSIONS = "django_session"
# They have a row more after each check, and after each backup.
CHECKS, RUNS = "commitments_ledgercheck", "commitments_taskrun"


def let_a_mail_wait(settings):
    """Put a mail to the reporter into the outbox of a site that sends mail."""
    settings.MAIL_ENABLED, settings.SITE_URL = True, "https://tracker.example.org"
    person = User.objects.get(username="reporter")
    User.objects.filter(pk=person.pk).update(email="reporter@example.org")
    person.refresh_from_db()
    Mail.objects.post(MailKind.NEW_PASSWORD, key="1", at=timezone.now(), person=person)


class Databases:
    """Creates databases and drops them. Names are paths on SQLite."""

    def __init__(self, folder):
        self.vendor, self.folder = connection.vendor, folder

    def create(self, template=None):
        """Create a database, as a copy of another one or without tables; return its name."""
        name = f"backup_{secrets.token_hex(6)}"
        if self.vendor == "postgresql":
            self._run(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")
            return name
        path = str(self.folder / f"{name}.sqlite3")
        if template:
            shutil.copy(template, path)
        return path

    def drop(self, name):
        if self.vendor == "postgresql":
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement):
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(statement)


class Site:
    """The tracker, on a database of its own while it is used as a context manager."""

    def __init__(self, databases):
        self.databases, self.suite = databases, connections["default"]
        self.evidence = Path(settings.STORAGES["evidence"]["OPTIONS"]["location"])

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.leave()
        connections["default"] = self.suite
        shutil.rmtree(self.evidence, ignore_errors=True)
        self.evidence.mkdir()

    def use(self, template=None, evidence=None):
        """Go on with a new copy of a database and of a folder of evidence, or with none."""
        self.leave()
        connections["default"] = self._connection(self.databases.create(template))
        shutil.rmtree(self.evidence, ignore_errors=True)
        if evidence:
            shutil.copytree(evidence, self.evidence)

    def _connection(self, name):
        # A pool would hand out connections to the suite's database.
        options = {k: v for k, v in self.suite.settings_dict["OPTIONS"].items() if k != "pool"}
        facts = {**self.suite.settings_dict, "NAME": name, "OPTIONS": options}
        return type(self.suite)(facts, alias="default")

    @contextmanager
    def another_connection(self):
        """Work as another process does, on the same database."""
        ours = connections["default"]
        connections["default"] = self._connection(ours.settings_dict["NAME"])
        try:
            yield
        finally:
            connections["default"].close()
            connections["default"] = ours

    def leave(self):
        if connections["default"] is not self.suite:
            connections["default"].close()
            self.databases.drop(connections["default"].settings_dict["NAME"])

    def copy(self):
        """Return the name of a copy of the database."""
        connections["default"].close()
        return self.databases.create(connections["default"].settings_dict["NAME"])

    # Commands

    def run(self, *command, **options):
        """Run a command; return what it wrote to its output, and the sentence with which it failed,
        after what it wrote to its error output."""
        out, err = StringIO(), StringIO()
        try:
            call_command(*map(str, command), stdout=out, stderr=err, **options)
        except CommandError as error:
            err.write(str(error))
        return out.getvalue(), err.getvalue()

    def back_up(self, path):
        """Make an archive, with which nothing must be wrong; return what was printed."""
        printed, failure = self.run("backup", path)
        assert failure == ""
        return printed

    # What is there

    def rows(self):
        """Return all rows, by table, except for indexes and what changes by itself."""
        others = ("sqlite_", *trigram_tables())
        with connection.cursor() as cursor:
            return {
                table: self._rows_of(cursor, table)
                for table in connection.introspection.table_names(cursor)
                if table not in (SESSIONS, CHECKS, RUNS) and not table.startswith(others)
            }

    def _rows_of(self, cursor, table):
        cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
        names = [column[0] for column in cursor.description]
        # What is restored has a revision that it never had.
        shown = [place for place, name in enumerate(names) if name != "revision"]
        return [tuple(str(row[place]) for place in shown) for row in cursor.fetchall()]

    def files(self):
        """Return the content of each stored file by its name."""
        return {
            str(path.relative_to(self.evidence)): path.read_bytes()
            for path in sorted(self.evidence.rglob("*"))
            if path.is_file()
        }

    def file_of(self, row):
        return self.evidence / row.file.name

    def evidence_rows(self):
        return list(Evidence.objects.exclude(file="").order_by("pk"))
