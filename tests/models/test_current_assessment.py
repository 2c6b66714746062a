"""Corrections, and the current assessment of a commitment after each public action: among its
published updates with a status, the one with the highest effective_on, published_at and id."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from commitments import workflow
from commitments.choices import Action, EventType, State, Status
from commitments.exceptions import ActionRefused, InvalidInput
from commitments.models import Commitment, Decision, Plan, ProgressUpdate
from tests.examples import examples
from tests.steps import NOW, draft, perform, published, submitted

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
HOUR = timedelta(hours=1)


def stored_assessment(commitment):
    """Return the commitment's stored status, and the id of the update that gives it."""
    row = Commitment.objects.get(pk=commitment.pk)
    return row.status, row.status_update_id


def state_of(update):
    return ProgressUpdate.objects.get(pk=update.pk).state


# Corrections


def test_publishing_a_correction_supersedes_its_target_by_a_decision_of_its_own(
    duty, reporter, reviewer
):
    original = published(duty, reporter, reviewer, status=Status.ACTIVE)
    correction = submitted(duty, reporter, status=Status.INACTIVE, corrects=original)
    assert state_of(original) == State.PUBLISHED
    perform(correction, Action.PUBLISH, reviewer, NOW + HOUR)
    original = ProgressUpdate.objects.get(pk=original.pk)
    assert (original.state, original.superseded_at) == (State.SUPERSEDED, NOW + HOUR)
    last_two = Decision.objects.order_by("seq").values_list("action", "update", "actor", "role")
    assert list(last_two)[-2:] == [
        ("publish", correction.pk, reviewer.pk, "reviewer"),
        ("supersede", original.pk, reviewer.pk, "reviewer"),
    ]
    assert stored_assessment(duty) == ("inactive", correction.pk)


def test_superseding_changes_nothing_of_what_was_published(duty, reporter, reviewer):
    original = published(duty, reporter, reviewer, status=Status.ACTIVE)
    before = ProgressUpdate.objects.filter(pk=original.pk).values().get()
    published(duty, reporter, reviewer, NOW + HOUR, corrects=original)
    after = ProgressUpdate.objects.filter(pk=original.pk).values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"state", "superseded_at", "revision", "changed_at"}


def test_the_note_of_a_publication_is_not_repeated_on_the_supersession(duty, reporter, reviewer):
    """The note of a publication is internal, that of a supersession is public."""
    original = published(duty, reporter, reviewer)
    correction = submitted(duty, reporter, corrects=original)
    perform(correction, Action.PUBLISH, reviewer, note="Only between us.")
    assert original.decisions.latest("seq").note == ""
    assert correction.decisions.latest("seq").note == "Only between us."


def test_a_correction_may_be_corrected(duty, reporter, reviewer):
    first = published(duty, reporter, reviewer, status=Status.ACTIVE)
    second = published(duty, reporter, reviewer, status=Status.INACTIVE, corrects=first)
    third = published(duty, reporter, reviewer, status=Status.PARTLY_ACTIVE, corrects=second)
    states = [state_of(update) for update in (first, second, third)]
    assert states == [State.SUPERSEDED, State.SUPERSEDED, State.PUBLISHED]
    assert stored_assessment(duty) == ("partly_active", third.pk)


def test_of_two_corrections_of_one_update_the_second_is_refused(duty, reporter, reviewer):
    original = published(duty, reporter, reviewer)
    winner = submitted(duty, reporter, status=Status.INACTIVE, corrects=original)
    loser = submitted(duty, reporter, status=Status.ACTIVE, corrects=original)
    perform(winner, Action.PUBLISH, reviewer)
    decisions = Decision.objects.count()
    with pytest.raises(ActionRefused) as caught:
        perform(loser, Action.PUBLISH, reviewer)
    assert [problem.path for problem in caught.value.problems] == [("corrects",)]
    assert (state_of(loser), Decision.objects.count()) == (State.SUBMITTED, decisions)
    assert stored_assessment(duty) == ("inactive", winner.pk)


def test_what_a_correction_corrects_must_be_published_when_the_correction_is(
    duty, reporter, reviewer
):
    original = published(duty, reporter, reviewer)
    correction = submitted(duty, reporter, corrects=original)
    waiting = draft(duty, reporter, corrects=original)
    perform(original, Action.RETRACT, reviewer, note="Wrong body.")
    with pytest.raises(ActionRefused):
        perform(correction, Action.PUBLISH, reviewer)
    with pytest.raises(ActionRefused):
        perform(waiting, Action.SUBMIT, reporter)
    assert state_of(original) == State.RETRACTED


def test_what_was_never_published_cannot_be_corrected(duty, reporter):
    for other in (draft(duty, reporter), submitted(duty, reporter)):
        with pytest.raises(InvalidInput) as caught:
            draft(duty, reporter, corrects=other)
        assert [problem.path for problem in caught.value.problems] == [("corrects",)]


def test_a_correction_is_of_the_same_commitment(duty, deliverable, reporter, reviewer):
    elsewhere = published(deliverable, reporter, reviewer)
    with pytest.raises(InvalidInput):
        draft(duty, reporter, corrects=elsewhere)


def test_an_update_does_not_correct_itself(duty, reporter):
    update = draft(duty, reporter)
    with pytest.raises(InvalidInput) as caught:
        workflow.edit_draft(update, by=reporter, at=NOW, corrects=update)
    assert [str(problem) for problem in caught.value.problems] == [
        "corrects: An update cannot correct itself."
    ]


def test_retracting_a_correction_does_not_revive_the_original(duty, reporter, reviewer):
    original = published(duty, reporter, reviewer, status=Status.ACTIVE)
    correction = published(duty, reporter, reviewer, status=Status.INACTIVE, corrects=original)
    perform(correction, Action.RETRACT, reviewer, note="Wrong too.")
    assert state_of(original) == State.SUPERSEDED
    assert stored_assessment(duty) == ("unassessed", None)


def test_a_correction_without_a_status_leaves_an_earlier_assessment(duty, reporter, reviewer):
    earlier = published(duty, reporter, reviewer, status=Status.INACTIVE, effective_on=MAY)
    original = published(duty, reporter, reviewer, status=Status.ACTIVE, effective_on=JUNE)
    published(duty, reporter, reviewer, status=None, corrects=original)
    assert stored_assessment(duty) == ("inactive", earlier.pk)


def test_publishing_a_correction_moves_the_plans_revision(plan, duty, reporter, reviewer):
    correction = submitted(duty, reporter, corrects=published(duty, reporter, reviewer))
    before = Plan.objects.get(pk=plan.pk).revision
    perform(correction, Action.PUBLISH, reviewer)
    assert Plan.objects.get(pk=plan.pk).revision > before


# The current assessment


def test_before_its_first_published_assessment_a_commitment_is_unassessed(duty, reporter, reviewer):
    submitted(duty, reporter, status=Status.ACTIVE)
    published(duty, reporter, reviewer, status=None)
    assert stored_assessment(duty) == ("unassessed", None)


def test_a_published_assessment_is_the_commitments_status(duty, deliverable, reporter, reviewer):
    update = published(duty, reporter, reviewer, status=Status.ACTIVE)
    assert stored_assessment(duty) == ("active", update.pk)
    assert stored_assessment(deliverable) == ("unassessed", None)


@pytest.mark.parametrize("event_type", EventType.values())
def test_no_event_of_whatever_type_displaces_an_assessment(event_type, duty, reporter, reviewer):
    assessment = published(duty, reporter, reviewer, status=Status.INACTIVE, effective_on=MAY)
    published(duty, reporter, reviewer, NOW + HOUR, event_type=event_type, effective_on=JUNE)
    assert stored_assessment(duty) == ("inactive", assessment.pk)


def test_an_assessment_keeps_its_status_whatever_becomes_of_what_it_rests_on(
    duty, reporter, reviewer
):
    event = published(duty, reporter, reviewer, effective_on=MAY)
    fields = {"event_type": None, "rests_on": [event.pk], "covers_from": MAY}
    update = published(duty, reporter, reviewer, status=Status.ACTIVE, **fields)
    event = ProgressUpdate.objects.get(pk=event.pk)
    changed = {"corrects": event, "event_type": "context"}
    correction = published(duty, reporter, reviewer, NOW + HOUR, **changed)
    assert stored_assessment(duty) == ("active", update.pk)
    perform(correction, Action.RETRACT, reviewer, NOW + HOUR, note="Wrong too.")
    assert stored_assessment(duty) == ("active", update.pk)


def test_an_update_without_a_status_displaces_no_assessment(duty, reporter, reviewer):
    assessment = published(duty, reporter, reviewer, status=Status.ACTIVE, effective_on=MAY)
    published(duty, reporter, reviewer, NOW + HOUR, status=None, effective_on=JUNE)
    assert stored_assessment(duty) == ("active", assessment.pk)


def test_a_backdated_publication_does_not_displace_a_later_date(duty, reporter, reviewer):
    june = published(duty, reporter, reviewer, status=Status.ACTIVE, effective_on=JUNE)
    published(duty, reporter, reviewer, NOW + HOUR, status=Status.INACTIVE, effective_on=MAY)
    assert stored_assessment(duty) == ("active", june.pk)


def test_of_equal_dates_the_one_published_later_is_current(duty, reporter, reviewer):
    first = submitted(duty, reporter, status=Status.ACTIVE, effective_on=JUNE)
    second = submitted(duty, reporter, status=Status.INACTIVE, effective_on=JUNE)
    perform(second, Action.PUBLISH, reviewer, NOW + HOUR)
    assert stored_assessment(duty) == ("inactive", second.pk)
    perform(first, Action.PUBLISH, reviewer, NOW + 2 * HOUR)
    assert stored_assessment(duty) == ("active", first.pk)


def test_of_equal_dates_and_times_the_higher_id_is_current(duty, reporter, reviewer):
    lower = submitted(duty, reporter, status=Status.ACTIVE, effective_on=JUNE)
    higher = submitted(duty, reporter, status=Status.INACTIVE, effective_on=JUNE)
    perform(higher, Action.PUBLISH, reviewer, NOW)
    perform(lower, Action.PUBLISH, reviewer, NOW)
    assert stored_assessment(duty) == ("inactive", higher.pk)


def test_retracting_the_current_assessment_brings_back_the_one_before(duty, reporter, reviewer):
    may = published(duty, reporter, reviewer, status=Status.INACTIVE, effective_on=MAY)
    june = published(duty, reporter, reviewer, status=Status.ACTIVE, effective_on=JUNE)
    perform(june, Action.RETRACT, reviewer, note="Wrong body.")
    assert stored_assessment(duty) == ("inactive", may.pk)
    perform(may, Action.RETRACT, reviewer, note="Wrong body.")
    assert stored_assessment(duty) == ("unassessed", None)


def test_retracting_an_older_assessment_leaves_the_current_one(duty, reporter, reviewer):
    may = published(duty, reporter, reviewer, status=Status.INACTIVE, effective_on=MAY)
    june = published(duty, reporter, reviewer, status=Status.ACTIVE, effective_on=JUNE)
    perform(may, Action.RETRACT, reviewer, note="Wrong body.")
    assert stored_assessment(duty) == ("active", june.pk)


def test_a_correction_with_an_earlier_date_hands_over_to_the_highest_that_is_left(
    duty, reporter, reviewer
):
    middle = published(
        duty, reporter, reviewer, status=Status.PARTLY_ACTIVE, effective_on=date(2026, 5, 15)
    )
    wrong = published(duty, reporter, reviewer, status=Status.ACTIVE, effective_on=JUNE)
    published(duty, reporter, reviewer, status=Status.INACTIVE, effective_on=MAY, corrects=wrong)
    assert stored_assessment(duty) == ("partly_active", middle.pk)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["publish", "publish", "correct", "retract"]),
        st.sampled_from([None, "active", "partly_active", "inactive"]),
        st.integers(0, 3),  # days before NOW
        st.integers(0, 2),  # hours since the preceding move
        st.integers(0, 9),  # the place of the target among the published updates
        st.booleans(),  # whether it is an event too; `active` needs one
    ),
    min_size=3,
    max_size=7,
)


@pytest.mark.long
@pytest.mark.alike
@settings(
    deadline=None,
    max_examples=examples(15),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES)
def test_after_any_history_the_assessment_is_the_highest_that_counts(
    duty, reporter, reviewer, moves
):
    with transaction.atomic():
        public, now = {}, NOW
        for action, status, days, hours, place, is_event in moves:
            now += hours * HOUR
            day = date(2026, 7, 1) - timedelta(days=days)
            pk = sorted(public)[place % len(public)] if public else None
            target = ProgressUpdate.objects.filter(pk=pk).first()
            if action == "retract" and target is not None:
                perform(target, Action.RETRACT, reviewer, now, note="Wrong body.")
                del public[pk]
                continue
            corrects = target if action == "correct" else None
            fields = {"status": status, "effective_on": day, "corrects": corrects}
            if status == "inactive" and not is_event:
                fields["event_type"] = None
            update = published(duty, reporter, reviewer, now, **fields)
            if corrects is not None:
                del public[pk]
            public[update.pk] = (day, now, update.pk, status)
        assessments = [assessment for assessment in public.values() if assessment[3] is not None]
        expected = (
            (max(assessments)[3], max(assessments)[2]) if assessments else ("unassessed", None)
        )
        assert stored_assessment(duty) == expected
        transaction.set_rollback(True)
