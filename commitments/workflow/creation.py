"""Creating drafts, one or several at once, which leaves no decision in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, prefetch_related_objects
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import ErrorCode
from commitments.exceptions import (
    DuplicateReference,
    InvalidInput,
    NotPermitted,
    Problem,
    TrackerError,
)
from commitments.files import storage
from commitments.models import Commitment, Evidence, ProgressUpdate
from commitments.models.namings import fetch_named, keep_rows
from commitments.texts.lists import ITEMS, join_list
from commitments.workflow.draft_checks import KnownRows, checked_draft
from commitments.workflow.evidence import (
    EvidenceChanges,
    create_evidence,
    with_stored_files,
)
from commitments.workflow.findings import NamedRows, create_named_rows
from commitments.workflow.locks import locked_commitments, locked_plans

# The fields of drafts that name rows of their commitments, by the relation of these.
NAMED_OF_COMMITMENTS = {"criteria": ("criteria", "findings"), "milestones": ("meets",)}


@dataclass
class _Draft:
    """A requested draft, and what is saved of it once it has been checked."""

    commitment: int
    fields: Mapping[str, Any]
    evidence: EvidenceChanges
    request_key: str | None = None
    update: ProgressUpdate = field(default_factory=ProgressUpdate)
    pieces: Sequence[Evidence] = ()
    named: NamedRows = field(default_factory=NamedRows)


def create_draft(
    commitment: Commitment,
    *,
    by: User,
    at: datetime,
    evidence: Sequence[Mapping[str, Any]] = (),
    request_key: str | None = None,
    **fields: Any,
) -> ProgressUpdate:
    """Create a draft on a commitment and return it as stored, with what it names and its evidence.

    `fields` are those of `UPDATE_FIELDS`, which says what each is; `evidence` gives the
    `EVIDENCE_FIELDS` of each piece, and `file` for an upload. Words of an undetermined language are
    in the plan's first; those of a piece of evidence in its `language`, if it has one. `publisher`
    is a `Text`: the publisher that has one of these names, or a new one. A request with the same
    `request_key` as an earlier one answers the draft that the earlier one made. Raise NotPermitted,
    InvalidInput, DuplicateReference or FileTooLarge; then nothing has changed and no file is kept.
    """
    changes = EvidenceChanges(add=evidence)
    with storage.delete_unused_files():
        if changes.has_files:
            # Refuse a person before their files are stored, and once more under the lock.
            _check_may_report(by, commitment)
            changes = with_stored_files(changes)
        draft = _Draft(commitment.pk, fields, changes, request_key)
        with transaction.atomic():
            [outcome] = _create([draft], by, at)
            if isinstance(outcome, TrackerError):
                raise outcome
    return outcome


def create_drafts(
    drafts: Iterable[Mapping[str, Any] | InvalidInput], *, by: User, at: datetime
) -> list[ProgressUpdate]:
    """Create several drafts, all or none; each gives the arguments of `create_draft`, without
    files. The number of queries does not depend on the number of drafts, except that very long
    statements are split.

    An item that could not be read is given as its InvalidInput; then nothing is saved, but the
    other items are still checked. Raise NotPermitted if the person may not write one of them, else
    InvalidInput if one cannot be saved. Either lists the problems of all; each path begins with the
    index of the draft.
    """
    given = dict(enumerate(drafts))
    asked = {
        index: _asked(**draft)
        for index, draft in given.items()
        if not isinstance(draft, InvalidInput)
    }
    with transaction.atomic():
        # The drafts may be of several plans, whose locks must be taken in one order.
        locked_plans()
        outcomes = _create(list(asked.values()), by, at)
        of_all = given | dict(zip(asked, outcomes, strict=True))
        refused = {
            index: outcome for index, outcome in of_all.items() if isinstance(outcome, TrackerError)
        }
        if refused:
            raise _refusal(refused)
    return [outcome for outcome in outcomes if isinstance(outcome, ProgressUpdate)]


def _asked(
    commitment: Commitment, evidence: Sequence[Mapping[str, Any]] = (), **fields: Any
) -> _Draft:
    return _Draft(commitment.pk, fields, EvidenceChanges(add=evidence))


def _refusal(refused: Mapping[int, TrackerError]) -> TrackerError:
    """Return one refusal for those of several drafts, given by their index."""
    forbidden = any(isinstance(error, NotPermitted) for error in refused.values())
    problems = [
        problem.at((index, *problem.path))
        for index, error in refused.items()
        for problem in _problems_of(error)
    ]
    kind = NotPermitted if forbidden else InvalidInput
    return kind(_("None of the updates was saved."), problems)


def _problems_of(error: TrackerError) -> Sequence[Problem]:
    """Return the problems of a refusal; if it has none, the refusal itself as one."""
    if error.problems:
        return error.problems
    if isinstance(error, DuplicateReference):
        return [Problem(("external_ref",), str(error), ErrorCode.DUPLICATE)]
    return [Problem((), str(error), ErrorCode.NOT_PERMITTED)]


def _create(
    drafts: Sequence[_Draft], by: User, at: datetime
) -> Sequence[ProgressUpdate | TrackerError]:
    """Create drafts and return each as stored. If any is refused, save none, and return the
    refusals in the places of those that are refused."""
    commitments = locked_commitments(draft.commitment for draft in drafts)
    _fetch_related(list(commitments.values()), drafts, by)
    made = _made_before(drafts, by)
    known = KnownRows([(draft.fields, draft.evidence) for draft in drafts], by)
    outcomes: list[ProgressUpdate | TrackerError] = []
    for draft in drafts:
        kept = len(known.publishers.new)
        key = (draft.commitment, draft.request_key)
        try:
            update = made.get(key) or _check(draft, commitments[draft.commitment], by, at, known)
            outcomes.append(update)
        except TrackerError as error:
            known.publishers.forget_new(kept)
            outcomes.append(error)
    if any(isinstance(outcome, TrackerError) for outcome in outcomes):
        return outcomes
    known.publishers.save_new()
    updates = [outcome for outcome in outcomes if isinstance(outcome, ProgressUpdate)]
    pairs = zip(drafts, updates, strict=True)
    _save([draft for draft, update in pairs if update is draft.update], by)
    return updates


def _fetch_related(commitments: Sequence[Commitment], drafts: Iterable[_Draft], by: User) -> None:
    """Fetch what drafts read of their commitments, all at once."""
    given = {name for draft in drafts for name, value in draft.fields.items() if value}
    named = [name for name, fields in NAMED_OF_COMMITMENTS.items() if not given.isdisjoint(fields)]
    prefetch_related_objects(commitments, "supporting_offices", *named)
    if not all(policies.may_report(by, commitment) for commitment in commitments):
        # Error messages name the lead office.
        prefetch_related_objects(commitments, "lead_office")


def _made_before(
    drafts: Sequence[_Draft], by: User
) -> dict[tuple[int, str | None], ProgressUpdate]:
    """Return the drafts that earlier requests with the same keys made."""
    keys = [draft.request_key for draft in drafts if draft.request_key]
    if not keys:
        return {}
    rows = ProgressUpdate.objects.filter(author=by, request_key__in=keys)
    return {(row.commitment_id, row.request_key): row for row in rows}


def _check(
    draft: _Draft, commitment: Commitment, by: User, at: datetime, known: KnownRows
) -> ProgressUpdate:
    """Return the update that a draft will be. Raise as `create_draft` does."""
    _check_may_report(by, commitment)
    draft.update = ProgressUpdate(
        commitment=commitment, author=by, created_at=at, request_key=draft.request_key, revision=1
    )
    draft.pieces, draft.named = checked_draft(draft.update, at, draft.evidence, draft.fields, known)
    if draft.update.corrects is not None:
        draft.update.chain_id = draft.update.corrects.chain_id
    return draft.update


def _save(drafts: Sequence[_Draft], by: User) -> None:
    """Save drafts; keep with each update what is stored with it."""
    updates = ProgressUpdate.objects.bulk_create([draft.update for draft in drafts])
    # A draft that corrects nothing begins a chain of corrections.
    beginning = [update for update in updates if update.corrects is None]
    if beginning:
        new = ProgressUpdate.objects.filter(pk__in=[update.pk for update in beginning])
        new.update(chain=F("pk"))
    for update in beginning:
        update.chain_id = update.pk
    editors, forums = ProgressUpdate.editors.through, ProgressUpdate.forums.through
    writers = policies.writers(by)
    editors.objects.bulk_create(
        editors(progressupdate_id=update.pk, user_id=pk) for update in updates for pk in writers
    )
    forums.objects.bulk_create(
        forums(progressupdate_id=draft.update.pk, forum_id=forum.pk)
        for draft in drafts
        for forum in draft.fields.get("forums", ())
    )
    create_named_rows([(draft.update, draft.named) for draft in drafts])
    create_evidence([(draft.update, draft.pieces) for draft in drafts])
    fetch_named(updates)
    for draft in drafts:
        keep_rows(draft.update, "evidence", draft.pieces)
        keep_rows(draft.update, "decisions", ())


def _check_may_report(by: User, commitment: Commitment) -> None:
    if not policies.may_report(by, commitment):
        raise NotPermitted(who_reports(commitment))


def who_reports(commitment: Commitment) -> str:
    """Return a sentence that names the offices whose reporters may report."""
    offices = {office.code for office in commitment.supporting_offices.all()}
    if commitment.lead_office is not None:
        offices.add(commitment.lead_office.code)
    if not offices:
        return _("You may not report on %(code)s.") % {"code": commitment.code}
    sentence = _("You may not report on %(code)s: only reporters from %(offices)s may.")
    return sentence % {"code": commitment.code, "offices": join_list(sorted(offices), ITEMS)}
