"""Restoring an archive into an empty site, all or nothing."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import F, Model

from commitments.choices import UNPUBLISHED_STATES
from commitments.db import refresh_statistics
from commitments.exceptions import RestoreError
from commitments.files.storage import evidence_storage, storage_place
from commitments.models import Decision, Plan, ProgressUpdate
from commitments.models.search_indexes import trigram_tables
from commitments.operations.backup.archive import Archive
from commitments.operations.backup.databases import DATABASE_ERRORS, load_database
from commitments.operations.backup.manifest import (
    Manifest,
    Member,
    manifest_bytes,
    stored_name,
)

# A site that has any row of these models is not empty.
FIRST_ROWS: tuple[type[Model], ...] = (User, Plan, Decision)
# The storage of evidence has the manifest of the archive under this name from the beginning of a
# restore until it is finished.
UNFINISHED = "unfinished-restore.json"
# A larger file of evidence is buffered on the disk instead of in memory while it is restored.
MAX_BYTES_IN_MEMORY = 2**25
# After so many files that could not be deleted, the storage does not respond at all: each of the
# others would take as long as its time limit.
MAX_FAILED_DELETES = 5
# More than the number of changes of a plan, and of one update, between two backups. Revisions are
# raised by a random multiple of it, since a site may be restored more than once.
PLAN_REVISION_OFFSET = 1_000_000
UPDATE_REVISION_OFFSET = 1_000


def restore_backup(archive: Archive) -> None:
    """Restore the files of evidence and the database of an archive into this site, unless an
    earlier run did so and ended before `finish_restore`, which is to be called once the database is
    migrated and nothing is sent or overwritten by mistake.

    Raise RestoreError if the archive does not fit (`check_fit`), if the site is not empty, or if
    something fails on the way. The site is then as empty as before.
    """
    manifest = archive.manifest
    check_fit(manifest)
    if _is_unfinished(manifest):
        return
    _check_database_is_empty(manifest)
    _check_storage_is_empty()
    with tempfile.TemporaryDirectory() as folder, _all_or_nothing() as stored:
        copy = Path(folder) / manifest.database.name
        with copy.open("wb") as target:
            archive.copy(manifest.database, target)
        _store(UNFINISHED, ContentFile(manifest_bytes(manifest)), stored)
        for member in manifest.evidence:
            _store_member(archive, member, stored)
        # The database comes last, in one step: until then, the site is empty.
        load_database(copy)


def finish_restore() -> None:
    """Have the site count as restored."""
    evidence_storage().delete(UNFINISHED)
    # Without statistics, which need some room on the disk, a site is slow but complete.
    with suppress(DatabaseError):
        refresh_statistics()


def is_restore_unfinished() -> bool:
    """Return whether a restore into this site is under way or was cut off: see `UNFINISHED`. Raise
    OSError if the storage of evidence does not respond."""
    return evidence_storage().exists(UNFINISHED)


def _is_unfinished(manifest: Manifest) -> bool:
    """Return whether the database was loaded from this archive by a run that did not finish."""
    if _is_database_empty() or not is_restore_unfinished():
        return False
    with evidence_storage().open(UNFINISHED) as file:
        return bool(file.read() == manifest_bytes(manifest))


def outrun_revisions() -> None:
    """Raise revisions above any that the site can have reached since the backup, and to none that
    they have after another restore: those of plans, so that no ETag stands for two contents, and
    those of updates that can still change, so that no `If-Match` overwrites what it does not know.
    """
    plans = Plan.objects.all()
    unpublished = ProgressUpdate.objects.filter(state__in=UNPUBLISHED_STATES)
    plans.update(revision=F("revision") + PLAN_REVISION_OFFSET * _random_factor(10**9))
    unpublished.update(revision=F("revision") + UPDATE_REVISION_OFFSET * _random_factor(10**4))


def _random_factor(most: int) -> int:
    return 1 + secrets.randbelow(most)


def check_fit(manifest: Manifest) -> None:
    """Raise RestoreError if an archive comes from another database system or a newer release."""
    if manifest.vendor != connection.vendor:
        raise RestoreError(
            f"The archive is of a database of {manifest.vendor}; here it is {connection.vendor}."
        )
    unknown = set(manifest.migrations) - _known_migrations()
    if unknown:
        raise RestoreError(
            f"The archive is of release {manifest.release}, with migrations that this one does not "
            f"have: {', '.join(sorted(unknown))}. Restore it with that release or a later one."
        )


def needs_migration(manifest: Manifest) -> bool:
    """Return whether this release has migrations that were not applied to the archive's
    database."""
    return bool(_known_migrations() - set(manifest.migrations))


def _known_migrations() -> set[str]:
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {f"{app}.{name}" for app, name in known}


# Checks that the site is empty


def _tables() -> set[str]:
    names = connection.introspection.table_names()
    # SQLite's own tables have the statistics of `refresh_statistics`; the others are indexes.
    others = ("sqlite_", *trigram_tables())
    return {name for name in names if not name.startswith(others)}


def _is_database_empty() -> bool:
    tables = _tables()
    return not any(
        model._meta.db_table in tables and model._default_manager.exists() for model in FIRST_ROWS
    )


def _check_database_is_empty(manifest: Manifest) -> None:
    tables = _tables()
    ours = {MigrationRecorder.Migration._meta.db_table, *_tables_of_models()}
    if not tables <= ours:
        raise RestoreError(
            f"The database has tables of something else: {', '.join(sorted(tables - ours))}."
        )
    if not _is_database_empty():
        raise RestoreError(
            "The site is not empty: it has users, plans or decisions. Restore into a new database."
        )
    if tables and connection.vendor == "postgresql" and needs_migration(manifest):
        # Only tables that are in the archive would be replaced.
        raise RestoreError(
            "The archive is of an earlier release than the tables of the database. Restore it into "
            "a database without tables: do not run migrate before."
        )


def _tables_of_models() -> list[str]:
    names: list[str] = connection.introspection.django_table_names()
    return names


def _check_storage_is_empty() -> None:
    storage = evidence_storage()
    try:
        folders, files = storage.listdir("")
    except FileNotFoundError:
        return  # It is created with the first file.
    if files or any(any(storage.listdir(folder)) for folder in folders):
        raise RestoreError(
            f"The storage of evidence, {storage_place()}, has files, though the database is empty. "
            "Restore into an empty one; if a restore was killed or could not delete its files, "
            "delete what it left there."
        )


# Files


@contextmanager
def _all_or_nothing() -> Iterator[list[str]]:
    """Yield a list to which the names of files stored inside the block are added. If the block
    raises an error before the database is loaded, delete these files; RestoreError says so if some
    cannot be deleted."""
    stored: list[str] = []
    try:
        yield stored
    except BaseException as error:
        try:
            is_empty = _is_database_empty()
        except DatabaseError:
            raise RestoreError(
                f"The database does not answer, so what it has is not known: {error}\n"
                "Begin again with a new database and an empty storage of evidence."
            ) from error
        if not is_empty:
            raise  # Something came in between when all was loaded already.
        left = _delete(stored)
        is_outage = isinstance(error, (OSError, DatabaseError, *DATABASE_ERRORS))
        if left and (is_outage or isinstance(error, RestoreError)):
            raise RestoreError(
                f"The restore failed: {error}\n"
                f"The database is as empty as before, but up to {left} files that were stored "
                f"could not be deleted. They are in {storage_place()}: delete them before the next "
                "try."
            ) from error
        if is_outage:
            raise RestoreError(f"Nothing was restored: {error}") from error
        raise


def _delete(names: Sequence[str]) -> int:
    """Delete stored files and return how many may be left."""
    failed = 0
    for index, name in enumerate(names):
        if failed == MAX_FAILED_DELETES:
            return failed + len(names) - index
        try:
            evidence_storage().delete(name)
        except OSError:
            failed += 1
    return failed


def _store_member(archive: Archive, member: Member, stored: list[str]) -> None:
    with tempfile.SpooledTemporaryFile(MAX_BYTES_IN_MEMORY) as content:
        archive.copy(member, content)
        _store(stored_name(member), File(content), stored)


def _store(name: str, content: File[Any], stored: list[str]) -> None:
    stored.append(name)  # Before it is: a full disk leaves a part of it.
    saved = evidence_storage().save(name, content)
    if saved != name:
        stored.append(saved)
        raise RestoreError(f"The storage of evidence would not keep the name {name}.")
