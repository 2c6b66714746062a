"""Checking and saving the changes of a draft's evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from commitments.choices import Source
from commitments.exceptions import FileRefused, FileTooLarge, Problem, ProblemPath
from commitments.files import storage
from commitments.models import Evidence, ProgressUpdate
from commitments.models.evidence import EVIDENCE_FIELDS
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


def evidence_level(evidence: Iterable[Evidence]) -> int:
    """Return the highest level of the public evidence, from 1 to 3; 0 if there is none."""
    return max((Source(item.source).level for item in evidence if item.public), default=0)


def apply_changes(
    update: ProgressUpdate, changes: EvidenceChanges
) -> tuple[list[Evidence], list[Problem]]:
    """Return the changed and new pieces, not yet saved, and the problems that forbid saving them.

    The path of a problem is `evidence`, then the id of a present piece (a string) or the index of a
    new one. Raise FileTooLarge if an upload exceeds the limit.
    """
    present = {item.pk: item for item in update.evidence.all()} if update.pk else {}
    problems = [
        Problem(("evidence",), _("This update has no evidence with ID %(id)s.") % {"id": pk})
        for pk in (*changes.change, *changes.remove)
        if pk not in present
    ]
    items: list[tuple[ProblemPath, Evidence]] = [
        (("evidence", str(pk)), _set_fields(present[pk], fields))
        for pk, fields in changes.change.items()
        if pk in present
    ]
    for index, fields in enumerate(changes.add):
        path: ProblemPath = ("evidence", index)
        values = {name: value for name, value in fields.items() if name != "file"}
        item = _set_fields(Evidence(), values)
        items.append((path, item))
        if fields.get("file") is not None:
            problems += _attach_file(item, fields["file"], path)
    refused = {problem.path[:2] for problem in problems}
    for path, item in items:
        if path not in refused:
            problems += validation_problems(item, path, exclude={"update"})
    kept = [item for pk, item in present.items() if pk not in changes.remove]
    problems += _duplicate_file_problems(items, kept)
    return [item for _path, item in items], problems


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
        if item.file and item.pk is None:
            item.file = storage.save_upload(item.file.file)
        item.save()


def _set_fields(item: Evidence, fields: Mapping[str, Any]) -> Evidence:
    unknown = set(fields) - set(EVIDENCE_FIELDS)
    if unknown:
        raise TypeError(f"not a field of evidence: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(item, name, value)
    return item


def _attach_file(item: Evidence, upload: UploadedFile[Any], path: ProblemPath) -> list[Problem]:
    """Set the file of a new piece and its columns; return the problems of a refused upload."""
    try:
        columns = storage.inspect_upload(upload)
    except FileTooLarge as error:
        raise FileTooLarge(str(error), [Problem((*path, "file"), str(error))]) from error
    except FileRefused as error:
        return [Problem((*path, "file"), str(error))]
    item.file = upload
    for name, value in columns.items():
        setattr(item, name, value)
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
            problems.append(Problem((*path, "file"), sentence % {"title": title}))
    return problems
