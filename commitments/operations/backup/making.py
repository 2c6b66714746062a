"""Making an archive of the site while others use it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder

from commitments.db import consistent_read
from commitments.exceptions import BackupError, StoredFileUnreadable
from commitments.files.storage import evidence_storage
from commitments.models import Evidence, LedgerHead
from commitments.operations.backup.archive import ArchiveWriter
from commitments.operations.backup.databases import DATABASE_ERRORS, dump_database
from commitments.operations.backup.manifest import (
    DATABASE_MEMBERS,
    EVIDENCE_FOLDER,
    STORED_NAME,
    Manifest,
    Member,
    stored_name,
)
from commitments.verification import PinnedHead

SUFFIX = ".tar"
# An attempt during which a file is deleted is abandoned, and a new one begins.
MAX_ATTEMPTS = 20
# After so many files, it is looked up whether those not found have been deleted.
FILES_PER_LOOKUP = 500
# A fault of one file keeps no other from being backed up.
NOT_COPIED = (FileNotFoundError, SuspiciousFileOperation, StoredFileUnreadable)
# Larger than any file, so that a manifest with this size for each file has the greatest possible
# length.
LARGEST_SIZE = 10**15


@dataclass(frozen=True)
class Backup:
    """An archive that was made. `missing` are the names of files of evidence that are not in the
    storage or cannot be read there; `changed` are those whose digest differs from that in their
    row. Both faults are older than the backup."""

    manifest: Manifest
    missing: tuple[str, ...]
    changed: tuple[str, ...]


class _FileDeletedMeanwhile(Exception):
    """A file of the snapshot was deleted with its evidence before it had been copied."""


def make_backup(path: Path, *, at: datetime) -> Backup:
    """Write an archive of the database and of all files of evidence that it names, and return what
    is in it. `at` is the time of the clock.

    Others can read and write meanwhile: database and files belong to one snapshot. If a file is
    deleted before it has been copied, begin again with a new snapshot.

    The archive appears under its name only when it is complete and on the disk. Raise BackupError
    and leave nothing behind if it cannot be made, or if the name is taken or does not end in
    `.tar`.
    """
    if path.suffix != SUFFIX:
        raise BackupError(f"An archive is a tar file: give it a name that ends in {SUFFIX}.")
    with _errors_explained(), _folder_beside(path) as folder:
        file = folder / path.name
        backup = _first_complete(file, at)
        _refuse_taken(path)
        file.rename(path)
        _sync_folder(path.parent)
    return backup


@contextmanager
def _errors_explained() -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError, *DATABASE_ERRORS) as error:
        raise BackupError(f"The backup cannot be made: {error}") from error


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    """Create a private folder on the same disk, and remove it afterwards. While it exists, nobody
    else can make an archive of this name."""
    _refuse_taken(path)
    folder = path.with_name(f"{path.name}.part")
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        raise BackupError(
            f"{folder} is there already: another backup is being made, or was killed. In the "
            "latter case delete it."
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _refuse_taken(path: Path) -> None:
    if os.path.lexists(path):
        raise BackupError(f"{path} is there already. A backup replaces no file.")


def _first_complete(file: Path, at: datetime) -> Backup:
    for _attempt in range(MAX_ATTEMPTS):
        with suppress(_FileDeletedMeanwhile):
            return _write(file, at)
        file.unlink()
    raise BackupError(
        f"In each of {MAX_ATTEMPTS} attempts a file of evidence was deleted while the others were "
        "copied. Try again when fewer people work."
    )


def _write(file: Path, at: datetime) -> Backup:
    database = file.with_name(DATABASE_MEMBERS[connection.vendor])
    with consistent_read():
        migrations = _applied_migrations()
        # The latest first: they are those that may soon be deleted, with their draft.
        stored = Evidence.objects.exclude(file="").order_by("-pk")
        digests = dict(stored.values_list("file", "file_sha256"))
        seq, last_hash = LedgerHead.objects.values_list("seq", "hash").get()
        dump_database(database)
    names = list(digests)
    expected = Manifest(
        release=settings.RELEASE,
        made_at=at.astimezone(UTC).isoformat(),
        vendor=connection.vendor,
        migrations=migrations,
        head=PinnedHead(seq, last_hash),
        members=(_expected(database.name), *(_expected(EVIDENCE_FOLDER + name) for name in names)),
    )
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        writer = ArchiveWriter(target, expected)
        with database.open("rb") as source:
            copy = writer.add(database.name, source, database.stat().st_size)
        database.unlink()
        files = [
            member
            for start in range(0, len(names), FILES_PER_LOOKUP)
            for member in _copied(writer, names[start : start + FILES_PER_LOOKUP])
        ]
        missing = tuple(sorted(digests.keys() - map(stored_name, files)))
        manifest = replace(expected, members=(copy, *files), missing=missing)
        writer.finish(manifest)
    return Backup(manifest, missing, tuple(_changed(files, digests)))


def _applied_migrations() -> tuple[str, ...]:
    applied = MigrationRecorder(connection).applied_migrations()
    if not applied:
        raise BackupError("The database has no tables, so there is nothing to back up.")
    return tuple(f"{app}.{name}" for app, name in sorted(applied))


def _expected(name: str) -> Member:
    """Return a member with placeholders for what is not known before hashing. No manifest with the
    same names is longer than one with such members."""
    return Member(name, LARGEST_SIZE, "f" * 64)


def _copied(writer: ArchiveWriter, names: Collection[str]) -> list[Member]:
    """Copy those of the files that can be read, and return a member for each. Raise
    _FileDeletedMeanwhile if another one no longer belongs to any evidence."""
    storage, members = evidence_storage(), []
    for name in names:
        if not STORED_NAME.fullmatch(name):
            continue
        with suppress(*NOT_COPIED), storage.open(name) as file:
            members.append(writer.add(EVIDENCE_FOLDER + name, file, file.size))
    missing = set(names) - set(map(stored_name, members))
    if missing != set(Evidence.objects.filter(file__in=missing).values_list("file", flat=True)):
        raise _FileDeletedMeanwhile
    return members


def _changed(members: Iterable[Member], digests: Mapping[str, str]) -> Iterator[str]:
    for member in members:
        if member.sha256 != digests[stored_name(member)]:
            yield stored_name(member)


def _sync_folder(folder: Path) -> None:
    """Flush a folder to the disk, since the name of a new file is stored there and not in the
    file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
