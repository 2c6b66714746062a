"""What curators maintain, and the content that decisions record of it.

A decision that changes what readers see of a plan, a commitment, a forum and so on records the
content of this subject afterwards: so the content before and after any edit can be compared, and
checked against the chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Model, Prefetch, QuerySet

from commitments.choices import SubjectType
from commitments.ledger import documents
from commitments.ledger.documents import Document
from commitments.ledger.hashing import sha256_of
from commitments.ledger.subject_versions import current_subject_version, in_version
from commitments.models import (
    ActionArea,
    Commitment,
    Forum,
    Office,
    Partnership,
    Plan,
    Publisher,
    RecordedContent,
    StrategicGoal,
)
from commitments.models.namings import fetch_rows
from commitments.models.querysets import RecordedContentQuerySet

# These belong to one plan; plans share the others.
PLAN_SUBJECTS = (SubjectType.PLAN, SubjectType.GOAL, SubjectType.AREA, SubjectType.COMMITMENT)


class Subject(NamedTuple):
    """What an edit is about. `key` is a plan's code, a commitment's public identifier, the code of
    the plan and the number of a goal or an area, as in `ISCC-2`, a forum's or an office's code, or
    the name under which a publisher was first recorded."""

    type: SubjectType
    key: str


class _Kind(NamedTuple):
    """How rows of one type are read and named, and their content made."""

    model: type[Model]
    key: Callable[[Any], str]
    document: Callable[[Any], Document]
    parents: tuple[str, ...] = ()
    relations: tuple[Prefetch[Any] | str, ...] = ()


def numbered_subject(subject_type: SubjectType, plan: Plan, number: int) -> Subject:
    """Return the goal or area of a plan with this number, which need not be there any more."""
    return Subject(subject_type, _number_in_plan(plan, number))


def _number_in_plan(plan: Plan, number: int) -> str:
    return f"{plan.code}-{number}"


def _number_of(row: StrategicGoal | ActionArea) -> str:
    return _number_in_plan(row.plan, row.number)


def _plan_document(plan: Plan) -> Document:
    """Return a plan with the numbers of its commitments in order; in plan files the order is that
    of the commitments themselves."""
    numbers = [commitment.number for commitment in plan.commitments.all()]
    return documents.without_empty(documents.plan_attributes(plan) | {"commitments": numbers})


def _office_document(office: Office) -> Document:
    """Return an office with the day on which it was closed, which plan files do not contain."""
    closed_on = office.closed_on and office.closed_on.isoformat()
    return documents.without_empty(documents.office_document(office) | {"closed_on": closed_on})


CODE = attrgetter("code")
NUMBERS = Prefetch(
    "commitments", Commitment.objects.only("plan", "number").order_by("position", "pk")
)
KINDS: Mapping[SubjectType, _Kind] = {
    SubjectType.PLAN: _Kind(Plan, CODE, _plan_document, relations=(NUMBERS,)),
    SubjectType.GOAL: _Kind(StrategicGoal, _number_of, documents.goal_document, parents=("plan",)),
    SubjectType.AREA: _Kind(ActionArea, _number_of, documents.area_document, ("plan",)),
    SubjectType.COMMITMENT: _Kind(
        Commitment,
        CODE,
        documents.commitment_document,
        parents=("plan", "area", "goal", "lead_office"),
        relations=(
            "supporting_goals",
            "supporting_offices",
            Prefetch("partnerships", Partnership.objects.select_related("forum")),
            "criteria",
            "milestones",
        ),
    ),
    SubjectType.FORUM: _Kind(Forum, CODE, documents.forum_document, ("parent", "successor_of")),
    SubjectType.OFFICE: _Kind(Office, CODE, _office_document),
    SubjectType.PUBLISHER: _Kind(Publisher, attrgetter("key"), documents.publisher_document),
}
SUBJECT_TYPES = {kind.model: subject_type for subject_type, kind in KINDS.items()}


def rows_of(subject_type: SubjectType, plan: Plan | None = None) -> QuerySet[Any]:
    """Return the rows of a type with all that their content needs; with `plan`, only its own.

    Use it to filter or order rows; to go through all of them, `every_row` is faster.
    """
    rows = _rows_with_parents(subject_type).prefetch_related(*KINDS[subject_type].relations)
    if plan is None:
        return rows
    return rows.filter(pk=plan.pk) if subject_type is SubjectType.PLAN else rows.filter(plan=plan)


def every_row(subject_type: SubjectType, chunk_size: int) -> Iterator[Any]:
    """Yield all rows of a type as `rows_of` returns them, one chunk in memory at a time. Use it to
    go through a large record: it is faster than the queryset."""
    stream = _rows_with_parents(subject_type).iterator(chunk_size=chunk_size)
    while chunk := list(islice(stream, chunk_size)):
        fetch_rows(chunk, KINDS[subject_type].relations)
        yield from chunk


def _rows_with_parents(subject_type: SubjectType) -> QuerySet[Any]:
    kind = KINDS[subject_type]
    return kind.model._default_manager.select_related(*kind.parents).order_by("pk")


def subject_of(row: Model) -> Subject:
    """Return the subject of an edit of this row. Raise KeyError if its model has none."""
    subject_type = SUBJECT_TYPES[type(row)]
    return Subject(subject_type, KINDS[subject_type].key(row))


def plan_of(row: Model) -> Plan | None:
    """Return the plan to which a subject belongs, for a plan the plan itself; None if plans share
    it."""
    return row if isinstance(row, Plan) else getattr(row, "plan", None)


def content_of(row: Model) -> Document:
    """Return the content of a row of `rows_of` in the current version, ready for canonical JSON.
    Apart from `v`, `type`, `key` and the code of the plan, it has the form of a plan file."""
    subject, version = subject_of(row), current_subject_version()
    plan = getattr(row, "plan", None)
    content = {
        "v": version,
        "type": subject.type.value,
        "key": subject.key,
        **({"plan": plan.code} if plan else {}),
        **KINDS[subject.type].document(row),
    }
    return in_version(content, version)


def recorded_content(row: Model) -> RecordedContent:
    """Return the content of a row of `rows_of` as the next decision on it will record it,
    unsaved."""
    subject, content = subject_of(row), content_of(row)
    return RecordedContent(
        subject_type=subject.type.value,
        subject_key=subject.key,
        commitment=row if isinstance(row, Commitment) else None,
        content=content,
        sha256=sha256_of(content),
    )


def is_as_recorded(row: Model, sha256: str | None, version: int) -> bool:
    """Return whether a row of `rows_of` has the content last recorded of it, given by its digest,
    None if it was deleted, and its version: that version of its content has the digest, and the
    fields added since have no value. Raise KeyError for an unknown version."""
    content = content_of(row)
    known = in_version(content, version)
    return known == content | {"v": version} and sha256_of(known) == sha256


def changed_contents(
    rows: Iterable[Model], recorded: RecordedContentQuerySet
) -> list[RecordedContent]:
    """Return the contents of these rows that differ from those last recorded, unsaved, in the
    current version.

    `recorded` selects the contents that were recorded of these rows; one query.
    """
    columns = ("subject_type", "subject_key", "sha256", "content__v")
    latest = {
        Subject(SubjectType(kind), key): (digest, version)
        for kind, key, digest, version in recorded.last_of_each().values_list(*columns)
        if digest is not None
    }
    return [
        recorded_content(row)
        for row in rows
        if (last := latest.get(subject_of(row))) is None or not is_as_recorded(row, *last)
    ]
