"""Performing the actions of the workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.choices import (
    EDITABLE_STATES,
    PUBLIC_ACTIONS,
    Action,
    ErrorCode,
    MailKind,
    Role,
    State,
)
from commitments.exceptions import (
    ActionRefused,
    NoteRequired,
    NotPermitted,
    Problem,
    TrackerError,
)
from commitments.models import Commitment, Decision, Mail, Plan, ProgressUpdate
from commitments.models.querysets import CURRENT_STATE, CommitmentQuerySet
from commitments.models.querysets.composed import composed_once
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.visible import is_blank, refusal_of
from commitments.workflow import requirements
from commitments.workflow.locks import check_revision, locked_plans, locked_update, save_revision
from commitments.workflow.transitions import TRANSITIONS, Transition, TransitionRun

if TYPE_CHECKING:
    from commitments.roles import Person


def allowed_actions(user: Person, update: ProgressUpdate) -> list[Action]:
    """Return the actions that a person may perform on an update now, in the table's order."""
    return [
        action
        for action, transition in TRANSITIONS.items()
        if update.state in transition.sources
        and transition.allowed(user, update)
        and not (transition.blocked and transition.blocked(user, update))
    ]


def may_edit_now(user: Person, update: ProgressUpdate) -> bool:
    """Return whether a person may edit an update in its present state."""
    return update.state in EDITABLE_STATES and policies.may_edit(user, update)


def perform(
    update: ProgressUpdate,
    action: Action,
    *,
    by: User,
    at: datetime,
    expected_revision: int,
    note: str = "",
    meta: Mapping[str, Any] | None = None,
    **details: Any,
) -> ProgressUpdate:
    """Perform an action on an update and return the update as stored, with what it names, its
    evidence and its decisions.

    `expected_revision` is the one that the caller read. `meta` becomes part of the ledger's entry.
    `details` depend on the action: `archive` takes `evidence` (id) and `archived_url`, `reassign`
    takes `to` (a user), `rate` takes `findings` (`FindingFields` by the keys of criteria) and
    `status`. Raise NotPermitted, ActionRefused or StaleRevision; then nothing has changed.
    Raise TypeError for unknown details.
    """
    request = ActionRequest(update, expected_revision, note)
    transition = _transition(action, details)
    with transaction.atomic():
        run = _checked(request, action, transition, by, at, meta or {}, details)
        _move(run, transition)
    return run.update


class ActionRequest(NamedTuple):
    """One of several updates to act on, with the revision that the caller read."""

    update: ProgressUpdate
    expected_revision: int
    note: str = ""


def perform_each(
    requests: Iterable[ActionRequest], action: Action, *, by: User, at: datetime
) -> list[ProgressUpdate | TrackerError]:
    """Perform an action on each of several updates by the rules of `perform`, in order, and return
    for each the update as stored, or why it was refused. If one is refused, the others are still
    done; all that is done is committed together.

    Raise TimeRefused if nothing can be recorded now.
    """
    transition = _transition(action, {})
    outcomes: list[ProgressUpdate | TrackerError] = []
    with transaction.atomic():
        # The updates may be of several plans, whose locks must be taken in one order.
        locked_plans()
        for request in requests:
            try:
                run = _checked(request, action, transition, by, at, {}, {})
            except TrackerError as error:
                outcomes.append(error)
            else:
                _move(run, transition)
                outcomes.append(run.update)
    return outcomes


def _checked(
    request: ActionRequest,
    action: Action,
    transition: Transition,
    by: User,
    at: datetime,
    meta: Mapping[str, Any],
    details: Mapping[str, Any],
) -> TransitionRun:
    """Lock an update and return the run of an action on it. Raise why it is refused: nothing has
    been written then."""
    update = locked_update(request.update, "evidence", "decisions")
    if not transition.allowed(by, update):
        raise NotPermitted(
            _("Update %(id)s: “%(action)s” is reserved for %(who)s.")
            % {"id": update.pk, "action": action.label, "who": transition.who(update)}
        )
    check_revision(update, request.expected_revision)
    _check_state(update, action, transition)
    _check_not_blocked(update, by, action, transition)
    note = "" if is_blank(request.note) else request.note.strip()
    role = _role(action, by, update)
    run = TransitionRun(update, action, by, at, role, note, dict(meta), details)
    _check_run(run, transition)
    return run


def _transition(action: Action, details: Mapping[str, Any]) -> Transition:
    """Return the action's row of the table. Raise ActionRefused if it has none: such an action
    only follows from others."""
    if action not in TRANSITIONS:
        raise ActionRefused(
            _("“%(action)s” cannot be requested directly: it follows from other actions.")
            % {"action": action.label}
        )
    unknown = set(details) - set(TRANSITIONS[action].takes)
    if unknown:
        raise TypeError(f"not a detail of {action}: {', '.join(sorted(unknown))}")
    return TRANSITIONS[action]


def _move(run: TransitionRun, transition: Transition) -> None:
    update = run.update
    if run.action is Action.SUBMIT and policies.is_service(run.by):
        # Before the submission is recorded, which has the digests of all who wrote the update.
        update.editors.add(*policies.writers(run.by) - {run.by.pk})
    decision = run.record(run.action, update)
    run.decision = decision
    if transition.target is not None:
        update.state = transition.target
    if transition.effect:
        transition.effect(run)
    if transition.changes_update:
        save_revision(update, run.recorded_at)
    if transition.mail_to_author:
        _mail_to_author(run, transition.mail_to_author, decision, update)
    if run.action is Action.PUBLISH and update.corrects is not None:
        _supersede(run, update.corrects)
    if run.action in PUBLIC_ACTIONS:
        _refresh_current_state(update.commitment)
        Plan.objects.filter(pk=run.plan.pk).bump_revision()


def _mail_to_author(
    run: TransitionRun, kind: MailKind, decision: Decision, update: ProgressUpdate
) -> None:
    """Put a mail to the author of an update into the outbox, unless a file is being loaded."""
    if "import" not in run.meta:
        Mail.objects.post(
            kind,
            key=f"{kind}-{decision.seq}",
            at=run.at,
            person=update.author,
            decision=decision,
        )


def _supersede(run: TransitionRun, target: ProgressUpdate) -> None:
    """Mark the target of a published correction as corrected.

    It is locked by `locked_update`, and `check` has found it published.
    """
    decision = run.record(Action.SUPERSEDE, target)
    target.state = State.SUPERSEDED
    target.superseded_at = decision.at
    save_revision(target, decision.at)
    if run.update.author_id != target.author_id:
        _mail_to_author(run, MailKind.CORRECTED, decision, target)


@composed_once
def _in_published_state() -> CommitmentQuerySet:
    return Commitment.objects.with_published_state()


def _refresh_current_state(commitment: Commitment) -> None:
    """Store with a commitment the state that its published updates give it."""
    rows = _in_published_state().filter(pk=commitment.pk)
    # Not `save()`, which would add a row to the history of curators' edits.
    rows.update(**{column: F(name) for name, column in CURRENT_STATE.items()})
    for column in CURRENT_STATE.values():
        # Django reads it again when it is asked for.
        vars(commitment).pop(column, None)


def _role(action: Action, by: User, update: ProgressUpdate) -> Role:
    """Return the role that the ledger records for an action by this person.

    It is the transition's role, except that a person discards what others wrote as a curator.
    """
    if action is Action.DISCARD and not policies.is_author(by, update):
        return Role.CURATOR
    return TRANSITIONS[action].role


def _check_state(update: ProgressUpdate, action: Action, transition: Transition) -> None:
    if update.state not in transition.sources:
        raise ActionRefused(
            _("Update %(id)s is “%(state)s”; “%(action)s” is only possible from: %(sources)s.")
            % {
                "id": update.pk,
                "state": State(update.state).label,
                "action": action.label,
                "sources": join_list([state.label for state in transition.sources], ITEMS),
            }
        )


def _check_not_blocked(
    update: ProgressUpdate, by: User, action: Action, transition: Transition
) -> None:
    problem = transition.blocked(by, update) if transition.blocked else None
    if problem is not None:
        raise ActionRefused(_not_possible_yet(update, action), [problem])


def _not_possible_yet(update: ProgressUpdate, action: Action) -> str:
    sentence = _("Update %(id)s: “%(action)s” is not possible yet.")
    return sentence % {"id": update.pk, "action": action.label}


def _check_run(run: TransitionRun, transition: Transition) -> None:
    if transition.note_required and not run.note:
        sentence = _("Give a reason: this action requires a note.")
        raise NoteRequired(sentence, [Problem(("note",), sentence, ErrorCode.REQUIRED)])
    problems = []
    if refusal := refusal_of(run.note):
        problems.append(Problem(("note",), str(refusal), ErrorCode.NOT_ALLOWED))
    if transition.complete:
        publishing = run.action is Action.PUBLISH
        problems += requirements.check(run.update, publishing=publishing)
    if transition.check:
        problems += transition.check(run)
    if problems:
        raise ActionRefused(_not_possible_yet(run.update, run.action), problems)
