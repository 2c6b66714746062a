"""Verification of plans, commitments, forums and whatever else curators maintain: what decisions
recorded of them against the digests in the chain, and the rows against what was recorded last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.choices import Action, SubjectType
from commitments.exceptions import Problem
from commitments.ledger import ErasedLinks, Subject, documents
from commitments.ledger.documents import Document
from commitments.models import Commitment, Criterion, Decision, Milestone, RecordedContent
from commitments.verification.dates import RecordedDates
from commitments.verification.reading import SharedRows
from commitments.verification.rows import ROWS_PER_CHUNK, check_row


@dataclass
class _RecordedItem:
    """What the contents of a commitment say of one of its criteria or milestones: its last form,
    and the times of the first content that had it and of the first that no longer did."""

    document: Document
    added_at: datetime
    retired_at: datetime | None = None


class _LastContent(NamedTuple):
    """The digest of the last content of a subject, None if it was deleted, the version of that
    content, and the number of the decision."""

    digest: str | None
    version: int
    seq: int


# The lists of a commitment whose items are retired instead of deleted, and their models.
RETIRED = {"criteria": Criterion, "milestones": Milestone}


@dataclass
class _Recorded:
    """What decisions recorded: by subject its last content; by public identifier of the commitment,
    then by list and key, the criteria and milestones; and the dates. `erased` is what erasures
    dropped of it."""

    erased: ErasedLinks
    shared: SharedRows
    last: dict[Subject, _LastContent] = field(default_factory=dict)
    items: dict[str, dict[tuple[str, str], _RecordedItem]] = field(default_factory=dict)
    dates: RecordedDates = field(default_factory=RecordedDates)


def subject_differences(erased: ErasedLinks, shared: SharedRows) -> Iterator[Problem]:
    recorded = _Recorded(erased, shared)
    for decision, contents in _decisions_with_contents():
        place = f"decision {decision.seq}"
        check = partial(_recorded_differences, decision, contents, recorded, place)
        yield from check_row(place, check)
    present = set()
    for subject_type in SubjectType:
        for row in ledger.every_row(subject_type, ROWS_PER_CHUNK):
            subject = ledger.subject_of(row)
            present.add(subject)
            place = f"{subject_type} {subject.key}"
            yield from check_row(place, partial(_row_differences, row, recorded, place))
    for subject, last in recorded.last.items():
        if last.digest is not None and subject not in present:
            place = f"{subject.type} {subject.key}"
            message = _("is missing, but decision %(seq)s records it")
            yield Problem((place,), message % {"seq": last.seq})
    yield from _item_differences(recorded)
    yield from recorded.dates.differences(recorded.shared)


def _decisions_with_contents() -> Iterator[tuple[Decision, Sequence[RecordedContent]]]:
    """Yield the decisions that recorded contents, or say that they did, in order, each with its
    contents. Only those of one decision are in memory at a time: a load has a whole plan."""
    rows = RecordedContent.objects.order_by("decision__seq", "pk")
    contents = groupby(rows.iterator(chunk_size=ROWS_PER_CHUNK), attrgetter("decision_id"))
    following = next(contents, None)
    has_contents = Exists(RecordedContent.objects.filter(decision=OuterRef("pk")))
    recording = Q(action=Action.EDIT) | Q(meta__has_key="subjects") | Q(has_contents)
    decisions = Decision.objects.filter(recording).in_order()
    for decision in decisions.iterator(chunk_size=ROWS_PER_CHUNK):
        if following is not None and following[0] == decision.pk:
            yield decision, list(following[1])
            following = next(contents, None)
        else:
            yield decision, ()


def _recorded_differences(
    decision: Decision, rows: Sequence[RecordedContent], recorded: _Recorded, place: str
) -> Iterator[Problem]:
    """Compare the contents of a decision with its digests, and add them to what is recorded."""
    contents = {(row.subject_type, row.subject_key): row for row in rows}
    for name, digest in ledger.recorded_digests(decision).items():
        row = contents.pop(name, None)
        if decision.seq in recorded.erased.entries:
            yield from _left_of_erased(row, place)
            continue
        subject = Subject(SubjectType(name[0]), name[1])
        recorded.last[subject] = _LastContent(digest, _version(row), decision.seq)
        about = f"{subject.type} {subject.key}"
        if row is None:
            yield Problem((place, about), _("the recorded content is missing"))
            continue
        left = recorded.erased.contents.get((decision.seq, *name), digest)
        code = recorded.shared.commitment_codes.get(row.commitment_id)
        is_of_it = code == (row.subject_key if subject.type is SubjectType.COMMITMENT else None)
        if (row.sha256, _digest(row)) != (digest, left) or not is_of_it:
            yield Problem((place, about), _("the content differs from the digest in the chain"))
        if subject.type is SubjectType.COMMITMENT:
            _collect_items(row, decision, recorded)
            if decision.action == Action.LOAD:
                recorded.dates.forget(row.subject_key)
            recorded.dates.add(row.subject_key, row.content, decision.at)
    for kind, key in contents:
        yield Problem((place, f"{kind} {key}"), _("the decision records no such content"))


def _left_of_erased(row: RecordedContent | None, place: str) -> Iterator[Problem]:
    """Yield a problem unless only the digest of an erased content is left."""
    if row is None or row.content is not None or row.sha256 is None:
        yield Problem((place,), _("the recorded content is not as an erasure leaves it"))


def _digest(row: RecordedContent) -> str | None:
    return None if row.content is None else ledger.sha256_of(row.content)


def _version(row: RecordedContent | None) -> int:
    """Return the version of a content; the current one if there is no content that says it."""
    content: Document = (row and row.content) or {}
    version: int = content.get("v", ledger.current_subject_version())
    return version


def _collect_items(row: RecordedContent, decision: Decision, recorded: _Recorded) -> None:
    """Add the criteria and milestones of a content, and the time for those that it no longer
    has."""
    at, items = decision.at, recorded.items.setdefault(row.subject_key, {})
    known = {
        (part, item["key"]): item for part in RETIRED for item in (row.content or {}).get(part, [])
    }
    for name, document in known.items():
        items.setdefault(name, _RecordedItem(document, at)).document = document
    for name, item in items.items():
        # A wrong clock may have dated an item too late: no time is later than the next decision.
        # The public record of a plan begins with its load.
        item.added_at = at if decision.action == Action.LOAD else min(item.added_at, at)
        if name not in known:
            item.retired_at = min(item.retired_at or at, at)


def _row_differences(row: Model, recorded: _Recorded, place: str) -> Iterator[Problem]:
    subject = ledger.subject_of(row)
    if last := recorded.last.get(subject):
        if not ledger.is_as_recorded(row, last.digest, last.version):
            message = _("differs from the content recorded by decision %(seq)s")
            yield Problem((place,), message % {"seq": last.seq})
    elif subject.type is not SubjectType.PUBLISHER:
        # Publishers come with the evidence that names them; only edits of them are decisions.
        yield Problem((place,), _("no decision records it"))
    if isinstance(row, Commitment) and row.text_sha256 != ledger.wording_sha256(row.text):
        yield Problem((place, "text_sha256"), _("does not match the text"))


def _item_differences(recorded: _Recorded) -> Iterator[Problem]:
    """Compare the criteria and milestones, those in use and those that were retired, with what is
    recorded."""
    expected = {
        (code, *name): item
        for code, items in recorded.items.items()
        for name, item in items.items()
    }
    for part, model in RETIRED.items():
        manager: Any = model._default_manager
        for row in manager.order_by("pk").iterator(chunk_size=ROWS_PER_CHUNK):
            commitment = recorded.shared.commitment_codes.get(row.commitment_id, "")
            known = expected.pop((commitment, part, row.key), None)
            place = f"{model._meta.model_name} {commitment} {row.key}"
            yield from check_row(place, partial(_differences_from, known, row, place))
    for code, part, key in expected:
        place = f"{RETIRED[part]._meta.model_name} {code} {key}"
        yield Problem((place,), _("is missing, but a decision records it"))


def _differences_from(
    known: _RecordedItem | None, row: Criterion | Milestone, place: str
) -> Iterator[Problem]:
    if known is None:
        yield Problem((place,), _("no decision records it"))
        return
    if isinstance(row, Criterion):
        is_same = documents.criterion_document(row) == known.document
        is_same &= row.added_at == known.added_at
    else:
        # Those in use are compared with the content of the commitment.
        is_same = known.retired_at is None or documents.milestone_document(row) == known.document
    if not is_same or row.retired_at != known.retired_at:
        yield Problem((place,), _("differs from what decisions record of it"))
