"""The requirements for saving a draft, and for submitting and publishing an update."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from commitments.choices import (
    MILESTONE_EVENTS,
    DatePrecision,
    ErrorCode,
    State,
    Status,
    statuses_for,
)
from commitments.clocks import period, period_end
from commitments.exceptions import DuplicateReference, Problem, ProblemPath
from commitments.models import Plan, ProgressUpdate
from commitments.texts.dates import written_date
from commitments.texts.lists import ITEMS, join_list
from commitments.texts.text import Text
from commitments.texts.visible import refusal_in_line
from commitments.workflow.assessments import assessment_problems
from commitments.workflow.findings import basis_events, saved_events, saved_findings
from commitments.workflow.validation import validation_problems

# Text fields that are None, not "", without a value.
NULLABLE = ("event_type", "status", "external_ref")
OF_AN_ASSESSMENT = gettext_noop(
    "This belongs to an assessment: choose a status, or leave it empty."
)
# The texts of an update, which are in the languages of its plan.
TEXTS = ("summary", "search_note")


def normalise_effective_on(update: ProgressUpdate, today: date) -> list[Problem]:
    """Set `effective_on` to the `period_end` of its period, or to the day of the corrected update
    if that is of the same month or year. Return a problem if the period has not begun; `today` is
    the day in the plan's time zone."""
    if update.effective_on is None:
        return [_missing("effective_on", _("Enter the date of the event or assessment."))]
    if update.date_precision not in DatePrecision.values():
        return []
    first, _last = period(update.effective_on, update.date_precision)
    if first > today:
        sentence = _("%(date)s is in the future; today is %(today)s.")
        day = written_date(update.effective_on, update.date_precision)
        values = {"date": day, "today": written_date(today)}
        return [Problem(("effective_on",), sentence % values, ErrorCode.IN_FUTURE)]
    update.effective_on = _stored_day(update, today)
    return []


def _stored_day(update: ProgressUpdate, today: date) -> date:
    """Return the day to store. A correction that leaves the month or year as it was does not move
    an event that was written down before its period was over, unless the clock has gone back."""
    day, precision, corrected = update.effective_on, update.date_precision, update.corrects
    if corrected is None or corrected.date_precision != precision:
        return period_end(day, precision, today)
    is_same = period(corrected.effective_on, precision) == period(day, precision)
    return min(corrected.effective_on, today) if is_same else period_end(day, precision, today)


def precision_raised_without_date(
    update: ProgressUpdate, fields: Collection[str], stored_precision: str
) -> list[Problem]:
    """Return a problem if an edit of these fields gives a finer precision without a date.

    Of a month or year only its last day is stored, so a finer date has to be entered again.
    """
    order = DatePrecision.values()
    known = update.date_precision in order and stored_precision in order
    if not known or "effective_on" in fields:
        return []
    if order.index(update.date_precision) >= order.index(stored_precision):
        return []
    sentence = _("Enter the date again: so far only the %(precision)s is recorded.")
    label = DatePrecision(stored_precision).label
    return [_missing("effective_on", sentence % {"precision": str(label).lower()})]


def normalise_texts(update: ProgressUpdate, plan: Plan) -> None:
    """Give the texts the order of the plan's languages. Words of an undetermined language are in
    the plan's first."""
    for name in TEXTS:
        text: Text = getattr(update, name)
        setattr(update, name, text.determined(plan.languages[0]).ordered(plan.languages))


def draft_problems(update: ProgressUpdate, plan: Plan) -> list[Problem]:
    """Return why a draft cannot be saved, except for its date (see `normalise_effective_on`)."""
    exclude = {"commitment", "corrects", "author", "publisher", "effective_on"}
    return [
        *validation_problems(update, (), exclude),
        *_blank_problems(update),
        *_reference_problems(update),
        *_language_problems(update, plan),
        *_kind_problems(update),
        *_correction_problems(update),
        *_period_problems(update),
    ]


def _period_problems(update: ProgressUpdate) -> list[Problem]:
    """Return why the period cannot be saved; the database has the same constraints."""
    if update.covers_from is None:
        return []
    if not update.status:
        return [_misplaced("covers_from")]
    day: date | None = update.effective_on
    if day is not None and update.covers_from > day:
        message = _("The period begins after the date of the assessment.")
        return [Problem(("covers_from",), message, ErrorCode.WRONG_ORDER)]
    return []


def _blank_problems(update: ProgressUpdate) -> list[Problem]:
    """Return a problem for each field without a value that is "" instead of None."""
    message = _("This field cannot be blank.")
    return [
        Problem((name,), message, ErrorCode.BLANK)
        for name in NULLABLE
        if getattr(update, name) == ""
    ]


def _reference_problems(update: ProgressUpdate) -> list[Problem]:
    refusal = refusal_in_line(update.external_ref or "")
    return [Problem(("external_ref",), str(refusal), ErrorCode.NOT_ALLOWED)] if refusal else []


def _language_problems(update: ProgressUpdate, plan: Plan) -> list[Problem]:
    message = _("“%(tag)s” is not a language of plan %(plan)s; its languages: %(languages)s.")
    values = {"plan": plan.code, "languages": join_list(plan.languages, ITEMS)}
    return [
        Problem((name,), message % {**values, "tag": tag}, ErrorCode.WRONG_LANGUAGE)
        for name in TEXTS
        for tag in getattr(update, name)
        if tag not in plan.languages
    ]


def check(update: ProgressUpdate, *, publishing: bool = False) -> list[Problem]:
    """Return why an update cannot be submitted, or published."""
    plan = update.commitment.plan
    problems = _kind_problems(update) + _correction_problems(update)
    if not update.summary:
        problems.append(_missing("summary", _("Enter a summary.")))
    if not update.status and not update.event_type:
        message = _("Choose an event type, a status, or both.")
        problems.append(_missing("event_type", message))
    if update.event_type:
        problems += _event_problems(update, plan)
    problems += _milestone_problems(update)
    if update.status:
        problems += assessment_problems(update, plan, publishing=publishing)
    else:
        problems += _misplaced_problems(update)
    # If the event and the status both lack evidence, report only the status's requirement.
    for_evidence = [problem for problem in problems if problem.path == ("evidence",)]
    return [problem for problem in problems if problem not in for_evidence[:-1]]


def _event_problems(update: ProgressUpdate, plan: Plan) -> list[Problem]:
    problems = []
    if not update.evidence.all():
        message = _("An event requires a source.")
        problems.append(Problem(("evidence",), message, ErrorCode.EVIDENCE_NEEDED))
    if plan.adopted_on is not None and update.effective_on < plan.adopted_on:
        sentence = _("The plan was not adopted until %(day)s.")
        message = sentence % {"day": written_date(plan.adopted_on)}
        problems.append(Problem(("effective_on",), message, ErrorCode.BEFORE_PLAN))
    return problems


def _milestone_problems(update: ProgressUpdate) -> list[Problem]:
    """Return why the update cannot meet a milestone. A statement alone does not; a dropped
    milestone can be met only by a correction of an update that met it before."""
    met = list(update.meets.all())
    if not met:
        return []
    before = set(update.corrects.meets.all()) if update.corrects else set()
    dropped = {row for row in update.commitment.milestones.all() if row.retired_at is not None}
    message = _("Milestone “%(key)s” has been dropped.")
    problems = [
        Problem(("meets",), message % {"key": row.key}, ErrorCode.DROPPED)
        for row in met
        if row in dropped and row not in before
    ]
    events = [row.end for row in basis_events(update) if row.end is not None]
    types = {update.event_type, *(event.event_type for event in events)}
    if types.isdisjoint(MILESTONE_EVENTS):
        allowed = join_list([code.label for code in MILESTONE_EVENTS], ITEMS)
        message = _("A milestone is met by an event of one of these types: %(types)s.")
        problems.append(Problem(("meets",), message % {"types": allowed}, ErrorCode.EVENT_NEEDED))
    return problems


def _misplaced_problems(update: ProgressUpdate) -> list[Problem]:
    """Return a problem for each field that only an assessment has; for events that findings name,
    the problem of the findings is enough."""
    prefetch_related_objects([update], "findings__events")
    findings = saved_findings(update)
    named = {pk for finding in findings.values() for pk in finding.events}
    given = {
        "findings": bool(findings),
        "rests_on": not named.issuperset(saved_events(update)),
    }
    return [_misplaced(name) for name, is_given in given.items() if is_given]


def _misplaced(name: str) -> Problem:
    return Problem((name,), _(OF_AN_ASSESSMENT), ErrorCode.ASSESSMENT_ONLY)


def _missing(name: str, message: str) -> Problem:
    return Problem((name,), message, ErrorCode.REQUIRED)


class ExternalReferences:
    """Which updates have some external references, in their plans: one query, or none if no
    reference is given."""

    def __init__(self, references: Iterable[str | None]) -> None:
        given = {reference for reference in references if reference}
        updates = ProgressUpdate.objects.filter(external_ref__in=given).order_by("-pk")
        columns = ("commitment__plan", "external_ref", "pk")
        self.updates: dict[tuple[int, str], int | None] = {
            (plan, reference): pk
            for plan, reference, pk in (updates.values_list(*columns) if given else ())
        }

    def claim(self, update: ProgressUpdate) -> None:
        """Give an update its `external_ref`. Raise DuplicateReference if the plan has another
        update with it, saved or claimed before."""
        if update.external_ref is None:
            return
        place = (update.commitment.plan_id, update.external_ref)
        # Unsaved updates have no id, so two of one list would look the same.
        is_own = not update._state.adding and self.updates.get(place) == update.pk
        if place in self.updates and not is_own:
            sentence = _("This plan already has an update with the external reference “%(ref)s”.")
            raise DuplicateReference(sentence % {"ref": update.external_ref}, self.updates[place])
        self.updates[place] = update.pk


def _kind_problems(update: ProgressUpdate) -> list[Problem]:
    kind = update.commitment.kind
    fitting = statuses_for(kind)
    if not update.status or update.status in fitting or update.status not in Status.values():
        return []
    return [
        Problem(
            ("status",),
            _("“%(status)s” does not apply to %(code)s (%(kind)s). Choose one of: %(choices)s.")
            % {
                "status": Status(update.status).label,
                "code": update.commitment.code,
                "kind": update.commitment.get_kind_display(),
                "choices": join_list([status.label for status in fitting], ITEMS),
            },
            ErrorCode.WRONG_KIND,
            tuple(fitting),
        )
    ]


def _correction_problems(update: ProgressUpdate) -> list[Problem]:
    target = update.corrects
    if target is None:
        return []
    path: ProblemPath = ("corrects",)
    if target.pk == update.pk:
        message = _("An update cannot correct itself.")
        return [Problem(path, message, ErrorCode.WRONG_REFERENCE)]
    if target.commitment_id != update.commitment_id:
        message = _("A correction must be for the same commitment as the update it corrects.")
        return [Problem(path, message, ErrorCode.WRONG_REFERENCE)]
    refused = correction_problem(target)
    return [refused] if refused else []


def correction_problem(target: ProgressUpdate) -> Problem | None:
    """Return why an update cannot be corrected as it is now, None if it can."""
    if target.state == State.PUBLISHED:
        return None
    message = _("Update %(id)s cannot be corrected: it is not published (%(state)s).")
    values = {"id": target.pk, "state": State(target.state).label}
    return Problem(("corrects",), message % values, ErrorCode.NOT_PUBLISHED)
