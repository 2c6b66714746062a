"""The table of transitions: which act leads from where to where, and who may do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from commitments import ledger, policies
from commitments.choices import EDITABLE_STATES, Action, Role, State
from commitments.clocks import local_day
from commitments.exceptions import Problem
from commitments.models import Decision, Plan, ProgressUpdate

if TYPE_CHECKING:
    from commitments.roles import Person


@dataclass(frozen=True)
class Transition:
    """One row of the table. `target` None: the state stays. `role` is what the ledger records;
    `complete`: the update must have all that a submission needs. `takes` names the details of the
    act, `published_details` those of them that go into the entry's `meta`. `check` gives what else
    is wrong with an act, `effect` does what it does besides moving the update."""

    sources: tuple[State, ...]
    target: State | None
    allowed: Callable[[Person, ProgressUpdate], bool]
    who: Callable[[], str]
    role: Role
    note_required: bool = False
    complete: bool = False
    takes: tuple[str, ...] = ()
    published_details: tuple[str, ...] = ()
    check: Callable[[Act], list[Problem]] | None = None
    effect: Callable[[Act], None] | None = None


@dataclass
class Act:
    """What one call of `perform` works on, under its locks. `recorded_at` is the time of its
    decision in the ledger, which may be later than `at`."""

    plan: Plan
    update: ProgressUpdate
    action: Action
    by: User
    at: datetime
    role: Role
    note: str
    meta: dict[str, Any]
    details: Mapping[str, Any]
    recorded_at: datetime = field(init=False)

    def record(self, action: Action, update: ProgressUpdate) -> Decision:
        """Adds a decision on `update`; the note and the details are those of the act itself."""
        own = action is self.action
        details = TRANSITIONS[action].published_details if own else ()
        return ledger.append(
            action,
            at=self.at,
            by=self.by,
            role=self.role,
            plan=self.plan,
            commitment=update.commitment,
            update=update,
            note=self.note if own else "",
            meta={**self.meta, **{name: self.details[name] for name in details}},
        )


def _publish(act: Act) -> None:
    act.update.publisher = act.by
    act.update.published_at = act.recorded_at
    act.update.published_on = local_day(act.recorded_at, act.plan.time_zone)


def _retract(act: Act) -> None:
    act.update.retracted_at = act.recorded_at


def _archive(act: Act) -> None:
    act.update.evidence.filter(pk=act.details["evidence"]).update(
        archived_url=act.details["archived_url"]
    )


def _reassign(act: Act) -> None:
    act.update.author = act.details["to"]
    act.update.editors.add(act.details["to"])


def _publish_problems(act: Act) -> list[Problem]:
    """Nothing is published before the day it speaks of, even by a clock that is behind."""
    today = local_day(act.at, act.plan.time_zone)
    if act.update.effective_on <= today:
        return []
    sentence = _("%(date)s is in the future; today is %(today)s.")
    return [
        Problem(("effective_on",), sentence % {"date": act.update.effective_on, "today": today})
    ]


def _archive_problems(act: Act) -> list[Problem]:
    evidence = act.details.get("evidence")
    wanted = evidence if isinstance(evidence, int) else 0
    link = act.update.evidence.filter(pk=wanted, public=True).exclude(url="")
    address = act.details.get("archived_url") or ""
    problems = []
    if not link.exists():
        problems.append(Problem(("evidence",), _("This update has no such public link.")))
    if address and link.filter(archived_url=address).exists():
        problems.append(Problem(("archived_url",), _("This address is there already.")))
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        problems.append(Problem(("archived_url",), error.messages[0]))
    return problems


def _reassign_problems(act: Act) -> list[Problem]:
    to = act.details.get("to")
    if isinstance(to, User) and policies.may_report(to, act.update.commitment):
        return []
    return [Problem(("to",), _("Name a person who may report on this commitment."))]


TRANSITIONS: dict[Action, Transition] = {
    Action.SUBMIT: Transition(
        EDITABLE_STATES,
        State.SUBMITTED,
        policies.may_submit,
        lambda: _("its author, or a reporter of the commitment's lead or supporting office"),
        Role.REPORTER,
        complete=True,
    ),
    Action.RECALL: Transition(
        (State.SUBMITTED,),
        State.DRAFT,
        policies.may_recall,
        lambda: _("its author"),
        Role.REPORTER,
    ),
    Action.DISCARD: Transition(
        EDITABLE_STATES,
        State.DISCARDED,
        policies.may_discard,
        lambda: _("its author, or a curator"),
        Role.REPORTER,
    ),
    Action.RETURN: Transition(
        (State.SUBMITTED,),
        State.RETURNED,
        policies.may_review,
        lambda: _("a reviewer who neither wrote nor edited it"),
        Role.REVIEWER,
        note_required=True,
    ),
    Action.PUBLISH: Transition(
        (State.SUBMITTED,),
        State.PUBLISHED,
        policies.may_review,
        lambda: _("a reviewer who neither wrote nor edited it"),
        Role.REVIEWER,
        complete=True,
        check=_publish_problems,
        effect=_publish,
    ),
    Action.RETRACT: Transition(
        (State.PUBLISHED, State.SUPERSEDED),
        State.RETRACTED,
        policies.may_retract,
        lambda: _("a reviewer other than its author"),
        Role.REVIEWER,
        note_required=True,
        effect=_retract,
    ),
    Action.ARCHIVE: Transition(
        (State.PUBLISHED,),
        None,
        policies.may_archive,
        lambda: _("a reviewer other than its author"),
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
        lambda: _("a curator, once its author is deactivated"),
        Role.CURATOR,
        note_required=True,
        takes=("to",),
        check=_reassign_problems,
        effect=_reassign,
    ),
}
