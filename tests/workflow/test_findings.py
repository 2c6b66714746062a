"""What an assessment says of each criterion, the events it names, and the status that follows."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.choices import Action, EventType
from commitments.exceptions import InvalidInput
from commitments.models import Criterion, ProgressUpdate
from commitments.workflow import FindingFields, saved_findings
from commitments.workflow.assessments import following_statuses
from tests.examples import examples
from tests.methodology import FREE
from tests.steps import STATEMENT, TODAY, draft, perform, published, submitted
from tests.workflow import model_requirements
from tests.workflow.assessing import (
    AGAINST,
    CRITERIA,
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

DAY = timedelta(days=1)


def follow(kind, *results, level=3, acted=True, stalled=False):
    found = following_statuses(kind, results, level=level, acted=acted, stalled=stalled)
    assert len(found) == len(set(found))
    return [str(status) for status in found if status not in FREE]


# The status follows from the findings: the table of the methodology


DUTY = [
    # All shown: active, or below its least evidence partly active.
    ([SHOWN, SHOWN], {}, {"active"}),
    ([SHOWN, SHOWN], {"level": 2}, {"active"}),
    ([SHOWN, SHOWN], {"level": 1}, {"partly_active"}),
    # Some shown or in part.
    ([SHOWN, IN_PART], {}, {"partly_active"}),
    ([SHOWN, NOT_SHOWN], {}, {"partly_active"}),
    ([IN_PART, NOT_SHOWN], {"level": 1}, {"partly_active"}),
    ([IN_PART, IN_PART], {}, {"partly_active"}),
    # None.
    ([NOT_SHOWN, NOT_SHOWN], {}, {"no_evidence", "inactive"}),
    ([NOT_SHOWN, NOT_SHOWN], {"acted": False, "level": 0}, {"no_evidence", "inactive"}),
    # Nothing is active, not even in part, without an action in the period.
    ([SHOWN, SHOWN], {"acted": False}, {"no_evidence", "inactive"}),
    ([SHOWN, IN_PART], {"acted": False}, {"no_evidence", "inactive"}),
    # One against permits contrary, whatever else is shown, and never compels it.
    ([SHOWN, AGAINST], {}, {"partly_active", "contrary"}),
    ([NOT_SHOWN, AGAINST], {}, {"no_evidence", "inactive", "contrary"}),
    ([AGAINST, AGAINST], {"acted": False}, {"no_evidence", "inactive", "contrary"}),
    ([SHOWN, AGAINST], {"acted": False}, {"no_evidence", "inactive", "contrary"}),
]
DELIVERABLE = [
    # All shown: completed, or below its least evidence started.
    ([SHOWN, SHOWN], {"acted": False}, {"completed"}),
    ([SHOWN, SHOWN], {"level": 2}, {"completed"}),
    ([SHOWN, SHOWN], {"level": 1}, {"started"}),
    # Some: started, substantial if more than half are shown, stalled if nothing was done.
    ([SHOWN, NOT_SHOWN], {}, {"started", "not_achieved"}),
    ([SHOWN, SHOWN, NOT_SHOWN], {}, {"started", "substantial", "not_achieved"}),
    ([SHOWN, IN_PART, NOT_SHOWN], {}, {"started", "not_achieved"}),
    ([SHOWN, SHOWN, IN_PART, IN_PART], {}, {"started", "not_achieved"}),
    ([SHOWN, SHOWN, NOT_SHOWN], {"level": 1}, {"started", "not_achieved"}),
    ([IN_PART, NOT_SHOWN], {"stalled": True}, {"started", "stalled", "not_achieved"}),
    ([IN_PART, AGAINST], {}, {"started", "not_achieved"}),
    # None.
    ([NOT_SHOWN, NOT_SHOWN], {}, {"not_started", "no_evidence", "not_achieved"}),
    ([NOT_SHOWN, NOT_SHOWN], {"stalled": True}, {"not_started", "no_evidence", "not_achieved"}),
    ([NOT_SHOWN, AGAINST], {}, {"not_started", "no_evidence", "not_achieved"}),
]


@pytest.mark.parametrize(
    ("kind", "results", "facts", "expected"),
    [("standing", *row) for row in DUTY] + [("deliverable", *row) for row in DELIVERABLE],
)
def test_these_statuses_follow(kind, results, facts, expected):
    assert set(follow(kind, *results, **facts)) == expected


KINDS = st.sampled_from(["standing", "deliverable"])
RESULTS = st.lists(st.sampled_from([SHOWN, IN_PART, NOT_SHOWN, AGAINST]), min_size=1, max_size=6)
FACTS = st.fixed_dictionaries(
    {"level": st.integers(0, 3), "acted": st.booleans(), "stalled": st.booleans()}
)


@settings(deadline=None, max_examples=examples(300))
@given(KINDS, RESULTS, FACTS)
def test_the_same_statuses_follow_by_the_model(kind, results, facts):
    expected = model_requirements.following_statuses(kind, results, **facts)
    assert set(following_statuses(kind, results, **facts)) == expected


@settings(deadline=None, max_examples=examples(100))
@given(KINDS, RESULTS, FACTS, st.randoms(use_true_random=False))
def test_what_follows_does_not_depend_on_the_order_of_the_criteria(kind, results, facts, random):
    shuffled = random.sample(results, len(results))
    assert follow(kind, *results, **facts) == follow(kind, *shuffled, **facts)


@settings(deadline=None, max_examples=examples(100))
@given(KINDS, RESULTS, FACTS)
def test_the_status_proposed_first_is_never_the_adverse_one(kind, results, facts):
    assert follow(kind, *results, **facts)[0] not in ("contrary", "not_achieved")


@settings(deadline=None, max_examples=examples(100))
@given(KINDS, RESULTS, FACTS)
def test_one_criterion_more_that_is_not_shown_rules_out_the_fulfilled_statuses(
    kind, results, facts
):
    assert not {"active", "completed"} & set(follow(kind, *results, NOT_SHOWN, **facts))


@settings(deadline=None, max_examples=examples(100))
@given(KINDS, RESULTS, FACTS)
def test_against_takes_no_status_away_that_not_shown_leaves(kind, results, facts):
    """It permits `contrary` for a duty, and compels nothing."""
    against = follow(kind, *results, AGAINST, **facts)
    without = follow(kind, *results, NOT_SHOWN, **facts)
    contrary = {"contrary"} if kind == "standing" else set()
    assert set(against) == set(without) | contrary


# Findings in the workflow


@pytest.fixture(autouse=True)
def criteria(request):
    """The duty and the deliverable have three criteria each."""
    for name in {"duty", "deliverable"} & set(request.fixturenames):
        add_criteria(request.getfixturevalue(name))


@pytest.fixture
def event(duty, reporter, reviewer):
    return published(duty, reporter, reviewer, effective_on=TODAY - 30 * DAY)


def test_an_assessment_that_answers_each_criterion_by_events_is_submitted(duty, reporter, event):
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[event]))
    assert refusals(update, reporter) == []


def test_each_unanswered_criterion_is_named(duty, deliverable, reporter, reviewer):
    for commitment, status in ((duty, "partly_active"), (deliverable, "started")):
        event = published(commitment, reporter, reviewer)
        update = assess(commitment, reporter, status, findings(SHOWN, events=[event]))
        assert refusals(update, reporter) == [("findings", "b"), ("findings", "c")]
        update = assess(commitment, reporter, status, {}, rests_on=[event.pk])
        assert set(refusals(update, reporter)) >= {("findings", key) for key in CRITERIA}


@pytest.mark.parametrize("result", [SHOWN, IN_PART, AGAINST])
def test_what_is_found_names_an_event(duty, reporter, event, result):
    update = assess(
        duty,
        reporter,
        "partly_active",
        findings(SHOWN, NOT_SHOWN, events=[event], c=FindingFields(result)),
    )
    assert refusals(update, reporter) == [("findings", "c", "events")]


def test_what_is_not_shown_need_not_name_one(duty, reporter, event):
    found = findings(SHOWN, NOT_SHOWN, events=[event], c=FindingFields(NOT_SHOWN, [event.pk]))
    assert refusals(assess(duty, reporter, "partly_active", found), reporter) == []


@pytest.mark.parametrize(
    ("status", "results"),
    [
        ("active", [SHOWN, SHOWN, IN_PART]),
        ("partly_active", [SHOWN, SHOWN, SHOWN]),
        ("inactive", [SHOWN, NOT_SHOWN, NOT_SHOWN]),
        ("no_evidence", [IN_PART, NOT_SHOWN, NOT_SHOWN]),
        ("contrary", [SHOWN, SHOWN, SHOWN]),
    ],
)
def test_a_status_that_does_not_follow_is_refused(duty, reporter, event, status, results):
    update = assess(duty, reporter, status, findings(*results, events=[event]))
    assert refusals(update, reporter) == [("status",)]


@pytest.mark.long
def test_active_needs_an_action_of_the_period(duty, reporter, reviewer):
    context = published(duty, reporter, reviewer, event_type="context")
    before = published(duty, reporter, reviewer, effective_on=TODAY - 31 * DAY)
    first_day = published(duty, reporter, reviewer, effective_on=TODAY - 30 * DAY)
    for status, results in (("active", [SHOWN] * 3), ("partly_active", [IN_PART] * 3)):
        for events, expected in (
            ([context], [("status",)]),
            ([context, before], [("status",)]),
            ([context, first_day], []),
        ):
            found = findings(*results, events=events)
            update = assess(duty, reporter, status, found, covers_from=TODAY - 30 * DAY)
            assert refusals(update, reporter) == expected, (status, events)


@pytest.mark.parametrize("event_type", EventType.values())
def test_an_action_is_what_the_owner_did_towards_the_commitment(
    duty, reporter, reviewer, event_type
):
    event = published(duty, reporter, reviewer, event_type=event_type)
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[event]))
    acted = event_type not in ("contrary", "context")
    assert refusals(update, reporter) == ([] if acted else [("status",)])


def test_without_criteria_active_needs_an_action_all_the_same(office_duty, office, colleague):
    update = draft(office_duty, colleague, status="active", event_type=None)
    assert refusals(update, colleague) == [("rests_on",)]
    update = draft(office_duty, colleague, status="active", event_type="outcome")
    assert refusals(update, colleague) == []


@pytest.mark.parametrize("status", ["withdrawn", "not_verifiable"])
@pytest.mark.parametrize("results", [(), (SHOWN, SHOWN, SHOWN), (AGAINST, NOT_SHOWN, IN_PART)])
def test_withdrawn_and_not_verifiable_are_free(duty, reporter, event, status, results):
    found = findings(*results, events=[event])
    update = assess(duty, reporter, status, found, evidence=[STATEMENT])
    assert refusals(update, reporter) == []


@pytest.mark.parametrize("free", ["not_verifiable", "withdrawn"])
def test_a_correction_of_what_needed_no_findings_needs_them(duty, reporter, reviewer, event, free):
    former = assess(duty, reporter, free, {}, rests_on=[event.pk])
    found = publish(former, reporter, reviewer)
    unanswered = [("findings", key) for key in CRITERIA]
    hole = assess(duty, reporter, "active", {}, rests_on=[event.pk], corrects=found)
    assert refusals(hole, reporter) == unanswered
    answered = findings(SHOWN, SHOWN, SHOWN, events=[event])
    filled = assess(duty, reporter, "active", answered, corrects=found)
    assert refusals(filled, reporter) == []


def test_a_correction_of_an_assessment_from_before_the_criteria_may_answer_none(
    duty, reporter, reviewer, event
):
    Criterion.objects.all().delete()
    before = assess(duty, reporter, "partly_active", {}, rests_on=[event.pk])
    publish(before, reporter, reviewer)
    add_criteria(duty)
    unanswered = assess(duty, reporter, "partly_active", {}, rests_on=[event.pk], corrects=before)
    assert refusals(unanswered, reporter) == []


def test_findings_without_a_status_are_refused(duty, reporter, event):
    fields = {"status": None, "findings": findings(SHOWN, SHOWN, SHOWN)}
    assert refusals(draft(duty, reporter, **fields), reporter) == [("findings",)]
    fields = {"status": None, "rests_on": [event.pk]}
    assert refusals(draft(duty, reporter, **fields), reporter) == [("rests_on",)]


# Events that an assessment names


def test_an_event_of_another_commitment_or_out_of_sight_cannot_be_named(
    duty, deliverable, reporter, reviewer, other_reporter, event
):
    elsewhere = published(deliverable, reporter, reviewer)
    hidden = draft(duty, other_reporter)
    no_event = published(duty, reporter, reviewer, event_type=None, status="inactive")
    for other in (elsewhere, hidden, no_event, ProgressUpdate(pk=10**6)):
        with pytest.raises(InvalidInput) as caught:
            assess(duty, reporter, "active", findings(SHOWN, IN_PART, events=[event, other]))
        paths = [problem.path for problem in caught.value.problems]
        assert paths == [("findings", "a", "events", 1), ("findings", "b", "events", 1)]
        with pytest.raises(InvalidInput) as caught:
            assess(duty, reporter, "active", {}, rests_on=[other.pk])
        assert [problem.path for problem in caught.value.problems] == [("rests_on", 0)]


def test_an_unknown_criterion_or_result_is_refused_at_once(duty, reporter):
    found = {"z": FindingFields(SHOWN), "a": FindingFields("seen")}
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, status="active", findings=found)
    paths = {problem.path for problem in caught.value.problems}
    assert paths == {("findings", "z"), ("findings", "a", "result")}
    with pytest.raises(InvalidInput) as caught:
        draft(duty, reporter, criteria=["a", "z"])
    assert [problem.path for problem in caught.value.problems] == [("criteria", 1)]


def test_an_event_after_the_assessment_is_refused(duty, reporter, event):
    found = findings(SHOWN, SHOWN, SHOWN, events=[event])
    day_of_event = event.effective_on
    update = assess(duty, reporter, "active", found, effective_on=day_of_event - DAY)
    assert refusals(update, reporter)[0] == ("rests_on",)
    update = assess(duty, reporter, "active", found, effective_on=day_of_event)
    assert refusals(update, reporter) == []


def test_an_event_may_wait_for_review_until_the_assessment_is_published(duty, reporter, reviewer):
    waiting = submitted(duty, reporter)
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[waiting]))
    assert refusals(update, reporter) == []
    assert refusals(update, reviewer, Action.PUBLISH) == [("rests_on",)]
    perform(waiting, Action.PUBLISH, reviewer)
    assert refusals(update, reviewer, Action.PUBLISH) == []


def test_a_draft_or_a_withdrawn_event_shows_nothing(duty, reporter, reviewer, event):
    for other in (draft(duty, reporter), event):
        if other is event:
            perform(event, Action.RETRACT, reviewer, note="Wrong.")
        update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[other]))
        assert ("rests_on",) in refusals(update, reporter)


def test_an_event_that_is_withdrawn_before_publication_is_refused_then(
    duty, reporter, reviewer, event
):
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN, events=[event]))
    perform(update, Action.SUBMIT, reporter)
    perform(event, Action.RETRACT, reviewer, note="Wrong.")
    assert ("rests_on",) in refusals(update, reviewer, Action.PUBLISH)


def test_findings_are_in_the_order_of_the_criteria_not_of_their_keys(duty, reporter):
    duty.criteria.filter(key="a").update(position=9)
    update = assess(duty, reporter, "active", findings(SHOWN, SHOWN, SHOWN))
    assert list(saved_findings(update)) == ["b", "c", "a"]
