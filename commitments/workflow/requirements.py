"""The requirements for saving a draft, and for submitting and publishing an update."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from commitments.choices import DatePrecision, Source, State, Status, statuses_for
from commitments.clocks import period, period_end
from commitments.exceptions import DuplicateReference, Problem, ProblemPath
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.texts.text import Text
from commitments.workflow.evidence import evidence_level
from commitments.workflow.validation import validation_problems

# The texts of an update, which are in the languages of its plan.
TEXTS = ("summary", "search_note")


def normalise_effective_on(update: ProgressUpdate, today: date) -> list[Problem]:
    """Set `effective_on` to the `period_end` of its period. Return a problem if the period has not
    begun; `today` is the day in the plan's time zone."""
    if update.effective_on is None:
        return [Problem(("effective_on",), _("Enter the date of the event or assessment."))]
    if update.date_precision not in DatePrecision.values():
        return []
    first, _last = period(update.effective_on, update.date_precision)
    if first > today:
        sentence = _("%(date)s is in the future; today is %(today)s.")
        values = {"date": update.effective_on, "today": today}
        return [Problem(("effective_on",), sentence % values)]
    update.effective_on = period_end(update.effective_on, update.date_precision, today)
    return []


def precision_raised_without_date(
    update: ProgressUpdate, stored_on: date | None, stored_precision: str
) -> list[Problem]:
    """Return a problem if an edit gives a finer precision but leaves the date as it was.

    Of a month or year only its last day is stored, so a finer date has to be entered again.
    """
    order = DatePrecision.values()
    known = update.date_precision in order and stored_precision in order
    if not known or update.effective_on != stored_on:
        return []
    if order.index(update.date_precision) >= order.index(stored_precision):
        return []
    sentence = _("Enter the date again: so far only the %(precision)s is recorded.")
    label = DatePrecision(stored_precision).label
    return [Problem(("effective_on",), sentence % {"precision": str(label).lower()})]


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
        *_language_problems(update, plan),
        *_kind_problems(update),
        *_correction_problems(update),
    ]


def _language_problems(update: ProgressUpdate, plan: Plan) -> list[Problem]:
    message = _("“%(tag)s” is not a language of plan %(plan)s; its languages: %(languages)s.")
    values = {"plan": plan.code, "languages": ", ".join(plan.languages)}
    return [
        Problem((name,), message % {**values, "tag": tag})
        for name in TEXTS
        for tag in getattr(update, name)
        if tag not in plan.languages
    ]


def check(update: ProgressUpdate) -> list[Problem]:
    """Return why an update cannot be submitted or published."""
    problems = _kind_problems(update) + _correction_problems(update)
    if not update.summary:
        problems.append(Problem(("summary",), _("Enter a summary.")))
    if update.status:
        problems += _assessment_problems(update, Status(update.status))
    return problems


def check_external_ref(update: ProgressUpdate) -> None:
    """Raise DuplicateReference if the plan has another update with this `external_ref`."""
    if update.external_ref is None:
        return
    others = ProgressUpdate.objects.exclude(pk=update.pk).filter(
        commitment__plan=update.commitment.plan_id, external_ref=update.external_ref
    )
    existing = others.first()
    if existing is not None:
        sentence = _("This plan already has an update with the external reference “%(ref)s”.")
        raise DuplicateReference(sentence % {"ref": update.external_ref}, existing.pk)


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
                "choices": ", ".join(f"{status.label} ({status})" for status in fitting),
            },
        )
    ]


def _correction_problems(update: ProgressUpdate) -> list[Problem]:
    target = update.corrects
    if target is None:
        return []
    path: ProblemPath = ("corrects",)
    if target.pk == update.pk:
        return [Problem(path, _("An update cannot correct itself."))]
    if target.commitment_id != update.commitment_id:
        return [
            Problem(
                path, _("A correction must be for the same commitment as the update it corrects.")
            )
        ]
    if target.state != State.PUBLISHED:
        return [
            Problem(
                path,
                _("Update %(id)s cannot be corrected: it is not published (%(state)s).")
                % {"id": target.pk, "state": State(target.state).label},
            )
        ]
    return []


def _assessment_problems(update: ProgressUpdate, status: Status) -> list[Problem]:
    problems = []
    level = evidence_level(update.evidence.all())
    if level < status.rule.least_evidence:
        problems.append(
            Problem(
                ("evidence",),
                _(
                    "“%(status)s” requires public evidence of level %(least)s or higher "
                    "(%(source)s); this update has level %(level)s."
                )
                % {
                    "status": status.label,
                    "least": status.rule.least_evidence,
                    "source": list(Source)[status.rule.least_evidence - 1].label,
                    "level": level,
                },
            )
        )
    if status.rule.search_note and not update.search_note:
        problems.append(
            Problem(
                ("search_note",),
                _(
                    "“%(status)s” requires a search note: what was searched for and where, "
                    "and why nothing that was found counts as evidence."
                )
                % {"status": status.label},
            )
        )
    if status is Status.NOT_ACHIEVED and not _past_due(update.commitment, update.effective_on):
        problems.append(
            Problem(
                ("status",),
                _("“%(status)s” requires the commitment to have a due date before %(date)s.")
                % {"status": status.label, "date": update.effective_on},
            )
        )
    return problems


def _past_due(commitment: Commitment, day: date) -> bool:
    return commitment.due_on is not None and commitment.due_on < day
