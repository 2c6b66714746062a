"""What may be submitted and published: the model's reading of the methodology."""

from tests.methodology import ASSESSMENTS, FREE
from tests.workflow.histories import DAY, S
from tests.workflow.model import END_OF_TIME, NEED_ACTION, NO_MILESTONE


def following_statuses(kind, results, *, level, acted, stalled):
    """Return the statuses that follow from results, one for each criterion.

    `acted` says whether a duty's assessment rests on an action of its period; `stalled` whether
    there was no action, and no criterion newly shown, for two intervals.
    """
    if not results:
        raise ValueError("nothing follows from no findings")
    return set(FREE) | (_of_duty if kind == S else _of_deliverable)(results, level, acted, stalled)


def _of_duty(results, level, acted, stalled):
    shown = [result for result in results if result in ("shown", "in_part")]
    # Without an action, or without a source that counts, a duty was not acted on in part either.
    if not shown or not acted or level == 0:
        following = {"no_evidence", "inactive"}
    elif results.count("shown") == len(results) and level >= 2:
        following = {"active"}
    else:
        following = {"partly_active"}
    return following | ({"contrary"} if "against" in results else set())


def _of_deliverable(results, level, acted, stalled):
    if results.count("shown") == len(results):
        return {"completed"} if level >= 2 else {"started"}
    if "shown" not in results and "in_part" not in results:
        return {"not_started", "no_evidence", "not_achieved"}
    following = {"started", "not_achieved"}
    if 2 * results.count("shown") > len(results) and level >= 2:
        following.add("substantial")
    return following | ({"stalled"} if stalled else set())


def permitted_statuses(model, update):
    """Return the statuses that an update may give, apart from its least evidence."""
    row = model.row(update.number)
    statuses = {code for code, rule in ASSESSMENTS.items() if row["kind"] in rule.kinds}
    acted = _acted(update)
    if update.findings:
        statuses &= following_statuses(
            row["kind"],
            [result for result, _events in update.findings.values()],
            level=_level(update),
            acted=acted,
            stalled=_stalled(model, update),
        )
    if not acted:
        statuses -= set(NEED_ACTION)
    if row.get("due_on", "9999") >= str(update.effective_on) and not _was_not_achieved(update):
        statuses.discard("not_achieved")
    return {code for code in statuses if ASSESSMENTS[code].least_evidence <= _level(update)}


def _was_not_achieved(update):
    former = update.corrects
    return former and former.status == "not_achieved" and former.effective_on == update.effective_on


def refusal(model, update, at, *, publishing=False):
    """Return why an update cannot be submitted, or published, at a time; None if it can."""
    target = update.corrects
    if target and not target.counts:
        return "what it corrects is not published"
    if update.effective_on > model.local_day(at):
        return "it is in the future"
    if update.event_type and not update.evidence:
        return "the event has no source"
    if update.meets and not any(map(meets_milestones, _ends(update))):
        return "words alone meet no milestone"
    if not update.status:
        return None
    reason = (
        _wrong_period(model, update)
        or _wrong_event(update, publishing)
        or _wrong_finding(model, update)
    )
    if reason is None and update.status not in permitted_statuses(model, update):
        return "the status does not follow"
    return reason


def meets_milestones(update):
    """Return whether the event of an update can meet a milestone."""
    return update.event_type not in NO_MILESTONE


def _wrong_period(model, update):
    if model.row(update.number)["kind"] != S:
        return None
    first, last = update.covers_from, update.effective_on
    if first is None or not 0 <= (last - first).days <= 2 * model.interval:
        return "the period is missing or too long"
    return None


def _end(event):
    """Return what a reference means now, also while the event waits for review."""
    return event.end(END_OF_TIME) if event.published_at else event


def _ends(update):
    """Return what an update rests on, itself first."""
    return [update, *filter(None, map(_end, update.events))]


def _wrong_event(update, publishing):
    for event in update.events:
        if publishing and not event.published_at:
            return "an event is not published"
        if _end(event) is None:
            return "an event is withdrawn"
        if _end(event).effective_on > update.effective_on:
            return "an event is later"
    return None


def _wrong_finding(model, update):
    expected = [model.criteria_in_use(update.number, END_OF_TIME)]
    former = update.corrects
    if former and former.status and (former.findings or former.status not in FREE):
        expected.append(set(former.findings))
    if update.status in FREE:
        expected.append(set())
    if set(update.findings) not in expected:
        return "not each criterion is answered"
    shown = [events for result, events in update.findings.values() if result != "not_shown"]
    if not update.event_type and not all(shown):
        return "a finding names no event"
    return None


def _level(update):
    ends = [_end(event) for event in update.events if update.lifts(event)]
    return max(row.own_level for row in (update, *filter(None, ends)))


def _acted(update):
    if update.covers_from is None:
        return False
    return any(
        row.is_action and update.covers_from <= row.effective_on <= update.effective_on
        for row in _ends(update)
    )


def _stalled(model, update):
    last = update.effective_on
    first = last - (2 * model.interval - 1) * DAY
    known = [row for row in model.updates if row.number == update.number and row.counts]
    known = [row for row in known if row is not update.corrects]
    shows = {
        event
        for result, events in update.findings.values()
        if result in ("shown", "in_part")
        for event in (events or [update])
    }
    moved = [row for row in (*known, *_ends(update)) if row.is_action]
    moved += [row for row in map(_end, shows) if row]
    return not any(first <= row.effective_on <= last for row in moved)
