"""Which updates can meet a milestone."""

import pytest

from commitments import workflow
from commitments.choices import EventType
from commitments.exceptions import ActionRefused, InvalidInput
from commitments.models import ProgressUpdate
from tests.factories import MilestoneFactory
from tests.steps import NOW, STATEMENT, draft, published, submitted

pytestmark = pytest.mark.alike


@pytest.fixture
def step(deliverable):
    return MilestoneFactory(commitment=deliverable, key="m1")


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
