"""Kinds, statuses and their rules, freshness and schedule, as docs/rules.md defines them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from commitments.choices.codes import Codes

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The version of the methodology, published with statuses and roll-ups.
METHODOLOGY = 2


class Kind(Codes):
    """The kind of a commitment; each kind has its own scale of statuses."""

    DELIVERABLE = "deliverable", _("Deliverable")
    STANDING = "standing", _("Standing duty")


class Tone(Codes):
    """What a status counts as, whatever its kind; charts use this order."""

    FULFILLED = "fulfilled", _("Fulfilled")
    PARTIAL = "partial", _("Partly fulfilled")
    NONE = "none", _("No progress")
    ADVERSE = "adverse", _("Adverse")
    UNKNOWN = "unknown", _("Unknown")
    APART = "apart", _("Excluded")


class Status(Codes):
    """The status of a commitment. Its `rule` holds what the code means and requires."""

    UNASSESSED = "unassessed", _("Not yet assessed")
    NOT_STARTED = "not_started", _("Not started")
    STARTED = "started", _("Started")
    SUBSTANTIAL = "substantial", _("Substantial progress")
    COMPLETED = "completed", _("Completed")
    STALLED = "stalled", _("Stalled")
    NOT_ACHIEVED = "not_achieved", _("Deadline passed, not achieved")
    ACTIVE = "active", _("Active")
    PARTLY_ACTIVE = "partly_active", _("Partly active")
    INACTIVE = "inactive", _("Not acted on")
    CONTRARY = "contrary", _("Contrary action recorded")
    NO_EVIDENCE = "no_evidence", _("No evidence of fulfilment found")
    NOT_VERIFIABLE = "not_verifiable", _("Cannot be assessed as written")
    WITHDRAWN = "withdrawn", _("No longer pursued")

    @property
    def rule(self) -> StatusRule:
        return STATUS_RULES[self]


@dataclass(frozen=True)
class StatusRule:
    """The rule of a status: one row of the methodology's table.

    `least_evidence` is the evidence level (0 to 3) that an assessment requires; with `search_note`
    it also requires a note on the search, with `needs_action` that it rests on an action of its
    period. `rank` is the place on the scale of its kind, from bad to good; None for a status that
    cannot be compared. A `free` status does not follow from findings. A `final` one ends the
    schedule. A `settled` one never lapses: time alone does not weaken a final or adverse
    assessment. A status whose tone is APART has to be settled.
    """

    kinds: tuple[Kind, ...]
    tone: Tone
    definition: StrOrPromise
    least_evidence: int = 0
    search_note: bool = False
    needs_action: bool = False
    rank: int | None = None
    free: bool = False
    final: bool = False
    settled: bool = False


_DELIVERABLE = (Kind.DELIVERABLE,)

_STANDING = (Kind.STANDING,)

_BOTH = (Kind.DELIVERABLE, Kind.STANDING)

STATUS_RULES: dict[Status, StatusRule] = {
    Status.UNASSESSED: StatusRule(
        _BOTH,
        Tone.UNKNOWN,
        _("No assessment has been published yet."),
    ),
    Status.NOT_STARTED: StatusRule(
        _DELIVERABLE,
        Tone.NONE,
        _("Sources show that work has not begun."),
        least_evidence=1,
        rank=1,
    ),
    Status.STARTED: StatusRule(
        _DELIVERABLE,
        Tone.PARTIAL,
        _("Work has begun, but most of the end state has yet to be reached."),
        least_evidence=1,
        rank=2,
    ),
    Status.SUBSTANTIAL: StatusRule(
        _DELIVERABLE,
        Tone.PARTIAL,
        _(
            "Most of the end state has been reached, as shown by a formally adopted record "
            "or a third-party source."
        ),
        least_evidence=2,
        rank=3,
    ),
    Status.COMPLETED: StatusRule(
        _DELIVERABLE,
        Tone.FULFILLED,
        _(
            "The end state has been reached, as shown by a formally adopted record or a "
            "third-party source."
        ),
        least_evidence=2,
        rank=4,
        final=True,
        settled=True,
    ),
    Status.STALLED: StatusRule(
        _DELIVERABLE,
        Tone.NONE,
        _("Work had begun, but sources show that it has stalled."),
        least_evidence=1,
        rank=1,
    ),
    Status.NOT_ACHIEVED: StatusRule(
        _DELIVERABLE,
        Tone.ADVERSE,
        _("The due date has passed and the end state has not been reached."),
        least_evidence=1,
        rank=0,
        final=True,
        settled=True,
    ),
    Status.ACTIVE: StatusRule(
        _STANDING,
        Tone.FULFILLED,
        _(
            "The duty as a whole was acted on in the period, as shown by a formally adopted "
            "record or a third-party source."
        ),
        least_evidence=2,
        needs_action=True,
        rank=4,
    ),
    Status.PARTLY_ACTIVE: StatusRule(
        _STANDING,
        Tone.PARTIAL,
        _("Part of the duty was acted on in the period."),
        least_evidence=1,
        needs_action=True,
        rank=2,
    ),
    Status.INACTIVE: StatusRule(
        _STANDING,
        Tone.NONE,
        _("Sources show that the duty was not acted on in the period."),
        least_evidence=1,
        rank=1,
    ),
    Status.CONTRARY: StatusRule(
        _STANDING,
        Tone.ADVERSE,
        _("A formally adopted record or a third-party source shows action contrary to the duty."),
        least_evidence=2,
        rank=0,
        settled=True,
    ),
    Status.NO_EVIDENCE: StatusRule(
        _BOTH,
        Tone.UNKNOWN,
        _("A search found no public evidence; the search note gives its scope."),
        search_note=True,
    ),
    Status.NOT_VERIFIABLE: StatusRule(
        _BOTH,
        Tone.APART,
        _(
            "No source could show whether the commitment, as worded, is fulfilled; the "
            "search note gives the reason."
        ),
        search_note=True,
        free=True,
        final=True,
        settled=True,
    ),
    Status.WITHDRAWN: StatusRule(
        _BOTH,
        Tone.APART,
        _("Sources show that the commitment is no longer pursued."),
        least_evidence=1,
        free=True,
        final=True,
        settled=True,
    ),
}


def statuses_for(kind: str) -> list[Status]:
    """Return the statuses that an update may give to a commitment of this kind."""
    return [
        status
        for status, rule in STATUS_RULES.items()
        if kind in rule.kinds and status is not Status.UNASSESSED
    ]


def statuses_where(**values: object) -> list[str]:
    """Return the codes of the statuses whose rules have these values.

    For example `statuses_where(tone=Tone.APART)`.
    """
    return [
        status.value
        for status, rule in STATUS_RULES.items()
        if all(getattr(rule, name) == value for name, value in values.items())
    ]


class Freshness(Codes):
    """The age of an assessment on a day, in review intervals of the plan."""

    CURRENT = (
        "current",
        _("Current"),
        _("The assessment is at most one review interval old."),
    )
    DUE = (
        "due",
        _("Due for review"),
        _("It is older than one review interval, but at most two."),
    )
    LAPSED = (
        "lapsed",
        _("Lapsed"),
        _(
            "It is older than two review intervals or, for “Active” and “Partly active”, the "
            "newest action on which it rests is older than three. It counts as unknown."
        ),
    )
    SETTLED = (
        "settled",
        _("Final"),
        _(
            "It does not lapse: a final or adverse assessment, or one that had not lapsed when a "
            "standing duty ended."
        ),
    )


def effective_tone(status: str, freshness: str | None) -> Tone:
    """Return what a commitment counts as: the tone of its status, but unknown once its assessment
    has lapsed. Statuses excluded from assessment stay excluded."""
    tone = Status(status).rule.tone
    if tone is not Tone.APART and freshness == Freshness.LAPSED:
        return Tone.UNKNOWN
    return tone


class Schedule(Codes):
    """Whether a commitment meets its due dates on a day."""

    NONE = "none", _("No dates set"), _("The commitment has no due date and no milestone.")
    ON_SCHEDULE = (
        "on_schedule",
        _("On schedule"),
        _("No date has been missed, or the commitment is completed or excluded."),
    )
    OVERDUE = (
        "overdue",
        _("Overdue"),
        _(
            "Its due date, or that of a milestone that no update has met, lies before the date "
            "shown, and it is neither completed nor excluded."
        ),
    )


class ScheduleDate(Codes):
    """The dates of a commitment that schedule and freshness depend on: the due date of a
    deliverable, also of a milestone, and the day on which a standing duty ends."""

    DUE_ON = "due_on", _("Due date")
    ENDS_ON = "ends_on", _("End date")

    @property
    def kind(self) -> Kind:
        """The kind of the commitments that have such a date themselves."""
        return Kind.DELIVERABLE if self is ScheduleDate.DUE_ON else Kind.STANDING
