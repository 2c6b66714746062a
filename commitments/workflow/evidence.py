"""Checking and saving the changes of a draft's evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from commitments.choices import ErrorCode, Source
from commitments.clocks import FARTHEST_EAST, local_day, period
from commitments.exceptions import (
    FileRefused,
    FileTooLarge,
    Problem,
    ProblemPath,
    StoredFileChanged,
)
from commitments.files import storage
from commitments.files.faults import fault_words
from commitments.models import Evidence, Plan, ProgressUpdate
from commitments.models.base import rows_in
from commitments.models.evidence import EVIDENCE_FIELDS, FILE_COLUMNS
from commitments.texts.text import Text
from commitments.workflow.findings import saved_events
from commitments.workflow.publishers import RecordedPublishers
from commitments.workflow.validation import validation_problems


@dataclass(frozen=True)
class EvidenceChanges:
    """Changes of an update's evidence.

    `add` holds the fields of new pieces, `change` the new values of present pieces by id, `remove`
    the ids of pieces to delete.
    """

    add: Sequence[Mapping[str, Any]] = ()
    change: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    remove: Collection[int] = ()

    @property
    def has_files(self) -> bool:
        return any("file" in fields for fields in self.add)


def with_stored_files(changes: EvidenceChanges) -> EvidenceChanges:
    """Store the uploads of new pieces, unless one of them is refused, and return the changes with
    the columns of Evidence in their places, or with the refusal as the `file` of a piece.

    This takes as long as the storage takes, so call it before anything is locked, and inside
    `storage.delete_unused_files`.
    """
    pieces = [{**fields, **_columns_of_file(fields)} for fields in changes.add]
    if not any(isinstance(fields.get("file"), FileRefused) for fields in pieces):
        for fields in pieces:
            if "file" in fields:
                fields["file"] = storage.store_upload(fields["file"])
    return replace(changes, add=pieces)


def _columns_of_file(fields: Mapping[str, Any]) -> dict[str, Any]:
    if "file" not in fields:
        return {}
    try:
        return storage.inspect_upload(fields["file"])
    except FileRefused as error:
        return {"file": error}


def highest_level(evidence: Iterable[Evidence]) -> int:
    """Return the highest level of the public evidence, from 1 to 3; 0 if there is none."""
    return max((Source(item.source).level for item in evidence if item.public), default=0)


def evidence_level(update: ProgressUpdate) -> int:
    """Return the evidence level of an update, 0 to 3: that of its own public evidence and of the
    published events that count towards it. One query if it rests on others, unless it was read
    `with_basis_level`."""
    level: int | None = getattr(update, "basis_level", None)
    if level is None and saved_events(update):
        row: Any = ProgressUpdate.objects.with_basis_level().get(pk=update.pk)
        level = row.basis_level
    return max(highest_level(rows_in(update, "evidence")), level or 0)


def has_only_earlier_sources(
    evidence: Iterable[Evidence], effective_on: date, precision: str
) -> bool:
    """Return whether the public evidence of an event is all dated before the day, month or year of
    the event. Such sources can announce it, but not show that it took place."""
    first, _last = period(effective_on, precision)
    days = [item.dated_on for item in evidence if item.public]
    return bool(days) and all(day is not None and day < first for day in days)


def stored_file_problems(update: ProgressUpdate) -> list[Problem]:
    """Return a problem for each file of an update that is missing from storage or has another size
    than was recorded. Files are not read, which would take long while rows are locked: the page of
    a review and `verify_ledger` compare their contents. Raise StorageUnavailable."""
    problems = []
    for item in rows_in(update, "evidence"):
        if not item.file:
            continue
        try:
            item.check_stored()
        except (FileNotFoundError, StoredFileChanged) as error:
            path, message = ("evidence", str(item.pk), "file"), fault_words(item.file_name, error)
            problems.append(Problem(path, message, ErrorCode.FILE_MISSING))
    return problems


def publisher_names(changes: EvidenceChanges) -> list[Text]:
    """Return the names of publishers that changed and new pieces give."""
    pieces = (*changes.change.values(), *changes.add)
    return [fields["publisher"] for fields in pieces if "publisher" in fields]


def apply_changes(
    update: ProgressUpdate,
    plan: Plan,
    changes: EvidenceChanges,
    publishers: RecordedPublishers,
    at: datetime,
) -> tuple[list[Evidence], list[Problem]]:
    """Return the new pieces and those that differ from what is stored, not yet saved, and the
    problems that forbid saving them. Files are those of `with_stored_files`. `publishers` are those
    with the `publisher_names`; the caller saves the new ones. A link that the update already has is
    not added again.

    The path of a problem is `evidence`, then the id of a present piece (a string) or the index of a
    new one. Raise FileTooLarge if an upload exceeds the limit.
    """
    present = {item.pk: item for item in rows_in(update, "evidence")} if update.pk else {}
    stored = {pk: _columns(item) for pk, item in present.items()}
    message = _("This update has no evidence with ID %(id)s.")
    problems = [
        Problem(("evidence",), message % {"id": pk}, ErrorCode.NOT_FOUND)
        for pk in (*changes.change, *changes.remove)
        if pk not in present
    ]
    items: list[tuple[ProblemPath, Evidence, Mapping[str, Any]]] = [
        (("evidence", str(pk)), present[pk], fields)
        for pk, fields in changes.change.items()
        if pk in present
    ]
    items += [(("evidence", index), Evidence(), fields) for index, fields in enumerate(changes.add)]
    for path, item, fields in items:
        _set_fields(item, fields)
        language = item.language or plan.languages[0]
        item.title = item.title.determined(language).ordered([language])
        if "publisher" in fields:
            name = fields["publisher"].determined(language).ordered([language])
            item.publisher, of_publisher = publishers.find(name, (*path, "publisher"))
            problems += of_publisher
        of_file = _refusal_of_file(fields, path)
        problems += of_file or validation_problems(item, path, exclude={"update", "publisher"})
        # A source may be dated by the calendar of any country.
        problems += _future_problems(item, path, local_day(at, FARTHEST_EAST))
    kept = [item for pk, item in present.items() if pk not in changes.remove]
    pieces = [(path, item) for path, item, _fields in items]
    problems += _duplicate_file_problems(pieces, kept)
    problems += _duplicate_link_problems(pieces, kept)
    known = {item.url for item in kept if item.url}
    new = [item for _path, item in pieces if item._state.adding and item.url not in known]
    changed = [item for pk, item in present.items() if _columns(item) != stored[pk]]
    return [*changed, *new], problems


def _columns(item: Evidence) -> list[object]:
    """Return what the columns of a piece say that an author sets, and its publisher if that is
    new."""
    publisher = item._state.fields_cache.get("publisher")
    new_publisher = publisher if publisher and publisher._state.adding else None
    columns = [getattr(item, name) for name in EVIDENCE_FIELDS if name != "publisher"]
    return [item.publisher_id, new_publisher, *columns]


def _future_problems(item: Evidence, path: ProblemPath, latest: date) -> list[Problem]:
    if item.dated_on is None or item.dated_on <= latest:
        return []
    sentence = _("This date is in the future; the latest possible is %(day)s.")
    return [Problem((*path, "dated_on"), sentence % {"day": latest}, ErrorCode.IN_FUTURE)]


def save_changes(
    update: ProgressUpdate, pieces: Iterable[Evidence], removed: Collection[int]
) -> None:
    """Save the pieces of an update with their files, and delete the removed pieces with theirs."""
    deleted = update.evidence.filter(pk__in=removed)
    for name in deleted.exclude(file="").values_list("file", flat=True):
        storage.delete_on_commit(name)
    deleted.delete()
    for item in pieces:
        item.update = update
        _claim_new_file(item)
        item.save()


def create_evidence(pieces: Iterable[tuple[ProgressUpdate, Sequence[Evidence]]]) -> None:
    """Save the pieces of new updates with their files."""
    items = []
    for update, of_update in pieces:
        for item in of_update:
            item.update = update
            _claim_new_file(item)
            items.append(item)
    Evidence.objects.bulk_create(items)


def _claim_new_file(item: Evidence) -> None:
    if item.file and item._state.adding:
        storage.claim(str(item.file.name))


def _set_fields(item: Evidence, fields: Mapping[str, Any]) -> None:
    """Set the fields that are columns of their own: not `publisher`, and not a refused file."""
    unknown = set(fields) - {*EVIDENCE_FIELDS, *(FILE_COLUMNS if item._state.adding else ())}
    if unknown:
        raise TypeError(f"not a field of evidence: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        if name != "publisher" and not isinstance(value, FileRefused):
            setattr(item, name, value)


def _refusal_of_file(fields: Mapping[str, Any], path: ProblemPath) -> list[Problem]:
    """Return the problem of a piece whose upload was refused. Raise FileTooLarge for one that
    exceeds the limit."""
    match fields.get("file"):
        case FileTooLarge() as error:
            problem = Problem((*path, "file"), str(error), ErrorCode.TOO_LONG)
            raise FileTooLarge(str(error), [problem]) from error
        case FileRefused() as error:
            return [Problem((*path, "file"), str(error), ErrorCode.FILE_REFUSED)]
    return []


def _duplicate_file_problems(
    items: Iterable[tuple[ProblemPath, Evidence]], kept: Iterable[Evidence]
) -> list[Problem]:
    """Return a problem for each file that the update would contain twice."""
    first = {item.file_sha256: item for item in kept if item.file_sha256}
    problems = []
    for path, item in items:
        if item.file_sha256 and first.setdefault(item.file_sha256, item) is not item:
            title = first[item.file_sha256].title
            sentence = _("This update already contains this file, as “%(title)s”.")
            message = sentence % {"title": title}
            problems.append(Problem((*path, "file"), message, ErrorCode.DUPLICATE))
    return problems


def _duplicate_link_problems(
    items: Iterable[tuple[ProblemPath, Evidence]], kept: Iterable[Evidence]
) -> list[Problem]:
    """Return a problem for each link that would be added twice at once, or that a piece would take
    over although another piece has it."""
    present, added, problems = list(kept), set[str](), []
    for path, item in items:
        if item._state.adding:
            is_double = item.url in added
            added.add(item.url)
        else:
            is_double = any(item.url == other.url for other in present if other is not item)
        if item.url and is_double:
            message = _("This link is given twice.")
            problems.append(Problem((*path, "url"), message, ErrorCode.REPEATED))
    return problems
