"""Databases of the releases as rows, so that one file serves SQLite and PostgreSQL.

The tables of a release are those that its migrations make, which are never edited again; so a file
names the migrations and holds the rows, by table, as Django's fields write them:

    {"version": …, "migrations": ["app.name", …], "rows": {"app.Model": [{column: value}, …]},
     "files": {name in the storage of evidence: content in base64, …}}
"""

import base64
import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from commitments.files.storage import evidence_storage
from commitments.models import Evidence
from commitments.operations.backup import make_backup

PLAIN = (models.JSONField, models.BooleanField, models.IntegerField, models.ForeignKey)
ROWS_PER_QUERY = 200


def migrate():
    """Bring the tables of this connection up to date."""
    call_command("migrate", verbosity=0)


def tables(registry):
    """Return the models of an app registry whose rows are kept, those of relations among them."""
    return [
        model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.label != Session._meta.label
    ]


def frozen_rows(registry=apps):
    """Return the rows of all tables, in the order of their keys."""
    return {
        model._meta.label: [_frozen(row) for row in model._base_manager.order_by("pk")]
        for model in tables(registry)
    }


def _frozen(row):
    return {field.attname: _written(field, row) for field in row._meta.concrete_fields}


def _written(field, row):
    value = field.value_from_object(row)
    return value if value is None or isinstance(field, PLAIN) else field.value_to_string(row)


def freeze(path, version):
    """Write the database of this connection into a file, the same bytes for the same rows."""
    applied = MigrationRecorder(connection).applied_migrations()
    document = {
        "version": version,
        "migrations": sorted(f"{app}.{name}" for app, name in applied),
        "rows": frozen_rows(),
        "files": {row.file.name: _content(row.file) for row in Evidence.objects.exclude(file="")},
    }
    text = json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=0, sort_keys=True)
    Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))


def freeze_archive(path, at):
    """Write a backup of the site into a file, compressed. It is signed with the SECRET_KEY of the
    tests, which therefore stays."""
    with TemporaryDirectory() as folder:
        archive = Path(folder, "site.tar")
        make_backup(archive, at=at)
        Path(path).write_bytes(gzip.compress(archive.read_bytes(), mtime=0))


def thaw_archive(path, folder):
    """Return the path of the archive, as `restore` reads it."""
    archive = Path(folder, "site.tar")
    archive.write_bytes(gzip.decompress(Path(path).read_bytes()))
    return archive


def migrate_to(document):
    """Make the tables those of a release, forwards or back; return their state."""
    executor = MigrationExecutor(connection)
    applied = {tuple(name.split(".", 1)) for name in document["migrations"]}
    return executor.migrate(targets(applied, executor.loader))


def targets(applied, loader):
    """Return the last of the migrations of a release, by what a loader knows of now. A library may
    since have squashed its own, and have taken away those that it squashed: of one of which none is
    left the newest is a target, and of one that is no longer installed nothing."""
    nodes = loader.graph.node_map
    current = {_since_squashed(name, loader) for name in applied}
    there = {name for name in current if name in nodes}
    replaced = {app for app, _name in applied} - {app for app, _name in there}
    newest = [name for app in replaced for name in loader.graph.leaf_nodes(app)]
    # A target on which another one depends would be taken back again.
    return [name for name in there if not nodes[name].children & there] + newest


def _since_squashed(name, loader):
    """Return the migration that does now what a former one did."""
    for squashed, migration in loader.replacements.items():
        if name in migration.replaces and name not in loader.graph.node_map:
            return squashed
    return name


def _content(file):
    with file.open() as opened:
        return base64.b64encode(opened.read()).decode()


def read_frozen(path):
    return json.loads(gzip.decompress(Path(path).read_bytes()))


def thaw(path):
    """Make the tables, the rows and the files of evidence of a release on an empty site; return the
    document."""
    document = read_frozen(path)
    models_then = {model._meta.label: model for model in tables(migrate_to(document).apps)}
    assert set(document["rows"]) <= set(models_then)
    for field in (field for model in models_then.values() for field in model._meta.concrete_fields):
        # Times are those of the row, not that of its reading.
        field.auto_now = field.auto_now_add = False
    with transaction.atomic(), connection.cursor() as cursor:
        for model in models_then.values():
            # What the migrations put there.
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        for label, rows in document["rows"].items():
            model = models_then[label]
            made = [model(**_read(model, row)) for row in rows]
            model._base_manager.bulk_create(made, batch_size=ROWS_PER_QUERY)
        for statement in connection.ops.sequence_reset_sql(no_style(), models_then.values()):
            cursor.execute(statement)
    for name, content in document["files"].items():
        evidence_storage().save(name, ContentFile(base64.b64decode(content)))
    return document


def _read(model, row):
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: value if isinstance(fields[name], PLAIN) else fields[name].to_python(value)
        for name, value in row.items()
    }
