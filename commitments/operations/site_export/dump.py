"""The dump: everything public in one file, from which a copy of the tracker can start.

It is compressed JSON Lines (gzip). The first line is the manifest. Each further line names a list
of the API and contains one of its rows, as the API returns it. At most one page of a list is held
in memory at a time.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import transaction

from commitments.db import consistent_read
from commitments.files import storage
from commitments.ledger import Position, format_utc
from commitments.models import Decision, Dump, Meeting
from commitments.operations.site_export.answers import AnonymousReader
from commitments.operations.site_export.record import LISTS, list_rows, public_contents
from commitments.roles import ANONYMOUS
from commitments.workflow.locks import locked_plans

DUMP_FORMAT = 1
CONTENTS_OF_UPDATES = "update_contents"
_CHAIN = "ledger"
# The links of the ledger come first, so that a reader can compare the other rows with their
# digests.
DUMPED_LISTS = (_CHAIN, *(name for name in LISTS if name != _CHAIN))
# The age at which a dump that lacks something public is renewed.
RENEWED_AFTER = timedelta(days=1)


def dump_is_due(at: datetime) -> bool:
    """Return whether to make a dump: there is none that may be given out, another release wrote it,
    or a clock that ran ahead, or it is a day old and lacks something that is public now.

    Changes of meetings are found by their `changed_at`, because the ledger does not record them.
    """
    latest = Dump.objects.still_public().select_related("head").last()
    public = Decision.objects.public()
    if latest is None or latest.release != settings.RELEASE or not _is_stored(latest):
        return public.exists()
    if latest.made_at > at:
        return True
    if at - latest.made_at < RENEWED_AFTER:
        return False
    meetings = Meeting.objects.visible_to(ANONYMOUS).filter(changed_at__gt=latest.made_at)
    return public.filter(seq__gt=latest.head.seq).exists() or meetings.exists()


def make_dump(address: str, at: datetime) -> Dump | None:
    """Write a dump in place of the previous one, and return it. Return None if something was
    withdrawn or erased meanwhile, in which case the next attempt makes it.

    `address` is the address of the site for readers, `at` the time of the clock. Raise ExportError
    if the site does not respond.
    """
    with TemporaryFile() as file:
        with consistent_read():
            head = Decision.objects.latest("seq")
            meetings = set(Meeting.objects.visible_to(ANONYMOUS).values_list("pk", flat=True))
            _write(AnonymousReader(address), Position(head.seq, head.hash), at, file)
        file.seek(0)
        digest, size = storage.digest_and_size(File(file))
        facts = {"release": settings.RELEASE, "sha256": digest, "size": size}
        dump = Dump(head=head, made_at=at, file=storage.store(File(file)), **facts)
    kept = False
    try:
        kept = _replace_with(dump, meetings)
    finally:
        if not kept:
            storage.evidence_storage().delete(dump.file)
    return dump if kept else None


def _is_stored(dump: Dump) -> bool:
    """Return whether the file exists. After a restore from a backup there is only the row."""
    return storage.evidence_storage().exists(dump.file)


def _replace_with(dump: Dump, meetings: Collection[int]) -> bool:
    """Save a dump in place of all others and return True, or return False if something in it is no
    longer public. `meetings` are the ids of the meetings in it."""
    with transaction.atomic():
        # Erasing something or hiding a meeting takes the same locks, so from here on both find the
        # dump.
        locked_plans()
        shown = Meeting.objects.visible_to(ANONYMOUS).filter(pk__in=meetings)
        if shown.count() < len(meetings):
            return False
        former = list(Dump.objects.all())
        dump.save()
        if not Dump.objects.still_public().filter(pk=dump.pk).exists():
            dump.delete()
            return False
        for row in former:
            storage.delete_on_commit(row.file)
            row.delete()
    return True


def _write(reader: AnonymousReader, head: Position, at: datetime, file: IO[bytes]) -> None:
    manifest = {
        "format": DUMP_FORMAT,
        "tracker": f"{reader.address}/",
        "at": format_utc(at),
        "release": settings.RELEASE,
        "ledger": head._asdict(),
        "cursor": head.as_text(),
        "lists": [*DUMPED_LISTS, CONTENTS_OF_UPDATES],
    }
    # Leave out the time of packing, so that the same content gives the same bytes.
    with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
        packed.write(_line({"manifest": manifest}))
        for name, row in _rows(reader):
            packed.write(_line({"list": name, "row": row}))


def _rows(reader: AnonymousReader) -> Iterator[tuple[str, object]]:
    for name in DUMPED_LISTS:
        for row in list_rows(reader, name):
            yield name, row
    for content in public_contents():
        yield CONTENTS_OF_UPDATES, content


def _line(value: dict[str, Any]) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False)}\n".encode()
