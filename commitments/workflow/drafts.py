"""Writing drafts, which leaves no decision in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import EDITABLE_STATES, ErrorCode, State
from commitments.clocks import local_day
from commitments.exceptions import (
    DuplicateReference,
    InvalidUpdate,
    NotPermitted,
    Problem,
    TrackerError,
    TransitionRefused,
)
from commitments.files import storage
from commitments.models import Commitment, Plan, ProgressUpdate, Rating
from commitments.models.progress import UPDATE_FIELDS
from commitments.workflow import requirements
from commitments.workflow.evidence import EvidenceChanges, apply_changes, save_changes
from commitments.workflow.findings import NAMING_FIELDS, named_rows, save_named_rows
from commitments.workflow.locks import (
    check_revision,
    locked_commitment,
    locked_plans,
    locked_update,
    save_revision,
)
from commitments.workflow.ratings import from_json

NO_CHANGES = EvidenceChanges()


def create_draft(
    commitment: Commitment,
    *,
    by: User,
    at: datetime,
    evidence: Sequence[Mapping[str, Any]] = (),
    request_key: str | None = None,
    **fields: Any,
) -> ProgressUpdate:
    """Create a draft on a commitment and return it as stored.

    `fields` are those of `UPDATE_FIELDS`, which says what each is; `evidence` gives the
    `EVIDENCE_FIELDS` of each piece, and `file` for an upload. Words of an undetermined language are
    in the plan's first; those of a piece of evidence in its `language`, if it has one. `publisher`
    is a `Text`: the publisher that has one of these names, or a new one. A request with the same
    `request_key` as an earlier one answers the draft that the earlier one made. Raise NotPermitted,
    InvalidUpdate, DuplicateReference or FileTooLarge; then nothing has changed and no file is kept.
    """
    with storage.delete_on_rollback(), transaction.atomic():
        plan, commitment = locked_commitment(commitment.pk)
        if not policies.may_report(by, commitment):
            raise NotPermitted(who_reports(commitment))
        made = request_key and commitment.updates.filter(author=by, request_key=request_key).first()
        if made:
            return made
        update = ProgressUpdate(
            commitment=commitment, author=by, created_at=at, request_key=request_key
        )
        return _save(update, plan, by, at, EvidenceChanges(add=evidence), fields)


def create_drafts(
    drafts: Iterable[Mapping[str, Any]], *, by: User, at: datetime
) -> list[ProgressUpdate]:
    """Create several drafts, all or none; each gives the arguments of `create_draft`.

    Raise NotPermitted if the person may not write one of them, else InvalidUpdate if one cannot be
    saved. Either lists the problems of all; each path begins with the index of the draft.
    """
    created: list[ProgressUpdate] = []
    problems: list[Problem] = []
    refusal: type[NotPermitted | InvalidUpdate] = InvalidUpdate
    with storage.delete_on_rollback(), transaction.atomic():
        # The drafts may be of several plans, whose locks must be taken in one order.
        locked_plans()
        for index, draft in enumerate(drafts):
            try:
                with transaction.atomic():
                    created.append(create_draft(**draft, by=by, at=at))
            except TrackerError as error:
                if isinstance(error, NotPermitted):
                    refusal = NotPermitted
                problems += [problem.at((index, *problem.path)) for problem in _problems_of(error)]
        if problems:
            raise refusal(_("None of the updates was saved."), problems)
    return created


def _problems_of(error: TrackerError) -> Sequence[Problem]:
    """Return the problems of a refusal; one that has none is a problem itself."""
    if error.problems:
        return error.problems
    if isinstance(error, DuplicateReference):
        return [Problem(("external_ref",), str(error), ErrorCode.DUPLICATE)]
    return [Problem((), str(error), ErrorCode.NOT_PERMITTED)]


def edit_draft(
    update: ProgressUpdate,
    *,
    by: User,
    at: datetime,
    expected_revision: int | None = None,
    evidence: EvidenceChanges = NO_CHANGES,
    **fields: Any,
) -> ProgressUpdate:
    """Edit a draft or returned update and return it as stored; fields not given keep their values.

    `expected_revision` is the one that the caller read, None to edit any revision. `by` is recorded
    as an editor. Raise NotPermitted, TransitionRefused, StaleRevision, InvalidUpdate,
    DuplicateReference or FileTooLarge; then nothing has changed and no file is kept.
    """
    with storage.delete_on_rollback(), transaction.atomic():
        plan, update = locked_update(update)
        _check_may_edit(update, by)
        if expected_revision is not None:
            check_revision(update, expected_revision)
        _check_editable(update)
        return _save(update, plan, by, at, evidence, fields)


def adopt_rating(
    rating: Rating, *, by: User, at: datetime, expected_revision: int
) -> ProgressUpdate:
    """Take over into an editable update what a second person found of it, and return the update as
    stored. Raise as `edit_draft` does, NotPermitted also if `by` may not see the rating."""
    if rating not in policies.visible_ratings(by, rating.update):
        raise NotPermitted(_("You may not see this rating yet."))
    return edit_draft(
        rating.update,
        by=by,
        at=at,
        expected_revision=expected_revision,
        status=rating.status,
        findings=from_json(rating.findings),
    )


def _save(
    update: ProgressUpdate,
    plan: Plan,
    by: User,
    at: datetime,
    evidence: EvidenceChanges,
    fields: Mapping[str, Any],
) -> ProgressUpdate:
    """Set the fields of a locked update, check it, and save it with its evidence."""
    unknown = set(fields) - set(UPDATE_FIELDS)
    if unknown:
        raise TypeError(f"not a field that an author sets: {', '.join(sorted(unknown))}")
    is_new = update._state.adding
    stored_precision = update.date_precision
    for name, value in fields.items():
        if name not in ("forums", *NAMING_FIELDS):
            setattr(update, name, value)
    if update.corrects_id is not None:
        # Read it again under the commitment's lock: the caller's object may be outdated.
        update.corrects = ProgressUpdate.objects.get(pk=update.corrects_id)
    update.changed_at = at
    requirements.normalise_texts(update, plan)
    pieces, problems = apply_changes(update, plan, evidence)
    named, unknown_rows = named_rows(update, fields, by)
    problems += unknown_rows
    if not is_new:
        problems += requirements.precision_raised_without_date(update, fields, stored_precision)
    problems += requirements.normalise_effective_on(update, local_day(at, plan.time_zone))
    problems += requirements.draft_problems(update, plan)
    if problems:
        raise InvalidUpdate(_("The update cannot be saved as it is."), problems)
    requirements.check_external_ref(update)
    update.chain = update.corrects.chain if update.corrects else update.chain
    save_revision(update, at)
    _set_chain(update)
    update.editors.add(by)
    if "forums" in fields:
        update.forums.set(fields["forums"])
    save_named_rows(update, named, is_new=is_new)
    save_changes(update, pieces, evidence.remove)
    return ProgressUpdate.objects.get(pk=update.pk)


def _set_chain(update: ProgressUpdate) -> None:
    """Begin a chain of corrections with an update that corrects nothing."""
    if update.corrects is None and update.chain_id != update.pk:
        ProgressUpdate.objects.filter(pk=update.pk).update(chain=update.pk)
        update.chain_id = update.pk


def _check_may_edit(update: ProgressUpdate, by: User) -> None:
    if not policies.may_edit(by, update):
        raise NotPermitted(
            _(
                "Only its author or a reporter from the commitment's lead or supporting "
                "offices may edit update %(id)s."
            )
            % {"id": update.pk}
        )


def _check_editable(update: ProgressUpdate) -> None:
    if update.state not in EDITABLE_STATES:
        raise TransitionRefused(
            _("Update %(id)s is “%(state)s” and can no longer be edited.")
            % {"id": update.pk, "state": State(update.state).label}
        )


def who_reports(commitment: Commitment) -> str:
    """Return a sentence that names the offices whose reporters may report."""
    offices = {office.code for office in commitment.supporting_offices.all()}
    if commitment.lead_office is not None:
        offices.add(commitment.lead_office.code)
    if not offices:
        return _("You may not report on %(code)s.") % {"code": commitment.code}
    sentence = _("You may not report on %(code)s: only reporters from %(offices)s may.")
    return sentence % {"code": commitment.code, "offices": ", ".join(sorted(offices))}
