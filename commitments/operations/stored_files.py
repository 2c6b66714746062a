"""Stored files that belong to nothing, and whether this database can say so.

To a copy of a database, or to an earlier backup of it, the files that were stored since belong to
nothing. So a site leaves a mark beside its files, in the name of a small file, and another one with
each `tick`. A database that does not have the present mark is not the one that the files belong to,
or not as it was.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.files.base import ContentFile

from commitments.files import storage
from commitments.models import Dump, Evidence, FileMark, ProgressUpdate

_MARK = re.compile(r"mark-([0-9a-f]{32})\Z")
_CONTENT = b"The files here belong to the tracker whose database has the mark in this name.\n"


def orphaned_files(before: datetime) -> list[str]:
    """Return the names of files last modified before this time that belong to no evidence and no
    dump."""
    # List the files before reading the tables, so that a file stored in between is not an orphan.
    stored = list(storage.stored_before(before))
    referenced = set(Evidence.objects.exclude(file="").values_list("file", flat=True))
    referenced.update(Dump.objects.values_list("file", flat=True))
    return [name for name in stored if name not in referenced]


def reason_to_keep(orphans: int) -> str | None:
    """Return, in sentences for the operator, why this number of orphaned files may be those of
    another database; None if there is no reason to think so."""
    place, marks = storage.storage_place(), _marks_among(_listed()[1])
    if marks and _own_mark() not in marks:
        return (
            f"By {' and '.join(map(_name, marks))} in {place}, the files there belong to another "
            "database. This one may be a copy or an earlier backup of it, to which files of newer "
            "updates seem to belong to nothing. If nothing else needs them, delete the mark."
        )
    if orphans and not ProgressUpdate.objects.exists():
        return (
            f"The {orphans} files in {place} may belong to another database, since this one has no "
            "updates. If nothing needs them, delete them yourself."
        )
    return None


def renew_mark() -> None:
    """Leave a new mark beside the files, if there are any, in place of the former one. That of
    another database is left alone."""
    folders, files = _listed()
    marks, own = _marks_among(files), _own_mark()
    if not (folders or files) or (marks and own not in marks):
        return
    new = secrets.token_hex(16)
    storage.evidence_storage().save(_name(new), ContentFile(_CONTENT))
    FileMark.objects.get_or_create(pk=1)
    # Another process may have renewed it meanwhile: then that mark counts.
    is_renewed = FileMark.objects.filter(mark=own).update(mark=new) == 1
    for mark in marks if is_renewed else [new]:
        storage.evidence_storage().delete(_name(mark))


def _own_mark() -> str:
    return FileMark.objects.values_list("mark", flat=True).first() or ""


def _name(mark: str) -> str:
    return f"mark-{mark}"


def _marks_among(files: Iterable[str]) -> list[str]:
    """Return the marks that these files are: two, if a process was killed between."""
    return [found[1] for name in sorted(files) if (found := _MARK.match(name))]


def _listed() -> tuple[list[str], list[str]]:
    """Return the folders and the files at the top of the storage."""
    try:
        return storage.evidence_storage().listdir("")
    except FileNotFoundError:
        # The folder is created with the first file.
        return [], []
