"""Makes updates of the events of random histories, as a careful author would write them, or with
`daring` as one who may break a rule."""

from dataclasses import replace
from datetime import date

from tests.methodology import ASSESSMENTS, FREE
from tests.steps import STATEMENT
from tests.workflow.histories import DAY, S
from tests.workflow.model import END_OF_TIME, PlayedUpdate
from tests.workflow.model_requirements import meets_milestones, permitted_statuses


def last_day(day, precision):
    if precision == "year":
        return date(day.year, 12, 31)
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY if precision == "month" else day


def _stored_day(day, precision, today, corrects):
    """Return the day that is stored for a date; a correction within the same month or year keeps
    the one of what it corrects, unless the clock went back past it."""
    last = last_day(day, precision)
    same = corrects and corrects.precision == precision
    if same and last_day(corrects.effective_on, precision) == last:
        last = corrects.effective_on
    return min(last, today)


def compose(model, event, today, corrects=None):
    """Return an update that is an event, an assessment, or both."""
    number = corrects.number if corrects else event.number
    keys = sorted(model.criteria_in_use(number, END_OF_TIME))
    update = PlayedUpdate(
        number=number,
        effective_on=_stored_day(today - event.days_back * DAY, event.precision, today, corrects),
        precision=event.precision,
        evidence=event.evidence,
        forums=event.forums,
        corrects=corrects,
    )
    if event.form != "assessment":
        update.event_type = event.event_type
        update.criteria = keys[: event.bears_on]
        if model.row(number).get("milestones") and (meets_milestones(update) or event.daring):
            update.meets = event.meets
        if not update.evidence and not event.daring:
            update.evidence = (STATEMENT,)
    if event.form != "event":
        # A correction may answer the criteria of its original, also if others are in use by now.
        if corrects and corrects.findings and event.choice % 2:
            keys = list(corrects.findings)
        _assess(model, event, update, keys)
    return update


def _assess(model, event, update, keys):
    is_duty = model.row(update.number)["kind"] == S
    if is_duty:
        days = event.intervals * model.interval + (event.daring and event.choice % 3)
        update.covers_from = update.effective_on - days * DAY
    events = _named_events(model, event, update)
    # The first is named as context, unless a finding names it too.
    update.named = events[:1] if event.choice % 3 else []
    for place, key in enumerate(keys):
        update.findings[key] = _finding(event, update, place, events)
    fitting = {code for code, rule in ASSESSMENTS.items() if ("standing" in rule.kinds) == is_duty}
    if not event.daring:
        fitting = permitted_statuses(model, update)
        # Statuses that need nothing are always possible; they are chosen as seldom as others.
        fitting = fitting - {*FREE, "no_evidence"} if event.assessment > 2 else fitting
    fitting = sorted(fitting or FREE)
    update.status = fitting[event.assessment % len(fitting)]


def _named_events(model, event, update):
    """Return up to three events of the commitment; without `daring` such that it may rest on
    them."""
    known = [row for row in model.updates if row.number == update.number and row.event_type]
    known = [row for row in known if not _waits_as_correction(row)]
    if update.corrects:
        known = [row for row in known if row.first is not update.corrects.first]
    if not event.daring:
        ends = {row: row.end(END_OF_TIME) if row.published_at else row for row in known}
        known = [
            row for row in known if ends[row] and ends[row].effective_on <= update.effective_on
        ]
    return list(dict.fromkeys(known[place % len(known)] for place in event.named if known))


def _waits_as_correction(row):
    return row.corrects is not None and not row.published_at


def _finding(event, update, place, events):
    result, here = event.results[place], events[place % len(events) :][:2] if events else []
    if not here and not update.event_type and not event.daring:
        return "not_shown", []
    itself = update.event_type and (event.choice + place) % 2
    return result, [] if itself else here


def corrected_text(original):
    """Return a correction that only changes the text."""
    return replace(
        original,
        corrects=original,
        pk=None,
        correction=None,
        published_at=None,
        superseded_at=None,
        retracted_at=None,
    )
