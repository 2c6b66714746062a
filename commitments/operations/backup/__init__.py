"""Backups: archives of the database with the files of evidence, and restoring them."""

from commitments.operations.backup.archive import Archive, open_archive
from commitments.operations.backup.making import Backup, make_backup
from commitments.operations.backup.manifest import Manifest
from commitments.operations.backup.restoring import (
    check_fit,
    finish_restore,
    is_restore_unfinished,
    needs_migration,
    outrun_revisions,
    restore_backup,
)

__all__ = [
    "Archive",
    "Backup",
    "Manifest",
    "check_fit",
    "finish_restore",
    "is_restore_unfinished",
    "make_backup",
    "needs_migration",
    "open_archive",
    "outrun_revisions",
    "restore_backup",
]
