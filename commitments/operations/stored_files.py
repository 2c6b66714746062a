"""Stored files that belong to nothing, and whether this database can say so.

To a copy of a database, or to an earlier backup of it, the files that were stored since belong to
nothing. So whoever deletes such files leaves the head of the ledger in the storage, in the name of
a file. A database whose ledger does not have this head is not the one that the files belong to, or
not as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from django.core.files.base import ContentFile

from commitments.files import storage
from commitments.ledger import START, Position
from commitments.models import Dump, Evidence, ProgressUpdate

_HEAD = re.compile(r"ledger-(\d{1,18})-([0-9a-f]{64})\Z")
_CONTENT = (
    b"The files here belong to the tracker whose ledger has the entry in the name of this file.\n"
)


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
    place = storage.storage_place()
    for name, head in _heads():
        if not head.is_in_chain():
            return (
                f"By the file {name} in {place}, the files there belong to a site whose ledger has "
                f"an entry {head.seq} that this database does not have. It may be a copy of that "
                "site, or an earlier backup of it, to which files of newer updates seem to belong "
                f"to nothing. If nothing else needs them, delete {name}."
            )
    if orphans and not ProgressUpdate.objects.exists():
        return (
            f"The {orphans} files in {place} may belong to another database, since this one has no "
            "updates. If nothing needs them, delete them yourself."
        )
    return None


def leave_head() -> None:
    """Leave the head of the ledger in the storage, in place of the one that was left before."""
    former, head = [name for name, _head in _heads()], Position.of_head()
    name = f"ledger-{head.seq}-{head.hash}"
    if head != START and name not in former:
        storage.evidence_storage().save(name, ContentFile(_CONTENT))
    for other in former:
        if other != name:
            storage.evidence_storage().delete(other)


def _heads() -> Iterator[tuple[str, Position]]:
    """Yield the heads that were left in the storage, with the names of their files."""
    try:
        _folders, files = storage.evidence_storage().listdir("")
    except FileNotFoundError:
        # The folder is created with the first file.
        return
    for name in sorted(files):
        if found := _HEAD.match(name):
            yield name, Position(int(found[1]), found[2])
