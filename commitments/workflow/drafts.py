"""Editing drafts, which leaves no decision in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import EDITABLE_STATES, State
from commitments.exceptions import ActionRefused, NotPermitted
from commitments.files import storage
from commitments.models import Evidence, ProgressUpdate, Rating
from commitments.models.progress import UPDATE_FIELDS
from commitments.workflow.draft_checks import RELATED_FIELDS, KnownRows, checked_draft
from commitments.workflow.evidence import EvidenceChanges, save_changes, with_stored_files
from commitments.workflow.findings import names_the_same, save_named_rows
from commitments.workflow.locks import check_revision, locked_update, save_revision
from commitments.workflow.ratings import from_json

NO_CHANGES = EvidenceChanges()


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
    as an editor. If nothing differs from what is stored, nothing is written. Raise NotPermitted,
    ActionRefused, StaleRevision, InvalidInput, DuplicateReference or FileTooLarge; then nothing has
    changed and no file is kept.
    """
    with storage.delete_unused_files():
        evidence = _with_stored_files(evidence, update, by, expected_revision)
        with transaction.atomic():
            draft = _locked_draft(update, by, expected_revision)
            return _save(draft, by, at, evidence, fields)


class AddedEvidence(NamedTuple):
    """A piece of evidence and its update, both as stored. It is not new if it is a link that the
    update had already."""

    update: ProgressUpdate
    piece: Evidence
    is_new: bool


def add_evidence(
    update: ProgressUpdate, fields: Mapping[str, Any], *, by: User, at: datetime
) -> AddedEvidence:
    """Add a link, a citation or a file to a draft or returned update, of any revision. Raise as
    `edit_draft` does."""
    with storage.delete_unused_files():
        changes = _with_stored_files(EvidenceChanges(add=[fields]), update, by)
        with transaction.atomic():
            draft = _locked_draft(update, by)
            before = {piece.pk: piece for piece in draft.evidence.all()}
            for piece in before.values():
                if piece.url and piece.url == fields.get("url"):
                    return AddedEvidence(draft, piece, is_new=False)
            changed = _save(draft, by, at, changes, {})
            added = changed.evidence.exclude(pk__in=before).get()
    return AddedEvidence(changed, added, is_new=True)


def adopt_rating(
    rating: Rating, *, by: User, at: datetime, expected_revision: int
) -> ProgressUpdate:
    """Copy what a second person found into an editable update, and return the update as stored.
    Raise as `edit_draft` does, NotPermitted also if `by` may not see the rating."""
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


def _locked_draft(
    update: ProgressUpdate, by: User, expected_revision: int | None = None
) -> ProgressUpdate:
    """Lock an update that this person may edit now, and return it as stored with its evidence."""
    update = locked_update(update, "evidence")
    _check(update, by, expected_revision)
    return update


def _with_stored_files(
    changes: EvidenceChanges, update: ProgressUpdate, by: User, expected_revision: int | None = None
) -> EvidenceChanges:
    """Return the changes with their files stored, if there are any. What the update is now refused
    for is refused before that, and once more under its lock."""
    if not changes.has_files:
        return changes
    _check(update, by, expected_revision)
    return with_stored_files(changes)


def _check(update: ProgressUpdate, by: User, expected_revision: int | None) -> None:
    """Raise unless this person may edit an update of this revision now."""
    _check_may_edit(update, by)
    if expected_revision is not None:
        check_revision(update, expected_revision)
    _check_editable(update)


def _save(
    update: ProgressUpdate,
    by: User,
    at: datetime,
    evidence: EvidenceChanges,
    fields: Mapping[str, Any],
) -> ProgressUpdate:
    """Set the fields of a locked update, check it, and save it with its evidence, if anything
    differs."""
    known = KnownRows([(fields, evidence)], by)
    before = _columns(update)
    pieces, named = checked_draft(update, at, evidence, fields, known)
    has_same_forums = {*fields.get("forums", update.forums.all())} == {*update.forums.all()}
    is_same = has_same_forums and names_the_same(update, named) and before == _columns(update)
    if is_same and not (pieces or evidence.remove):
        return ProgressUpdate.objects.get(pk=update.pk)
    update.chain = update.corrects.chain if update.corrects else update.chain
    known.publishers.save_new()
    save_revision(update, at)
    if update.corrects is None and update.chain_id != update.pk:
        # It no longer corrects anything, so it is the first of its own chain of corrections.
        ProgressUpdate.objects.filter(pk=update.pk).update(chain=update.pk)
    update.editors.add(*policies.writers(by))
    if "forums" in fields:
        update.forums.set(fields["forums"])
    save_named_rows(update, named)
    save_changes(update, pieces, evidence.remove)
    return ProgressUpdate.objects.get(pk=update.pk)


def _columns(update: ProgressUpdate) -> list[object]:
    """Return what the columns say that an author sets."""
    return [getattr(update, name) for name in UPDATE_FIELDS if name not in RELATED_FIELDS]


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
        raise ActionRefused(
            _("Update %(id)s is “%(state)s” and can no longer be edited.")
            % {"id": update.pk, "state": State(update.state).label}
        )
