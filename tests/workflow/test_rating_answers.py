"""What a rating says: an answer to each criterion, and a status that the author could adopt."""

import pytest

from commitments import ledger, workflow
from commitments.choices import Action, RatingOutcome, State
from commitments.models import ProgressUpdate, Rating
from commitments.workflow import FindingFields
from commitments.workflow.ratings import published_outcome
from tests.steps import NOW, REPORT, perform, submitted
from tests.workflow.assessing import NOT_SHOWN, SHOWN, add_criteria, findings
from tests.workflow.rating import (
    ALL,
    NOTHING,
    OPPOSED,
    SOME,
    assessed,
    event_on,
    rate,
    rate_blind,
    refused,
)

pytestmark = pytest.mark.alike


def fresh(update):
    return ProgressUpdate.objects.get(pk=update.pk)


@pytest.fixture
def event(plan, duty, reporter, reviewer):
    rate_blind(plan)
    add_criteria(duty)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def update(duty, reporter, event):
    """An assessment in review: some of its criteria are shown, “partly active”."""
    return assessed(duty, reporter, event)


def test_a_rating_is_kept_beside_what_the_author_had_found(update, event, reviewer, reporter):
    stored = rate(update, reviewer, event, ALL)
    rating = Rating.objects.get()
    assert (rating.status, rating.assessed_status) == ("active", "partly_active")
    assert rating.findings["b"] == {"result": "shown", "events": [event.pk]}
    assert rating.assessed_findings["b"] == {"result": "in_part", "events": [event.pk]}
    assert (rating.rater, rating.author) == (reviewer, reporter)
    assert (stored.state, stored.revision) == (State.SUBMITTED, update.revision)
    assert rating.decision.meta == {"rating_commit": ledger.rating_digest(rating)}


def test_the_status_follows_from_what_was_rated(update, event, reviewer):
    rate(update, reviewer, event, SOME)
    assert Rating.objects.get().status == "partly_active"


def test_where_several_statuses_follow_the_rater_chooses(duty, event, reporter, reviewer):
    update = assessed(duty, reporter, event, evidence=[REPORT])
    [message] = refused(update, reviewer, Action.RATE, findings=findings(*NOTHING))
    assert "No evidence" in message
    assert "Not acted on" in message
    rate(update, reviewer, event, NOTHING, "inactive")
    assert Rating.objects.get().status == "inactive"


def test_a_status_that_does_not_follow_is_refused(update, event, reviewer):
    found = findings(*SOME, events=[event])
    [message] = refused(update, reviewer, Action.RATE, findings=found, status="active")
    assert "does not follow" in message
    [message] = refused(update, reviewer, Action.RATE, findings=found, status="completed")
    assert message.startswith("Choose one of")


def test_a_status_for_which_the_evidence_is_too_weak_is_refused(duty, event, reporter, reviewer):
    """Its author could adopt it, but not submit it."""
    weak = event_on(duty, reporter, reviewer, evidence=[REPORT | {"source": "statement"}])
    update = assessed(duty, reporter, weak)
    found = findings(*OPPOSED, events=[weak])
    [message] = refused(update, reviewer, Action.RATE, findings=found, status="contrary")
    assert "requires public evidence of level 2 or higher" in message
    # An event that shows nothing does not count.
    found = findings(*NOTHING, events=[weak])
    [message] = refused(update, reviewer, Action.RATE, findings=found, status="inactive")
    assert "this update and the events that show it have level 0" in message
    rate(update, reviewer, weak, NOTHING, "no_evidence")
    assert Rating.objects.get().status == "no_evidence"


def test_every_criterion_is_answered_with_an_event_of_the_assessment(
    duty, update, event, reporter, reviewer
):
    other = event_on(duty, reporter, reviewer)
    found = {"a": FindingFields(SHOWN, [other.pk]), "z": FindingFields(SHOWN, [event.pk])}
    messages = refused(update, reviewer, Action.RATE, findings=found)
    assert len(messages) == 2
    messages = refused(update, reviewer, Action.RATE, findings={"a": FindingFields(SHOWN)})
    assert len(messages) == 3
    messages = refused(update, reviewer, Action.RATE, findings={"a": FindingFields("yes")})
    assert messages == ["Choose one of: shown, in_part, not_shown, against."]


def test_a_criterion_that_was_replaced_is_told_from_one_that_never_was(duty, update, reviewer):
    duty.criteria.filter(key="c").update(retired_at=NOW)
    found = {key: FindingFields(NOT_SHOWN) for key in "abcz"}
    assert refused(update, reviewer, Action.RATE, findings=found) == [
        "Criterion c has been replaced.",
        "This assessment does not answer a criterion “z”.",
    ]


def test_a_text_that_cannot_be_assessed_needs_no_answers(update, reviewer, event):
    rate(update, reviewer, event, (), "not_verifiable")
    assert Rating.objects.get().findings == {}


def test_without_criteria_the_rater_chooses_the_status(duty, reporter, reviewer, plan):
    rate_blind(plan)
    update = submitted(duty, reporter, status="partly_active")
    [message] = refused(update, reviewer, Action.RATE)
    assert message.startswith("Choose a status")
    perform(update, Action.RATE, reviewer, status="partly_active")
    perform(update, Action.PUBLISH, reviewer)
    assert published_outcome(fresh(update)) == RatingOutcome.AGREES


def test_somebody_rates_the_same_only_once(update, event, reviewer):
    rate(update, reviewer, event)
    assert refused(update, reviewer, Action.RATE) == ["You have rated this assessment."]
    assert Action.RATE not in workflow.allowed_actions(reviewer, fresh(update))
