"""Dropping from the database, and from storage, what an erasure names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q

from commitments import ledger
from commitments.choices import Action, ErasablePart, SubjectType
from commitments.files import storage
from commitments.ledger import Part
from commitments.ledger.documents import Document
from commitments.models import (
    Decision,
    Dump,
    Evidence,
    LinkCheck,
    PlanFile,
    ProgressUpdate,
    Publisher,
    RecordedContent,
)
from commitments.models.fields import new_salt
from commitments.texts.text import NO_TEXT
from commitments.workflow.erasable import same_texts

# The list of a plan file that contains the subjects of a type, and the key that identifies them
# there.
PLAN_FILE_PARTS = {
    SubjectType.GOAL: ("goals", "number"),
    SubjectType.AREA: ("areas", "number"),
    SubjectType.COMMITMENT: ("commitments", "number"),
    SubjectType.FORUM: ("forums", "code"),
    SubjectType.OFFICE: ("offices", "code"),
}
# The admin's log keeps 200 characters of a name, of which a code may take some.
MAX_WORDS_IN_LOG = 150


@dataclass
class Dropped:
    """What an erasure drops from the ledger's own rows, which can only be changed once it is
    recorded: the decisions that lose their note, those that lose their entry, and the recorded
    contents with what is left of each, None if nothing is. `former_sha256` is the digest of what
    held it all."""

    former_sha256: str | None
    notes: list[Decision] = field(default_factory=list)
    entries: list[Decision] = field(default_factory=list)
    contents: list[tuple[RecordedContent, Document | None]] = field(default_factory=list)

    def meta(self, parts: Iterable[Part]) -> dict[str, Any]:
        """Return the `meta` of the erasure, as `ledger.erasures` describes it."""
        recorded_by = [row.decision.seq for row, _left in self.contents]
        notes = [row.seq for row in self.notes]
        entries = [row.seq for row in self.entries]
        meta: dict[str, Any] = {
            ledger.ERASED: [str(part) for part in parts],
            "former_sha256": self.former_sha256,
            "links": sorted({*notes, *entries, *recorded_by}),
            "notes": notes,
            "entries": entries,
            "contents": [
                {
                    "seq": row.decision.seq,
                    "type": row.subject_type,
                    "former_sha256": _digest(row.content),
                    "content_sha256": _digest(remaining),
                }
                for row, remaining in self.contents
            ],
        }
        return {name: value for name, value in meta.items() if value not in (None, [])}

    def drop(self, erasure: Decision) -> None:
        """Drop all of this on behalf of the erasure that has been recorded."""
        notes = Decision.objects.filter(pk__in=[row.pk for row in self.notes])
        notes.update(note="", note_salt="", erased_by=erasure)
        entries = Decision.objects.filter(pk__in=[row.pk for row in self.entries])
        entries.filter(action=Action.ARCHIVE).update(meta={}, erased_by=erasure)
        entries.exclude(action=Action.ARCHIVE).update(subject_key="", erased_by=erasure)
        for row, remaining in self.contents:
            row.content, row.erased_by = remaining, erasure
            row.subject_key = "" if remaining is None else row.subject_key
        rows = [row for row, _left in self.contents]
        RecordedContent.objects.bulk_update(rows, ["content", "subject_key", "erased_by"])


def _digest(content: Document | None) -> str | None:
    return None if content is None else ledger.sha256_of(content)


def drop_from_update(update: ProgressUpdate, parts: Sequence[Part]) -> Dropped:
    """Drop parts of a locked update and its evidence. The caller saves the update and records the
    erasure.

    The internal evidence gets a new salt: nobody knows the former one any more, so that names
    covered by the former digest cannot be found by trying.
    """
    former = ledger.sha256_of(ledger.canonical_content(update, ledger.frozen_version(update)))
    dropped = Dropped(former)
    for part in parts:
        if part.evidence is None:
            setattr(update, part.name, NO_TEXT)
    of_evidence = [part for part in parts if part.evidence is not None]
    publishers = _drop_from_evidence(update, of_evidence)
    _drop_links(update, of_evidence, dropped)
    for publisher in publishers:
        _drop_publisher(publisher, dropped)
    update.internal_salt = new_salt()
    _forget_log(update)
    return dropped


def _drop_from_evidence(update: ProgressUpdate, parts: Sequence[Part]) -> set[Publisher]:
    """Drop parts of pieces of evidence; return the publishers that they no longer name."""
    publishers = set()
    for item in update.evidence.all():
        names = [part.name for part in parts if part.evidence == item.pk]
        if not names:
            continue
        if ErasablePart.PUBLISHER in names and item.publisher is not None:
            publishers.add(item.publisher)
        for name in names:
            _drop_column(item, name)
        item.is_erased = True
        item.save()
    return publishers


def _drop_column(item: Evidence, name: str) -> None:
    match name:
        case ErasablePart.TITLE:
            item.title = NO_TEXT
        case ErasablePart.PUBLISHER:
            item.publisher = None
        case ErasablePart.URL:
            item.url = item.archived_url = ""
        case ErasablePart.CITATION:
            item.citation = ""
        case ErasablePart.FILE:
            storage.delete_on_commit(str(item.file.name))
            item.file, item.file_name = "", ""


def _drop_links(update: ProgressUpdate, parts: Sequence[Part], dropped: Dropped) -> None:
    """Drop the link checks of erased links, and the entries that name an archived copy of one."""
    links = [part.evidence for part in parts if part.name == ErasablePart.URL]
    LinkCheck.objects.filter(evidence__in=links).delete()
    archived = update.decisions.filter(action=Action.ARCHIVE).in_order()
    dropped.entries += [row for row in archived if row.meta.get("evidence") in links]


def _drop_publisher(publisher: Publisher, dropped: Dropped) -> None:
    """Delete a publisher that no piece of evidence names any more, with all that was recorded of
    it, and with the entries of its edits, which name it."""
    if publisher.evidence.exists():
        return
    recorded = RecordedContent.objects.of(SubjectType.PUBLISHER, publisher.key)
    dropped.contents += [(row, None) for row in recorded.select_related("decision")]
    named = Decision.objects.filter(
        subject_type=SubjectType.PUBLISHER, subject_key=publisher.key
    ).in_order()
    dropped.entries += list(named)
    _forget_log(publisher)
    publisher.delete()


def drop_dumps() -> None:
    """Delete the dumps, which may have what was erased or hidden, and their files once the
    transaction is committed."""
    for dump in Dump.objects.all():
        storage.delete_on_commit(dump.file)
        dump.delete()


def drop_note(decision: Decision) -> Dropped:
    return Dropped(decision.note_commit, notes=[decision])


def drop_from_contents(content: RecordedContent, parts: Sequence[Part]) -> Dropped:
    """Drop texts of a recorded content, wherever the same words were recorded of its subject or are
    in a plan file that was loaded."""
    names, words = [part.name for part in parts], content.content or {}
    dropped = Dropped(None)
    for row in same_texts(content, names):
        held = row.content or {}
        same = [name for name in names if name in held and held[name] == words[name]]
        dropped.contents.append((row, ledger.without_texts(held, same)))
    former = {name: words[name] for name in names}
    _drop_from_plan_files(content, former)
    _forget_log_with(SubjectType(content.subject_type), former)
    return dropped


def _drop_from_plan_files(content: RecordedContent, former: Mapping[str, Any]) -> None:
    """Take former texts of a subject out of every plan file that was loaded; of forums and offices
    any plan's file may have them."""
    files = PlanFile.objects.order_by("pk")
    if content.subject_type in ledger.PLAN_SUBJECTS:
        files = files.filter(plan=content.decision.plan)
    changed = []
    for file in files.iterator():
        for item in _items_in(file.document, content):
            for name, words in former.items():
                if item.get(name) == words:
                    del item[name]
                    changed.append(file)
    PlanFile.objects.bulk_update(changed, ["document"])


def _items_in(document: Document, content: RecordedContent) -> list[Document]:
    """Return what the document of a plan file has of the subject of a content."""
    if content.subject_type == SubjectType.PLAN:
        return [document["plan"]]
    if content.subject_type not in PLAN_FILE_PARTS:
        return []
    part, key = PLAN_FILE_PARTS[SubjectType(content.subject_type)]
    known_by = (content.content or {})[key]
    return [item for item in document.get(part, []) if item[key] == known_by]


def _forget_log(row: Model) -> None:
    """Empty what the admin's own log says about a row: it can contain its name, or those of its
    parts."""
    kind = ContentType.objects.get_for_model(row)
    log = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    log.update(object_repr="", change_message="")


def _forget_log_with(subject_type: SubjectType, former: Mapping[str, Mapping[str, str]]) -> None:
    """Empty the names in the admin's own log that contain one of these former texts, or the
    beginning of it."""
    kind = ContentType.objects.get_for_model(ledger.rows_of(subject_type).model)
    words = [each for text in former.values() for each in text.values()]
    named = reduce(or_, (Q(object_repr__contains=each[:MAX_WORDS_IN_LOG]) for each in words))
    LogEntry.objects.filter(named, content_type=kind).update(object_repr="")
