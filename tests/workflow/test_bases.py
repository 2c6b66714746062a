"""What an assessment rests on: the level of its evidence, corrections of it and of its events, and
links that are given twice."""

from datetime import timedelta

import pytest

from commitments import workflow
from commitments.choices import Action
from commitments.clocks import Clock
from commitments.exceptions import InvalidInput
from commitments.models import Commitment, Criterion, ProgressUpdate
from commitments.workflow import EvidenceChanges, FindingFields
from tests.steps import (
    INTERNAL,
    NOW,
    REPORT,
    RESOLUTION,
    STATEMENT,
    TODAY,
    draft,
    perform,
    published,
    submitted,
    with_texts,
)
from tests.workflow.assessing import (
    AGAINST,
    IN_PART,
    NOT_SHOWN,
    SHOWN,
    add_criteria,
    assess,
    findings,
    publish,
    refusals,
)

pytestmark = pytest.mark.alike

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def criteria(duty):
    return add_criteria(duty)


@pytest.fixture
def happened(duty, reporter, reviewer):
    """`happened(*evidence)` publishes an event."""

    def happened(*evidence, **fields):
        return published(duty, reporter, reviewer, evidence=evidence, **fields)

    return happened


def level_of(commitment, **clock):
    return Commitment.objects.at(Clock(NOW, **clock)).get(pk=commitment.pk).assessment_level


# The level of evidence


@pytest.mark.parametrize(
    ("result", "level"), [(SHOWN, 3), (IN_PART, 3), (AGAINST, 3), (NOT_SHOWN, 1)]
)
def test_events_count_that_show_something(duty, reporter, reviewer, happened, result, level):
    said, reported = happened(STATEMENT), happened(REPORT)
    found = findings(SHOWN, NOT_SHOWN, events=[said], c=FindingFields(result, [reported.pk]))
    update = publish(assess(duty, reporter, "partly_active", found), reporter, reviewer)
    assert level_of(duty) == workflow.evidence_level(update) == level


def test_context_never_lifts_the_level(duty, reporter, happened):
    said, reported = happened(STATEMENT), happened(REPORT, event_type="context")
    found = findings(SHOWN, SHOWN, SHOWN, events=[said])
    update = assess(duty, reporter, "active", found, rests_on=[reported.pk])
    # `active` does not follow below its least evidence.
    assert ("status",) in refusals(update, reporter)
    update = assess(duty, reporter, "partly_active", found, rests_on=[reported.pk])
    assert refusals(update, reporter) == []
    assert workflow.evidence_level(update) == 1


def test_internal_evidence_of_an_event_never_counts(duty, reporter, happened):
    meeting = happened(INTERNAL, STATEMENT)
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[meeting]))
    assert ("status",) in refusals(update, reporter)
    secret = happened(INTERNAL)
    found = findings(SHOWN, SHOWN, SHOWN, events=[secret])
    for status in ("active", "partly_active"):
        assert refusals(assess(duty, reporter, status, found), reporter) != []


def test_without_criteria_all_events_count_that_it_rests_on(office_duty, colleague, reviewer):
    event = published(office_duty, colleague, reviewer, evidence=[RESOLUTION])
    update = assess(office_duty, colleague, "active", {}, rests_on=[event.pk])
    publish(update, colleague, reviewer)
    assert level_of(office_duty) == workflow.evidence_level(update) == 2


def test_an_update_that_is_event_and_assessment_rests_on_itself(duty, reporter, reviewer):
    found = findings(SHOWN, SHOWN, SHOWN)
    update = draft(duty, reporter, status="active", findings=found, evidence=[RESOLUTION])
    publish(update, reporter, reviewer)
    row = Commitment.objects.at(Clock(NOW)).get(pk=duty.pk)
    assert (row.assessment_level, row.basis_action_on, row.freshness) == (2, TODAY, "current")
    assert (row.action_id, row.action_type) == (update.pk, "participation")


def test_evidence_is_never_copied(duty, reporter, reviewer, happened):
    event = happened(REPORT, RESOLUTION)
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[event]))
    publish(update, reporter, reviewer)
    assert update.evidence.count() == 0
    assert level_of(duty) == 3


# Corrections of events


@pytest.fixture
def assessed(duty, reporter, reviewer, happened):
    """An event of level 3, and the assessment `active` that rests on it alone."""
    event = happened(REPORT)
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[event]))
    return event, publish(update, reporter, reviewer)


@pytest.mark.long
def test_a_reference_means_the_published_end_of_the_chain(duty, reporter, reviewer, assessed):
    event, _update = assessed
    second = published(duty, reporter, reviewer, NOW + HOUR, corrects=event, evidence=[RESOLUTION])
    later = Clock(NOW + 2 * HOUR)
    assert Commitment.objects.at(later).get(pk=duty.pk).assessment_level == 2
    published(duty, reporter, reviewer, NOW + 2 * HOUR, corrects=second, evidence=[STATEMENT])
    levels = {
        hours: Commitment.objects.at(Clock(NOW + 9 * HOUR, known_at=NOW + hours * HOUR))
        .get(pk=duty.pk)
        .assessment_level
        for hours in (0, 1, 2)
    }
    assert levels == {0: 3, 1: 2, 2: 1}


def test_what_an_assessment_rests_on_is_the_same_on_every_day(duty, reporter, reviewer, assessed):
    """A correction may move an event past the day that is asked for."""
    event, _update = assessed
    later = NOW + 5 * DAY
    moved = {"corrects": event, "evidence": [REPORT], "effective_on": TODAY + 4 * DAY}
    published(duty, reporter, reviewer, later, **moved)
    for day in (TODAY, TODAY + 5 * DAY):
        rows = Commitment.objects.at(Clock(later, as_of=day)).with_coverage_gap_flags(
            Clock(later, as_of=day)
        )
        row = rows.get(pk=duty.pk)
        assert (row.assessment_level, row.freshness, row.sources) == (3, "current", 1)
        assert row.rests_on_changed


def test_an_assessment_lapses_if_a_correction_leaves_it_without_an_action(
    duty, reporter, reviewer, assessed
):
    event, _update = assessed
    correction = {"corrects": event, "evidence": [REPORT], "event_type": "context"}
    published(duty, reporter, reviewer, NOW + HOUR, **correction)
    row = Commitment.objects.at(Clock(NOW + HOUR)).get(pk=duty.pk)
    assert (row.assessment_status, row.freshness) == ("active", "lapsed")


def test_a_correction_that_is_not_published_changes_nothing(duty, reporter, assessed):
    event, _update = assessed
    submitted(duty, reporter, corrects=event, evidence=[STATEMENT])
    assert level_of(duty) == 3


def test_a_reference_to_what_was_corrected_means_the_correction(duty, reporter, reviewer, happened):
    event = happened(REPORT)
    published(duty, reporter, reviewer, corrects=event, evidence=[STATEMENT])
    found = findings(SHOWN, SHOWN, SHOWN, events=[event])
    assert ("status",) in refusals(assess(duty, reporter, "active", found), reporter)
    assert refusals(assess(duty, reporter, "partly_active", found), reporter) == []


def test_a_withdrawn_event_no_longer_lifts_the_level(duty, reviewer, assessed):
    event, _update = assessed
    perform(event, Action.RETRACT, reviewer, NOW + HOUR, note="Wrong.")
    assert level_of(duty) == 0
    assert level_of(duty, known_at=NOW) == 3
    row = Commitment.objects.at(Clock(NOW + HOUR)).get(pk=duty.pk)
    assert (row.assessment_status, row.freshness) == ("active", "lapsed")


def test_a_correction_that_is_returned_is_not_what_an_assessment_rests_on(
    duty, reporter, reviewer, happened
):
    """It was named while it waited for review. What is published rests on what is published."""
    waiting = submitted(duty, reporter, corrects=happened(REPORT))
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[waiting]))
    perform(update, Action.SUBMIT, reporter)
    perform(waiting, Action.RETURN, reviewer, note="No.")
    assert ("rests_on",) in refusals(update, reviewer, Action.PUBLISH)


def test_a_waiting_correction_counts_as_it_is(duty, reporter, happened):
    """Not as what it corrects: what is named is what the reviewer will publish."""
    waiting = submitted(duty, reporter, corrects=happened(REPORT), evidence=[STATEMENT])
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[waiting]))
    assert ("status",) in refusals(update, reporter)


# Corrections of assessments


def replace_criterion(commitment, key, by, at):
    Criterion.objects.filter(commitment=commitment, key=key).update(retired_at=at)
    add_criteria(commitment, [by], at)


def test_a_correction_answers_the_criteria_of_its_original(duty, reporter, reviewer, assessed):
    event, update = assessed
    replace_criterion(duty, "c", "d", NOW)
    found = findings(SHOWN, SHOWN, SHOWN, events=[event])
    correction = assess(duty, reporter, "active", found, corrects=update)
    assert refusals(correction, reporter) == []
    assert refusals(assess(duty, reporter, "active", found), reporter) == [
        ("findings", "d"),
        ("findings", "c"),
    ]
    some = findings(SHOWN, SHOWN, events=[event])
    correction = assess(duty, reporter, "partly_active", some, corrects=update)
    assert ("findings", "d") in refusals(correction, reporter)


def test_criteria_replaced_while_an_assessment_waits_are_named_on_publication(
    duty, reporter, reviewer, happened
):
    found = findings(SHOWN, SHOWN, SHOWN, events=[happened(REPORT)])
    update = assess(duty, reporter, "active", found)
    perform(update, Action.SUBMIT, reporter)
    replace_criterion(duty, "a", "d", NOW)
    assert refusals(update, reviewer, Action.PUBLISH) == [("findings", "d"), ("findings", "a")]


def test_a_correction_does_not_rest_on_the_event_that_it_takes_back(duty, reporter, reviewer):
    """The original is event and assessment. Once the correction is published, a reference to it
    means the correction, which is no event."""
    original = published(duty, reporter, reviewer, status="active", evidence=[REPORT])
    found = findings(SHOWN, SHOWN, SHOWN, events=[original])
    correction = assess(duty, reporter, "active", found, corrects=original, evidence=[REPORT])
    assert refusals(correction, reporter) != []


# Stalled deliverables


@pytest.fixture
def works(deliverable):
    return add_criteria(deliverable)


def stalled(works, reporter, event, **fields):
    found = findings(SHOWN, NOT_SHOWN, NOT_SHOWN, events=[event])
    return assess(works, reporter, "stalled", found, **fields)


@pytest.mark.parametrize(("age", "refused"), [(0, True), (729, True), (731, False), (2000, False)])
def test_stalled_needs_two_intervals_without_an_action(works, reporter, reviewer, age, refused):
    event = published(works, reporter, reviewer, effective_on=TODAY - age * DAY)
    assert refusals(stalled(works, reporter, event), reporter) == [("status",)] * refused


@pytest.mark.long
def test_any_action_on_the_commitment_moves_it(works, reporter, reviewer):
    old = published(works, reporter, reviewer, effective_on=TODAY - 2000 * DAY)
    recent = published(works, reporter, reviewer, event_type="statement")
    assert refusals(stalled(works, reporter, old), reporter) == [("status",)]
    perform(recent, Action.RETRACT, reviewer, note="Wrong.")
    assert refusals(stalled(works, reporter, old), reporter) == []


@pytest.mark.long
def test_context_moves_it_only_if_it_newly_shows_a_criterion(works, reporter, reviewer):
    old = published(works, reporter, reviewer, effective_on=TODAY - 2000 * DAY)
    context = published(works, reporter, reviewer, event_type="context")
    assert refusals(stalled(works, reporter, old), reporter) == []
    assert refusals(stalled(works, reporter, old, rests_on=[context.pk]), reporter) == []
    assert refusals(stalled(works, reporter, context), reporter) == [("status",)]


def test_what_itself_shows_a_criterion_today_has_not_stalled(works, reporter):
    """A finding that names no event means the update itself."""
    found = findings(SHOWN, NOT_SHOWN, NOT_SHOWN)
    fields = {"status": "stalled", "findings": found, "event_type": "context"}
    assert refusals(draft(works, reporter, **fields), reporter) == [("status",)]


def test_the_action_that_a_correction_takes_back_does_not_move_it(works, reporter, reviewer):
    old = published(works, reporter, reviewer, effective_on=TODAY - 2000 * DAY)
    wrong = published(works, reporter, reviewer)
    assert refusals(stalled(works, reporter, old, corrects=wrong), reporter) == []


# Links given twice


def test_the_same_link_twice_in_one_request_is_refused(duty, reporter):
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, evidence=[RESOLUTION, REPORT, {**RESOLUTION, "title": "Again"}])
    assert [problem.path for problem in caught.value.problems] == [("evidence", 2, "url")]
    assert not ProgressUpdate.objects.exists()


def test_a_link_that_is_added_again_is_not_doubled(duty, reporter):
    update = draft(duty, reporter, evidence=[RESOLUTION])
    [first] = update.evidence.all()
    again = EvidenceChanges(add=[with_texts({**RESOLUTION, "title": "Again"})])
    workflow.edit_draft(update, by=reporter, at=NOW, evidence=again)
    [kept] = update.evidence.all()
    assert (kept.pk, kept.title) == (first.pk, first.title)
    moved = EvidenceChanges(add=[with_texts(RESOLUTION)], remove=[first.pk])
    workflow.edit_draft(update, by=reporter, at=NOW, evidence=moved)
    [new] = update.evidence.all()
    assert new.pk != first.pk


def test_the_api_answers_a_link_added_again_with_the_first(api, duty, reporter, noon):
    update = draft(duty, reporter, evidence=[RESOLUTION])
    [first] = update.evidence.all()
    body = {"title": "Again", "publisher": "The assembly", "url": RESOLUTION["url"]}
    body |= {"kind": "resolution", "source": "official"}
    answer = api(reporter).post(f"/api/v1/updates/{update.pk}/evidence/", body, format="json")
    assert answer.status_code in (200, 201), answer.content
    assert answer.json()["id"] == first.pk
    assert update.evidence.count() == 1


@pytest.mark.long
def test_an_edit_replaces_the_findings_or_what_it_rests_on_and_keeps_the_other(
    duty, reporter, happened
):
    said, reported, other = happened(STATEMENT), happened(REPORT), happened(RESOLUTION)
    found = findings(SHOWN, NOT_SHOWN, NOT_SHOWN, events=[said])
    update = assess(duty, reporter, "partly_active", found, rests_on=[reported.pk])

    def saved(**fields):
        workflow.edit_draft(update, by=reporter, at=NOW, **fields)
        fresh = ProgressUpdate.objects.get(pk=update.pk)
        shown = {row.criterion.key for row in fresh.findings.exclude(result=NOT_SHOWN)}
        return shown, {row.event_id for row in fresh.bases.exclude(event=update.pk)}

    assert saved() == ({"a"}, {said.pk, reported.pk})
    assert saved(rests_on=[other.pk]) == ({"a"}, {said.pk, other.pk})
    found = findings(NOT_SHOWN, SHOWN, NOT_SHOWN, events=[reported])
    assert saved(findings=found) == ({"b"}, {said.pk, reported.pk, other.pk})
