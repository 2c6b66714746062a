"""The requirements of an assessment, and the statuses that follow from its findings.

The rules are those of docs/rules.md, "From findings to a status" and "Periods".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from commitments.choices import (
    ACTIONS,
    ErrorCode,
    FindingResult,
    Kind,
    Source,
    State,
    Status,
    statuses_for,
)
from commitments.clocks import days_before
from commitments.exceptions import Problem
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.models.querysets import ProgressUpdateQuerySet
from commitments.texts.dates import written_date
from commitments.texts.lists import join_list
from commitments.workflow.evidence import highest_level
from commitments.workflow.findings import BasisEvent, FindingFields, basis_events, saved_findings

# The longest period of an assessment, in review intervals of the plan.
MAX_PERIOD_INTERVALS = 2
# A deliverable has stalled once nothing was done for this many review intervals.
STALLED_INTERVALS = 2

_SOME = (FindingResult.SHOWN, FindingResult.IN_PART)


def following_statuses(
    kind: str, results: Collection[str], *, level: int, acted: bool, stalled: bool
) -> list[Status]:
    """Return the statuses that these findings permit, the one to propose first.

    `level` is the evidence level. `acted` says whether there was an action in the period of a
    standing duty, `stalled` whether nothing was done for a deliverable for two review intervals.
    """
    rule = _standing if kind == Kind.STANDING else _deliverable
    free = [status for status in statuses_for(kind) if status.rule.free]
    return [*rule(results, level, acted=acted, stalled=stalled), *free]


def _standing(results: Collection[str], level: int, *, acted: bool, stalled: bool) -> list[Status]:
    permitted = [Status.NO_EVIDENCE, Status.INACTIVE]
    if acted and level and any(result in _SOME for result in results):
        full = _all_shown(results) and level >= Status.ACTIVE.rule.least_evidence
        permitted = [Status.ACTIVE if full else Status.PARTLY_ACTIVE]
    if FindingResult.AGAINST in results:
        permitted.append(Status.CONTRARY)
    return permitted


def _deliverable(
    results: Collection[str], level: int, *, acted: bool, stalled: bool
) -> list[Status]:
    if _all_shown(results):
        full = level >= Status.COMPLETED.rule.least_evidence
        return [Status.COMPLETED if full else Status.STARTED]
    if not any(result in _SOME for result in results):
        return [Status.NO_EVIDENCE, Status.NOT_STARTED, Status.NOT_ACHIEVED]
    permitted = [Status.STARTED, Status.NOT_ACHIEVED]
    shown = sum(result == FindingResult.SHOWN for result in results)
    if shown * 2 > len(results) and level >= Status.SUBSTANTIAL.rule.least_evidence:
        permitted.insert(0, Status.SUBSTANTIAL)
    if stalled:
        permitted.insert(0, Status.STALLED)
    return permitted


def _all_shown(results: Collection[str]) -> bool:
    return all(result == FindingResult.SHOWN for result in results)


@dataclass(frozen=True)
class Assessment:
    """An update with a status, with the facts that its requirements depend on. `offered_from` is
    the first day of the period of a standing duty as long as the update has none."""

    update: ProgressUpdate
    plan: Plan
    offered_from: date | None = field(default=None, kw_only=True)

    @cached_property
    def events(self) -> list[BasisEvent]:
        """The events on which it rests, without itself."""
        return basis_events(self.update)

    @cached_property
    def findings(self) -> Mapping[str, FindingFields]:
        prefetch_related_objects([self.update], "findings__events")
        return saved_findings(self.update)

    @property
    def results(self) -> list[str]:
        return [row.result for row in self.findings.values()]

    @cached_property
    def level(self) -> int:
        """The level of its own evidence and of the events that count, 0 to 3."""
        ends = [row.end for row in self.events if row.counts and row.end is not None]
        return max(highest_level(row.evidence.all()) for row in (self.update, *ends))

    def acted_between(self, first: date, last: date) -> bool:
        """Return whether it rests on an action dated in these days."""
        ends = [row.end for row in self.events if row.end is not None]
        return any(
            row.event_type in ACTIONS and first <= row.effective_on <= last
            for row in (self.update, *ends)
        )

    @property
    def acted(self) -> bool:
        """Whether it rests on an action of its period; deliverables have no period."""
        first = self.update.covers_from or self.offered_from
        return first is not None and self.acted_between(first, self.update.effective_on)

    @cached_property
    def stalled(self) -> bool:
        """Whether within `STALLED_INTERVALS` nothing was done, and no event shows anything of a
        criterion."""
        last = self.update.effective_on
        first = days_before(last, STALLED_INTERVALS * self.plan.review_interval_days - 1)
        actions = ProgressUpdate.objects.published().actions()
        actions = actions.exclude(
            pk__in=(self.update.pk, self.update.corrects_id or self.update.pk)
        )
        in_time = actions.filter(
            commitment=self.update.commitment_id, effective_on__range=(first, last)
        )
        ends = {row.named.pk: row.end for row in self.events}
        newly_shown = any(
            (end := ends.get(event, self.update)) is not None and first <= end.effective_on <= last
            for row in self.findings.values()
            if row.result in _SOME
            for event in row.events or [self.update.pk]
        )
        return not (in_time.exists() or newly_shown or self.acted_between(first, last))

    @property
    def without_event(self) -> list[str]:
        """The keys of the criteria with a finding that names no event; empty if the update is an
        event itself."""
        if self.update.event_type is not None:
            return []
        return [
            key
            for key, row in self.findings.items()
            if row.result != FindingResult.NOT_SHOWN and not row.events
        ]

    @property
    def permitted(self) -> list[Status]:
        """The statuses that follow from its findings, the one to propose first."""
        return following_statuses(
            self.update.commitment.kind,
            self.results,
            level=self.level,
            acted=self.acted,
            stalled=self.update.commitment.kind == Kind.DELIVERABLE and self.stalled,
        )


def assessment_problems(update: ProgressUpdate, plan: Plan, *, publishing: bool) -> list[Problem]:
    """Return why an update with a status cannot be submitted, or published."""
    assessment, status = Assessment(update, plan), Status(update.status or "")
    problems = [*_period_problems(update, plan), *_event_problems(assessment, publishing)]
    problems += finding_problems(assessment, free=status.rule.free)
    if not problems:
        problems += status_problems(assessment, status)
    problems += level_problems(assessment, status)
    problems += _search_note_problems(assessment.update, status)
    return problems


def _period_problems(update: ProgressUpdate, plan: Plan) -> list[Problem]:
    path = ("covers_from",)
    first, last = update.covers_from, update.effective_on
    if update.commitment.kind != Kind.STANDING:
        if first is None:
            return []
        return [
            Problem(
                path,
                _("Only an assessment of a standing duty covers a period."),
                ErrorCode.WRONG_KIND,
            )
        ]
    if first is None:
        sentence = _("Enter the first day of the period that is assessed.")
        return [Problem(path, sentence, ErrorCode.REQUIRED)]
    if plan.adopted_on is not None and first < plan.adopted_on:
        sentence = _("The plan was not adopted until %(day)s.")
        return [
            Problem(path, sentence % {"day": written_date(plan.adopted_on)}, ErrorCode.BEFORE_PLAN)
        ]
    max_days = MAX_PERIOD_INTERVALS * plan.review_interval_days
    if (last - first).days > max_days:
        sentence = _("The period is %(days)s days long; at most %(most)s are allowed.")
        values = {"days": (last - first).days, "most": max_days}
        return [Problem(path, sentence % values, ErrorCode.OUT_OF_RANGE)]
    return []


def first_day_offered(commitment: Commitment, last: date) -> date | None:
    """Return the first day to offer for the period of an assessment that ends on `last`: the day
    after the current assessment, or else the first day that is allowed. Return None for a
    deliverable, whose assessments cover no period."""
    if commitment.kind != Kind.STANDING:
        return None
    current = commitment.status_update
    first = first_day_allowed(commitment.plan, last)
    if current is not None and current.effective_on < last:
        first = max(first, current.effective_on + timedelta(days=1))
    return min(first, last)


def first_day_allowed(plan: Plan, last: date) -> date:
    """Return the first day on which the period of an assessment that ends on `last` may begin."""
    first = days_before(last, MAX_PERIOD_INTERVALS * plan.review_interval_days)
    return first if plan.adopted_on is None else max(first, plan.adopted_on)


def events_to_weigh(
    commitment: Commitment, last: date, events: ProgressUpdateQuerySet
) -> dict[str, list[int]]:
    """Return, by the key of each criterion, the ids of those `events` that bear on it: proposals
    for an assessment up to the day `last`. For a standing duty, only those of the period that is
    offered."""
    first = first_day_offered(commitment, last)
    rows = events.filter(commitment=commitment, effective_on__lte=last, criteria__isnull=False)
    if first is not None:
        rows = rows.filter(effective_on__gte=first)
    found: dict[str, list[int]] = defaultdict(list)
    for key, pk in rows.order_by("effective_on", "pk").values_list("criteria__key", "pk"):
        found[key].append(pk)
    return found


def _event_problems(assessment: Assessment, publishing: bool) -> list[Problem]:
    """Return a problem for each event on which an assessment cannot rest: it is later, or neither
    published nor, before publication, waiting for review."""
    problems = []
    for row in assessment.events:
        waiting = row.end is not None and row.end.state == State.SUBMITTED
        if row.named.chain_id == assessment.update.chain_id:
            code = ErrorCode.WRONG_REFERENCE
            message = _("An update does not rest on what it corrects (%(id)s).")
        elif row.end is None or (publishing and waiting):
            code = ErrorCode.NOT_PUBLISHED
            message = _("Event %(id)s is not published (%(state)s).")
        elif row.end.effective_on > assessment.update.effective_on:
            code = ErrorCode.WRONG_ORDER
            message = _("Event %(id)s is dated after this assessment.")
        else:
            continue
        values = {"id": row.named.pk, "state": State(row.named.state).label}
        problems.append(Problem(("rests_on",), message % values, code))
    return problems


def finding_problems(assessment: Assessment, *, free: bool) -> list[Problem]:
    """Return why the findings are not complete. If the status does not follow from findings
    (`free`), there need not be any."""
    answered = set(assessment.findings)
    if not answered and free:
        return []
    problems = _unanswered_problems(assessment.update, answered)
    message = _("Name the event that shows this.")
    problems += [
        Problem(("findings", key, "events"), message, ErrorCode.EVENT_NEEDED)
        for key in assessment.without_event
    ]
    return problems


def _unanswered_problems(update: ProgressUpdate, answered: set[str]) -> list[Problem]:
    """Compare the criteria that are answered with those in use. A correction may answer the
    criteria that the corrected assessment answered instead, or none if that is from a time without
    criteria."""
    prefetch_related_objects([update.commitment], "criteria")
    expected = {row.key for row in update.commitment.criteria.all() if row.is_in_use}
    if answered == former_criteria(update):
        return []
    missing = _("Enter what was found of criterion %(key)s.")
    replaced = _("Criterion %(key)s has been replaced.")
    return [
        Problem(("findings", key), message % {"key": key}, code)
        for keys, message, code in (
            (expected - answered, missing, ErrorCode.REQUIRED),
            (answered - expected, replaced, ErrorCode.DROPPED),
        )
        for key in sorted(keys)
    ]


def former_criteria(update: ProgressUpdate) -> set[str] | None:
    """Return the keys of the criteria that the assessment answered which this one corrects. Return
    None if it corrects none, or one that answered nothing because its status needs no findings."""
    corrected = update.corrects
    if corrected is None or not corrected.status:
        return None
    answered = {row.criterion.key for row in corrected.findings.all()}
    return None if not answered and Status(corrected.status).rule.free else answered


def status_problems(assessment: Assessment, status: Status) -> list[Problem]:
    """Return why a status does not follow from complete findings."""
    update = assessment.update
    if status is Status.NOT_ACHIEVED and not _past_due(update):
        sentence = _("“%(status)s” requires the commitment to have a due date before %(date)s.")
        day = written_date(update.effective_on, update.date_precision)
        values = {"status": status.label, "date": day}
        return [Problem(("status",), sentence % values, ErrorCode.NOT_SUPPORTED)]
    permitted = assessment.permitted if assessment.findings else [status]
    if status not in permitted:
        sentence = _("“%(status)s” does not follow from the findings. They permit: %(choices)s.")
        values = {"status": status.label, "choices": join_list(row.label for row in permitted)}
        message = sentence % values
        return [Problem(("status",), message, ErrorCode.NOT_SUPPORTED, tuple(permitted))]
    if status.rule.needs_action and not assessment.acted:
        sentence = _(
            "“%(status)s” requires an action in the period: name an event of a type that is an "
            "action."
        )
        message = sentence % {"status": status.label}
        return [Problem(("rests_on",), message, ErrorCode.EVENT_NEEDED)]
    return []


def _past_due(update: ProgressUpdate) -> bool:
    """Return whether the due date was before the day of the update. If a correction keeps status
    and day, it was when the corrected assessment was published, even if it was postponed since."""
    former, due_on = update.corrects, update.commitment.due_on
    status_and_day = (update.status, update.effective_on)
    if former is not None and status_and_day == (former.status, former.effective_on):
        return True
    return due_on is not None and due_on < update.effective_on


def level_problems(assessment: Assessment, status: Status) -> list[Problem]:
    """Return why the evidence level is too low for a status."""
    least, level = status.rule.least_evidence, assessment.level
    if level >= least:
        return []
    sentence = _(
        "“%(status)s” requires public evidence of level %(least)s or higher (%(source)s); "
        "this update and the events that show it have level %(level)s."
    )
    source = list(Source)[least - 1].label
    values = {"status": status.label, "least": least, "source": source, "level": level}
    return [Problem(("evidence",), sentence % values, ErrorCode.EVIDENCE_NEEDED)]


def _search_note_problems(update: ProgressUpdate, status: Status) -> list[Problem]:
    if not status.rule.search_note or update.search_note:
        return []
    sentence = _(
        "“%(status)s” requires a search note: what was searched for and where, and why "
        "nothing that was found counts as evidence."
    )
    message = sentence % {"status": status.label}
    return [Problem(("search_note",), message, ErrorCode.REQUIRED)]
