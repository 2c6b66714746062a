"""The table of transitions: from which states each action leads where, and who may perform it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from commitments import ledger
from commitments.access import policies
from commitments.choices import EDITABLE_STATES, Action, ErrorCode, MailKind, Role, State
from commitments.clocks import local_day
from commitments.exceptions import Problem
from commitments.models import Decision, Plan, ProgressUpdate, Rating, ReturnedContent
from commitments.models.evidence import link_refusal
from commitments.models.namings import keep_rows
from commitments.texts.dates import written_date
from commitments.workflow import ratings
from commitments.workflow.evidence import stored_file_problems
from commitments.workflow.findings import changes_event

if TYPE_CHECKING:
    from commitments.roles import Person


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    sources, target    the states before and after; with target None the state stays
    allowed            whether a person may perform it on an update
    who                names the persons who may perform it on an update, for a refusal
    role               the role that the ledger records
    note_required      whether a reason must be given
    complete           whether the update must meet the requirements for submission
    takes              the details that the action takes
    published_details  those of them that go into the entry's `meta`
    blocked            returns what a person who may perform it has to do first
    check              returns further problems
    entry_meta         returns what else goes into the entry's `meta`
    effect             changes the update beyond its state
    changes_update     whether it changes the update, so that its revision counts up
    mail_to_author     the mail by which the author hears of it
    """

    sources: tuple[State, ...]
    target: State | None
    allowed: Callable[[Person, ProgressUpdate], bool]
    who: Callable[[ProgressUpdate], str]
    role: Role
    note_required: bool = False
    complete: bool = False
    takes: tuple[str, ...] = ()
    published_details: tuple[str, ...] = ()
    blocked: Callable[[Person, ProgressUpdate], Problem | None] | None = None
    check: Callable[[TransitionRun], list[Problem]] | None = None
    entry_meta: Callable[[TransitionRun], dict[str, Any]] | None = None
    effect: Callable[[TransitionRun], None] | None = None
    changes_update: bool = True
    mail_to_author: MailKind | None = None


@dataclass
class TransitionRun:
    """The arguments and locked rows of one call of `perform`.

    `decision` is its decision in the ledger, whose time, `recorded_at`, may be later than `at`.
    `rating` is that of a person who rates.
    """

    update: ProgressUpdate
    action: Action
    by: User
    at: datetime
    role: Role
    note: str
    meta: dict[str, Any]
    details: Mapping[str, Any]
    decision: Decision = field(init=False)
    rating: Rating = field(init=False)

    @property
    def plan(self) -> Plan:
        return self.update.commitment.plan

    @property
    def recorded_at(self) -> datetime:
        return self.decision.at

    def record(self, action: Action, update: ProgressUpdate) -> Decision:
        """Append a decision on `update` to the ledger and return it.

        Note and details are recorded with the requested action only, not with one that follows.
        """
        requested = action is self.action
        transition = TRANSITIONS[action] if requested else None
        details = transition.published_details if transition else ()
        more = transition.entry_meta(self) if transition and transition.entry_meta else {}
        decision = ledger.append(
            action,
            at=self.at,
            by=self.by,
            role=self.role,
            plan=self.plan,
            commitment=update.commitment,
            update=update,
            note=self.note if requested else "",
            meta={**self.meta, **{name: self.details[name] for name in details}, **more},
        )
        keep_rows(update, "decisions", [*update.decisions.all(), decision])
        return decision


def _publish(run: TransitionRun) -> None:
    run.update.publisher = run.by
    run.update.published_at = run.recorded_at
    run.update.published_on = local_day(run.recorded_at, run.plan.time_zone)
    if run.update.corrects is not None:
        run.update.changes_event = changes_event(run.update, run.update.corrects)

    _forget_returned(run)


def _return(run: TransitionRun) -> None:
    """Keep the content as it was returned, for the next review."""
    kept = {"at": run.recorded_at, "content": ledger.full_content(run.update)}
    ReturnedContent.objects.update_or_create(update=run.update, defaults=kept)


def _forget_returned(run: TransitionRun) -> None:
    if any(row.action == Action.RETURN for row in run.update.decisions.all()):
        ReturnedContent.objects.filter(update=run.update).delete()


def _retract(run: TransitionRun) -> None:
    run.update.retracted_at = run.recorded_at


def _archive(run: TransitionRun) -> None:
    [piece] = [row for row in run.update.evidence.all() if row.pk == run.details["evidence"]]
    piece.archived_url = run.details["archived_url"]
    piece.save(update_fields=["archived_url"])


def _reviewers(update: ProgressUpdate) -> str:
    if policies.is_rated_blind(update):
        return _(
            "a reviewer who neither wrote, edited nor submitted it and could not edit it either,"
            " and whose account was not made or given access by anybody who wrote, edited or"
            " submitted it"
        )
    return _(
        "a reviewer who neither wrote, edited nor submitted it, and whose account was not made or"
        " given access by anybody who did"
    )


def _raters(update: ProgressUpdate) -> str:
    if policies.is_rated_blind(update):
        return _reviewers(update)
    return _("reviewers of assessments in plans that ask for second ratings")


def _rating_problems(run: TransitionRun) -> list[Problem]:
    findings, status = run.details.get("findings") or {}, run.details.get("status") or None
    run.rating, problems = ratings.new_rating(run.update, run.by, findings, status)
    return problems


def _rate(run: TransitionRun) -> None:
    run.rating.decision = run.decision
    run.rating.save(force_insert=True)


def _reassign(run: TransitionRun) -> None:
    run.update.author = run.details["to"]
    run.update.editors.add(*policies.writers(run.details["to"]))


def _publish_problems(run: TransitionRun) -> list[Problem]:
    """Refuse plans that are not public, ratings that differ, files that are missing, and dates in
    the future. The date was checked on saving, but this machine's clock may be behind that of
    another."""
    if run.plan.is_draft:
        message = _("Plan %(code)s is still in preparation: nothing on it can be published yet.")
        return [Problem((), message % {"code": run.plan.code}, ErrorCode.NOT_PUBLISHED)]
    problems = ratings.publication_problems(run.update, run.by) + stored_file_problems(run.update)
    today = local_day(run.at, run.plan.time_zone)
    if run.update.effective_on <= today:
        return problems
    sentence = _("%(date)s is in the future; today is %(today)s.")
    day = written_date(run.update.effective_on, run.update.date_precision)
    message = sentence % {"date": day, "today": written_date(today)}
    return [*problems, Problem(("effective_on",), message, ErrorCode.IN_FUTURE)]


def _archive_problems(run: TransitionRun) -> list[Problem]:
    evidence = run.details.get("evidence")
    pk = evidence if isinstance(evidence, int) else 0
    links = run.update.evidence.archivable().filter(pk=pk)
    address = run.details.get("archived_url") or ""
    problems = []
    if not links.exists():
        message = _("This update has no such public link.")
        problems.append(Problem(("evidence",), message, ErrorCode.NOT_FOUND))
    if address and links.filter(url=address).exists():
        message = _("This is the link itself; enter the address of a copy of it.")
        problems.append(Problem(("archived_url",), message, ErrorCode.WRONG_REFERENCE))
    if address and links.filter(archived_url=address).exists():
        message = _("This archived address has already been added.")
        problems.append(Problem(("archived_url",), message, ErrorCode.DUPLICATE))
    if refusal := link_refusal(address):
        problems.append(Problem(("archived_url",), str(refusal), ErrorCode.MALFORMED))
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        problems.append(Problem(("archived_url",), error.messages[0], ErrorCode.MALFORMED))
    return problems


def _reassign_problems(run: TransitionRun) -> list[Problem]:
    to = run.details.get("to")
    if isinstance(to, User) and policies.may_report(to, run.update.commitment):
        return []
    message = _("Choose a person who may report on this commitment.")
    return [Problem(("to",), message, ErrorCode.NOT_PERMITTED)]


TRANSITIONS: dict[Action, Transition] = {
    Action.SUBMIT: Transition(
        EDITABLE_STATES,
        State.SUBMITTED,
        policies.may_submit,
        lambda _update: _(
            "its author or a reporter from the commitment's lead or supporting offices"
        ),
        Role.REPORTER,
        complete=True,
        check=lambda run: ratings.argument_problems(run.update, run.note),
    ),
    Action.RECALL: Transition(
        (State.SUBMITTED,),
        State.DRAFT,
        policies.may_recall,
        lambda _update: _("its author"),
        Role.REPORTER,
    ),
    Action.DISCARD: Transition(
        EDITABLE_STATES,
        State.DISCARDED,
        policies.may_discard,
        lambda _update: _("its author or a curator"),
        Role.REPORTER,
        effect=_forget_returned,
    ),
    Action.RATE: Transition(
        (State.SUBMITTED,),
        None,
        policies.may_rate,
        _raters,
        Role.REVIEWER,
        takes=("findings", "status"),
        blocked=ratings.rated_already,
        check=_rating_problems,
        entry_meta=lambda run: {"rating_commit": ledger.rating_digest(run.rating)},
        effect=_rate,
        changes_update=False,
    ),
    Action.RETURN: Transition(
        (State.SUBMITTED,),
        State.RETURNED,
        policies.may_review,
        _reviewers,
        Role.REVIEWER,
        note_required=True,
        effect=_return,
        mail_to_author=MailKind.RETURNED,
    ),
    Action.PUBLISH: Transition(
        (State.SUBMITTED,),
        State.PUBLISHED,
        policies.may_review,
        _reviewers,
        Role.REVIEWER,
        complete=True,
        blocked=ratings.must_rate_first,
        check=_publish_problems,
        entry_meta=lambda run: ratings.published_ratings(run.update, run.by),
        effect=_publish,
        mail_to_author=MailKind.PUBLISHED,
    ),
    Action.RETRACT: Transition(
        (State.PUBLISHED, State.SUPERSEDED),
        State.RETRACTED,
        policies.may_retract,
        lambda _update: _("a reviewer other than its author"),
        Role.REVIEWER,
        note_required=True,
        effect=_retract,
        mail_to_author=MailKind.WITHDRAWN,
    ),
    Action.ARCHIVE: Transition(
        (State.PUBLISHED,),
        None,
        policies.may_archive,
        lambda _update: _("a reviewer other than its author"),
        Role.REVIEWER,
        takes=("evidence", "archived_url"),
        published_details=("evidence", "archived_url"),
        check=_archive_problems,
        effect=_archive,
    ),
    Action.REASSIGN: Transition(
        EDITABLE_STATES,
        None,
        policies.may_reassign,
        lambda _update: _("a curator, once its author is no longer an active reporter"),
        Role.CURATOR,
        note_required=True,
        takes=("to",),
        check=_reassign_problems,
        effect=_reassign,
    ),
}
