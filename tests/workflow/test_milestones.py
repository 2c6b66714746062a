"""Which updates can meet a milestone."""

from datetime import timedelta

import pytest

from commitments import workflow
from commitments.choices import Action, EventType
from commitments.clocks import Clock
from commitments.exceptions import ActionRefused, InvalidInput
from commitments.models import Commitment, Milestone, ProgressUpdate
from commitments.rollups.record import read_record
from tests.factories import MilestoneFactory
from tests.steps import NOW, STATEMENT, TODAY, draft, perform, published, submitted

pytestmark = pytest.mark.alike


@pytest.fixture
def step(deliverable):
    return MilestoneFactory(commitment=deliverable, key="m1", due_on=TODAY - timedelta(days=1))


HOUR = timedelta(hours=1)
MEETING = {"participation", "contribution", "instrument", "outcome", "context"}


@pytest.mark.parametrize("event_type", EventType.values())
def test_words_alone_and_acts_against_it_meet_no_milestone(event_type, step, reporter):
    update = draft(step.commitment, reporter, event_type=event_type, meets=["m1"])
    assert list(update.meets.all()) == [step]
    if event_type in MEETING:
        assert submitted(step.commitment, reporter, event_type=event_type, meets=["m1"]).pk
        return
    with pytest.raises(ActionRefused) as refusal:
        submitted(step.commitment, reporter, event_type=event_type, meets=["m1"])
    assert [problem.path for problem in refusal.value.problems] == [("meets",)]
    assert "Took part, Put in, Brought about, Effect shown, Context" in str(
        refusal.value.problems[0]
    )


def test_an_assessment_meets_a_milestone_by_what_it_rests_on(step, reporter, reviewer):
    deed, words = (
        published(step.commitment, reporter, reviewer, event_type=code, evidence=[STATEMENT])
        for code in ("contribution", "statement")
    )
    fields = {"event_type": None, "evidence": (), "status": "started", "meets": ["m1"]}
    assert submitted(step.commitment, reporter, rests_on=[deed.pk], **fields).meets.get() == step
    with pytest.raises(ActionRefused, match="not possible yet"):
        submitted(step.commitment, reporter, rests_on=[words.pk], **fields)


@pytest.mark.parametrize("then", ["it becomes words", "it is withdrawn"])
def test_a_milestone_is_unmet_again_once_nothing_behind_the_assessment_can_meet_it(
    then, step, reporter, reviewer
):
    people = (reporter, reviewer)
    deed, beside = (
        published(step.commitment, *people, event_type=code, evidence=[STATEMENT])
        for code in ("contribution", "statement")
    )
    rests_on = [deed.pk, beside.pk]
    facts = {"event_type": None, "evidence": (), "status": "started", "rests_on": rests_on}
    assessed = published(step.commitment, *people, meets=["m1"], **facts)
    assert met_by(step) == (assessed.pk, assessed.effective_on)
    later = NOW + HOUR
    if then == "it becomes words":
        published(step.commitment, *people, later, corrects=deed, event_type="statement")
    else:
        perform(deed, Action.RETRACT, reviewer, later, note="The source was withdrawn.")
    assert met_by(step) == (None, None)
    # At that time it was met.
    assert met_by(step, known_at=NOW)[0] == assessed.pk


def met_by(step, **clock):
    """Return the update that meets a milestone, and the day that the record of its commitment has
    for it, which have to agree."""
    clock = Clock(NOW + HOUR, **clock)
    commitment = Commitment.objects.get(pk=step.commitment_id)
    row = Milestone.objects.at(clock).get(pk=step.pk)
    record = read_record(
        {commitment.pk: commitment.plan}, clock, commitment.plan.review_periods(clock)
    )
    [dates] = record[commitment.pk].dates.milestones
    is_late = Commitment.objects.at(clock).get().schedule == "overdue"
    assert is_late is (row.met_on is None)
    assert dates.met_on == row.met_on
    return row.met_by, row.met_on


def test_an_unknown_milestone_is_refused_and_the_known_ones_are_named(step, reporter):
    with pytest.raises(InvalidInput) as refusal:
        draft(step.commitment, reporter, meets=["m1", "m9"])
    [problem] = refusal.value.problems
    assert problem.path == ("meets", 1)
    assert "“m9”; its milestones: m1" in problem.message
    assert not ProgressUpdate.objects.exists()


def test_a_dropped_milestone_is_met_by_corrections_of_what_met_it_only(step, reporter, reviewer):
    before = published(step.commitment, reporter, reviewer, meets=["m1"])
    step.retired_at = NOW
    step.save()
    with pytest.raises(ActionRefused) as refusal:
        submitted(step.commitment, reporter, meets=["m1"])
    assert "“m1” has been dropped" in refusal.value.problems[0].message
    assert submitted(step.commitment, reporter, corrects=before, meets=["m1"]).meets.get() == step


def test_milestones_stay_as_they_are_where_an_edit_does_not_name_them(step, reporter):
    update = draft(step.commitment, reporter, meets=["m1"])
    changed = workflow.edit_draft(update, by=reporter, at=NOW, event_type="outcome")
    assert changed.meets.get() == step
    assert not workflow.edit_draft(changed, by=reporter, at=NOW, meets=[]).meets.exists()
