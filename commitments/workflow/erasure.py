"""Erasing a text, note, name or file for good: one administrator asks, a second one confirms.

What remains of an update or a content gets a digest of its own; the digest of the former content
stays in the chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.choices import (
    ADMINISTRATOR_ROLE,
    PUBLIC_NOTE_ACTIONS,
    Action,
    RequestState,
    SubjectType,
)
from commitments.exceptions import ActionRefused, NotPermitted, Problem
from commitments.ledger import Part, Subject
from commitments.models import (
    Commitment,
    Decision,
    ErasureRequest,
    IdempotentResponse,
    Plan,
    ProgressUpdate,
    RecordedContent,
    Snapshot,
)
from commitments.models.search_indexes import forget_former_texts
from commitments.workflow.administrator_requests import close_request, request_to_confirm
from commitments.workflow.erasable import Target, erasable_parts
from commitments.workflow.erasing import (
    Dropped,
    drop_dumps,
    drop_from_contents,
    drop_from_update,
    drop_note,
)
from commitments.workflow.locks import locked_plans, locked_update, save_revision
from commitments.workflow.reasons import reason_problems

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def request_erasure(
    target: Target, parts: Sequence[Part], *, by: User, at: datetime, reason: str
) -> ErasureRequest:
    """Ask that parts of a row be erased, and return the request.

    Raise NotPermitted if the person is no administrator, ActionRefused if this cannot be the
    reason, nothing is asked for, or a part cannot be erased.
    """
    if not policies.may_request_erasure(by):
        raise NotPermitted(_("Only an administrator may request an erasure."))
    problems = [*_problems(target, parts), *reason_problems(reason)]
    if problems:
        raise ActionRefused(_("This cannot be erased."), problems)
    request = ErasureRequest(
        asked_by=by, asked_at=at, parts=[str(part) for part in parts], reason=reason.strip()
    )
    setattr(request, _column_of(target), target)
    request.save()
    return request


def confirm_erasure(request: ErasureRequest, *, by: User, at: datetime) -> Decision:
    """Erase what a request asks for, and return the decision.

    Raise NotPermitted if the person is no second administrator, ActionRefused if the request
    was answered or something of it can no longer be erased; then nothing has changed. Files go from
    storage after the transaction is committed.
    """
    with transaction.atomic():
        plan, commitment, target = _locked(request)
        fresh = request_to_confirm(request, by)
        parts = [Part.from_text(text) for text in fresh.parts]
        problems = _problems(target, parts)
        if problems:
            raise ActionRefused(_("This can no longer be erased."), problems)
        dropped = _drop(target, parts)
        decision = ledger.append(
            Action.ERASE,
            at=at,
            by=by,
            role=ADMINISTRATOR_ROLE,
            plan=plan,
            commitment=commitment,
            update=target if isinstance(target, ProgressUpdate) else None,
            subject=_subject_of(target),
            note=fresh.reason,
            meta=dropped.meta(parts),
            asked_by=fresh.asked_by,
        )
        dropped.drop(decision)
        _withdraw_snapshots(target, plan, decision)
        drop_dumps()
        # Any of these may contain what was erased; they are only kept for a day.
        IdempotentResponse.objects.all().delete()
        if isinstance(target, ProgressUpdate):
            save_revision(target, decision.at)
        fresh.decision, fresh.reason = decision, ""
        close_request(fresh, RequestState.CONFIRMED, by, at)
        Plan.objects.all().bump_revision()
        forget_former_texts()
    return decision


class _Place(NamedTuple):
    """The plan and the commitment that an erasure concerns, each None if there is none, and the
    locked row."""

    plan: Plan | None
    commitment: Commitment | None
    target: Target


def _locked(request: ErasureRequest) -> _Place:
    """Lock what a request is about, in the usual order."""
    if request.update is not None:
        # Updates of several plans share publishers, which are written under the lock of all.
        locked_plans()
        update = locked_update(request.update)
        return _Place(update.commitment.plan, update.commitment, update)
    plans = locked_plans()
    if request.note_of is not None:
        decision = Decision.objects.get(pk=request.note_of.pk)
        return _Place(decision.plan, decision.commitment, decision)
    contents = RecordedContent.objects.select_related("decision")
    content = contents.get(pk=request.target.pk)
    code = _plan_code(content)
    return _Place(plans[code] if code else None, content.commitment, content)


def _withdraw_snapshots(target: Target, plan: Plan | None, erasure: Decision) -> None:
    """Withdraw the frozen copies that may contain what was erased: those of quarters that ended
    since the update or note was public, none if it never was; for former texts, all."""
    match target:
        case ProgressUpdate(published_at=None):
            return
        case Decision() if target.action not in PUBLIC_NOTE_ACTIONS:
            return
        case ProgressUpdate():
            since = target.published_at
        case Decision():
            since = target.at
        case _:
            since = None
    Snapshot.objects.that_may_have(plan, since).withdraw(erasure)


def _drop(target: Target, parts: Sequence[Part]) -> Dropped:
    match target:
        case ProgressUpdate():
            return drop_from_update(target, parts)
        case Decision():
            return drop_note(target)
        case RecordedContent():
            return drop_from_contents(target, parts)


def _subject_of(target: Target) -> Subject | None:
    if not isinstance(target, RecordedContent):
        return None
    return Subject(SubjectType(target.subject_type), target.subject_key)


def _problems(target: Target, parts: Sequence[Part]) -> list[Problem]:
    """Return why these parts cannot be erased."""
    if not parts:
        return [Problem(("parts",), _("Choose what to erase."))]
    plan = _plan_of(target)
    if plan is not None and plan.is_draft:
        sentence = _(
            "Plan %(code)s is still in preparation. An erasure is public, so make the plan public "
            "first, or edit the text."
        )
        return [Problem((), sentence % {"code": plan.code})]
    possible = erasable_parts(target)
    sentence = _(
        "“%(part)s” cannot be erased: it is empty, already erased, or can still be edited."
    )
    return [
        Problem(("parts",), sentence % {"part": part}) for part in parts if part not in possible
    ]


def _plan_of(target: Target) -> Plan | None:
    match target:
        case ProgressUpdate():
            return target.commitment.plan
        case Decision():
            return target.plan
        case RecordedContent():
            return Plan.objects.filter(code=_plan_code(target)).first()


def _plan_code(content: RecordedContent) -> str | None:
    """Return the code of the plan to which the subject of a content belongs, None if plans share
    it."""
    held = content.content or {}
    code = held.get("code") if content.subject_type == SubjectType.PLAN else held.get("plan")
    return str(code) if code else None


def _column_of(target: Target) -> str:
    match target:
        case ProgressUpdate():
            return "update"
        case Decision():
            return "note_of"
        case RecordedContent():
            return "content"
