"""Recording what curators and plan files change, as public decisions of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from django.db.models import Model

from commitments import ledger
from commitments.access import policies
from commitments.choices import SYSTEM_ROLE, Action, Role, SubjectType
from commitments.curation.known_dates import keep_dates
from commitments.ledger import Subject
from commitments.models import Decision, Plan, Publisher, RecordedContent
from commitments.workflow.locks import locked_plans

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# The types of subjects that plans share and plan files describe.
SHARED_IN_FILES = (SubjectType.FORUM, SubjectType.OFFICE)


@dataclass(frozen=True)
class ChangeReason:
    """Who changes reference data, when and why; `by` is None for the system. `meta` holds further
    details for the ledger."""

    by: User | None
    at: datetime
    reason: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        return SYSTEM_ROLE if self.by is None else Role.CURATOR.value


def begin_change(by: User, at: datetime, reason: str) -> ChangeReason:
    """Return a change dated with the time that its decision will have, since rows may need that
    time. It locks all plans and the head of the ledger: call it inside the transaction of the
    change, after locking any rows."""
    locked_plans()
    return ChangeReason(by, ledger.next_timestamp(at), reason)


def record_edits(rows: Iterable[Model], change: ChangeReason) -> list[Decision]:
    """Append an `edit`, or a `prepare` if the plan is a draft, for each of these saved rows whose
    content differs from that last recorded, and return the decisions. The rows are all of one
    model. Raise the revision of every plan whose readers see a change.

    Nothing is recorded of a publisher that only staff may know. Call it inside the transaction of
    the change, after locking any rows.
    """
    by_subject = {ledger.subject_of(row): row for row in rows if _is_public(row)}
    if not by_subject:
        return []
    locked_plans()
    [subject_type] = {subject.type for subject in by_subject}
    saved = ledger.rows_of(subject_type).filter(pk__in=[row.pk for row in by_subject.values()])
    recorded = RecordedContent.objects.filter(
        subject_type=subject_type, subject_key__in=[subject.key for subject in by_subject]
    )
    changed = ledger.changed_contents(saved, recorded)
    pairs = [(row, by_subject[Subject(subject_type, row.subject_key)]) for row in changed]
    return _append_all(pairs, change)


def record_deletion(row: Model, change: ChangeReason) -> None:
    """Append an `edit` which records that a row was deleted; the object must still have its values.
    Nothing is recorded of a publisher that only staff may know."""
    if not _is_public(row):
        return
    locked_plans()
    _append_all([(_deletion_of(row), row)], change)


def _deletion_of(row: Model) -> RecordedContent:
    """Return the unsaved content by which a decision records that a row was deleted."""
    subject = ledger.subject_of(row)
    return RecordedContent(subject_type=subject.type, subject_key=subject.key)


def _is_public(row: Model) -> bool:
    """Return whether everybody may know of a subject, or already does from an earlier edit."""
    if not isinstance(row, Publisher) or policies.publisher_is_public(row):
        return True
    return RecordedContent.objects.of(SubjectType.PUBLISHER, row.key).exists()


def _append_all(
    changed: Sequence[tuple[RecordedContent, Model]], change: ChangeReason
) -> list[Decision]:
    """Append a decision for each of these contents, given with their rows, and raise the revision
    of every plan whose readers see a change."""
    decisions = [_append(content, row, change) for content, row in changed]
    # The content of a plan whose public record begins is recorded with all others.
    keep_dates(content for content, _row in changed if content.decision_id)
    plans = {ledger.plan_of(row) for _content, row in changed}
    revised = Plan.objects.all()
    if None not in plans:
        revised = revised.filter(pk__in=[plan.pk for plan in plans if plan])
    revised.bump_revision()
    return decisions


def _append(content: RecordedContent, row: Model, change: ChangeReason) -> Decision:
    plan = ledger.plan_of(row)
    action = Action.EDIT if plan is None else _action_on(plan, Action.EDIT)
    if plan is not None and action is Action.LOAD:
        return record_plan(action, plan, change)
    return ledger.append(
        action,
        at=change.at,
        by=change.by,
        role=change.role,
        plan=plan,
        commitment=content.commitment if action is Action.EDIT else None,
        contents=[content],
        note=change.reason,
        meta=change.meta,
    )


def record_plan(
    action: Action, plan: Plan, change: ChangeReason, removed: Iterable[Model] = ()
) -> Decision:
    """Append the decision that loads or amends a plan, with every content that differs from that
    last recorded: of the plan, and of the forums and offices that plans share. `removed` are its
    deleted goals and areas.

    While the plan is a draft, the decision is a `prepare`, which only staff see. Once it is no
    longer a draft, a `load` records all of it, and its public record begins.
    """
    action = _action_on(plan, action)
    shared = _changed_shared()
    if action is Action.PREPARE:
        _append_all(shared, change)
        shared = []
    own = _every_content(plan) if action is Action.LOAD else _changed_contents(plan)
    deleted = [_deletion_of(row) for row in removed]
    contents = [*own, *(content for content, _row in shared), *deleted]
    decision = ledger.append(
        action,
        at=change.at,
        by=change.by,
        role=change.role,
        plan=plan,
        contents=contents,
        note=change.reason,
    )
    keep_dates(contents)
    return decision


def _action_on(plan: Plan, action: Action) -> Action:
    """Return the action to record for a load, an amendment or an edit of a plan."""
    if plan.is_draft:
        return Action.PREPARE
    begun = plan.decisions.filter(action__in=(Action.PREPARE, Action.LOAD)).order_by("-seq")
    last = begun.values_list("action", flat=True).first()
    return Action.LOAD if last == Action.PREPARE else action


def _rows_of_plan(plan: Plan) -> Iterable[Model]:
    return chain.from_iterable(ledger.rows_of(kind, plan) for kind in ledger.PLAN_SUBJECTS)


def _every_content(plan: Plan) -> list[RecordedContent]:
    return [ledger.recorded_content(row) for row in _rows_of_plan(plan)]


def _changed_contents(plan: Plan) -> list[RecordedContent]:
    recorded = RecordedContent.objects.filter(
        subject_type__in=ledger.PLAN_SUBJECTS, decision__plan=plan
    )
    return ledger.changed_contents(_rows_of_plan(plan), recorded)


def _changed_shared() -> list[tuple[RecordedContent, Model]]:
    """Return the changed contents of the forums and offices that plans share, each with its row."""
    rows = list(chain.from_iterable(ledger.rows_of(kind) for kind in SHARED_IN_FILES))
    by_subject = {ledger.subject_of(row): row for row in rows}
    recorded = RecordedContent.objects.filter(subject_type__in=SHARED_IN_FILES)
    return [
        (content, by_subject[Subject(SubjectType(content.subject_type), content.subject_key)])
        for content in ledger.changed_contents(rows, recorded)
    ]
