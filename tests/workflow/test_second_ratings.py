"""In a plan that asks for it, a second person rates an assessment before it is published, without
having seen what its author found."""

import pytest
from django.db import IntegrityError, transaction

from commitments import ledger, workflow
from commitments.choices import Action, RatingOutcome, State
from commitments.exceptions import NotPermitted
from commitments.models import Decision, ProgressUpdate, Rating
from commitments.verification import ledger_differences
from commitments.workflow import FindingFields
from commitments.workflow.ratings import published_outcome
from tests.steps import NOW, REPORT, TODAY, perform, published, submitted, with_texts
from tests.words import en_zh
from tests.workflow.assessing import add_criteria, findings
from tests.workflow.rating import (
    ALL,
    OPPOSED,
    SOME,
    assessed,
    event_on,
    rate,
    rate_blind,
    refused,
)

pytestmark = pytest.mark.alike


@pytest.fixture
def plan(plan):
    return rate_blind(plan)


@pytest.fixture
def event(duty, reporter, reviewer):
    add_criteria(duty)
    return event_on(duty, reporter, reviewer)


@pytest.fixture
def update(duty, reporter, event):
    """An assessment in review: some of its criteria are shown, “partly active”."""
    return assessed(duty, reporter, event)


def fresh(update):
    return ProgressUpdate.objects.get(pk=update.pk)


def send_back(update, by):
    return perform(update, Action.RETURN, by, note="See what I found.")


def outcome(update, by):
    perform(update, Action.PUBLISH, by)
    return published_outcome(fresh(update))


def adopt(update, author, rating):
    """Take over what was rated, as the author's page offers it."""
    return workflow.edit_draft(
        update,
        by=author,
        at=NOW,
        status=rating.status,
        findings={key: FindingFields(**row) for key, row in rating.findings.items()},
    )


# Before the rating


def test_a_reviewer_cannot_publish_an_assessment_that_they_have_not_rated(update, reviewer):
    assert refused(update, reviewer) == ["Rate this assessment first."]
    offered = workflow.allowed_actions(reviewer, fresh(update))
    assert Action.RATE in offered
    assert Action.PUBLISH not in offered


def test_who_may_publish_is_said_by_the_rule_of_the_plan(duty, plan, event, update, reporter):
    """Only where a second person rates does it matter who could edit."""
    own, own_event = update, submitted(duty, reporter)

    def who_may(update, action):
        with pytest.raises(NotPermitted) as refusal:
            perform(update, action, reporter, note="Mine.")
        return str(refusal.value)

    for action in (Action.PUBLISH, Action.RETURN, Action.RATE):
        assert "could not edit it either" in who_may(own, action)
    assert "could not edit" not in who_may(own_event, Action.PUBLISH)
    assert "plans that ask for second ratings" in who_may(own_event, Action.RATE)
    plan.second_rating = "none"
    plan.save()
    for action in (Action.PUBLISH, Action.RETURN):
        sentence = who_may(fresh(own), action)
        assert "could not edit" not in sentence
        assert "rate" not in sentence
    assert "plans that ask for second ratings" in who_may(fresh(own), Action.RATE)


def test_the_refusal_does_not_tell_what_else_stands_in_the_way(update, event, reviewer, reporter):
    other = fresh(event)
    perform(other, Action.RETRACT, reviewer, note="Withdrawn.")
    assert refused(update, reviewer) == ["Rate this assessment first."]


def test_an_event_is_published_without_a_rating(duty, event, reporter, reviewer):
    assert published(duty, reporter, reviewer).state == State.PUBLISHED


def test_without_blind_ratings_nobody_rates(plan, update, event, reviewer):
    plan.second_rating = "none"
    plan.save()
    with pytest.raises(NotPermitted):
        rate(update, reviewer, event)
    assert fresh(perform(update, Action.PUBLISH, reviewer)).state == State.PUBLISHED


def test_an_author_who_is_a_reviewer_does_not_rate(duty, event, all_rounder):
    with pytest.raises(NotPermitted):
        rate(assessed(duty, all_rounder, event), all_rounder, event)


def test_a_reviewer_of_the_office_who_could_have_read_the_draft_does_not_rate(
    office_duty,
    office,
    reporter,
    colleague,
    all_rounder,
    reviewer,
):
    office.members.add(all_rounder)
    event = event_on(add_criteria(office_duty), colleague, reviewer)
    update = assessed(office_duty, colleague, event)
    for action in (Action.RATE, Action.PUBLISH, Action.RETURN):
        with pytest.raises(NotPermitted):
            perform(update, action, all_rounder, note="Mine.")
    assert workflow.allowed_actions(all_rounder, fresh(update)) == []
    assert fresh(rate(update, reviewer, event)).ratings.count() == 1


def test_the_database_refuses_a_rating_by_the_author(update, event, reporter, reviewer):
    rate(update, reviewer, event)
    row = Rating.objects.get()
    row.pk, row.rater, row.decision = None, reporter, update.decisions.get(action="submit")
    with pytest.raises(IntegrityError, match="rating_not_by_the_author"), transaction.atomic():
        row.save()


@pytest.mark.usefixtures("append_only")
def test_a_rating_is_neither_changed_nor_deleted(update, event, reviewer):
    rate(update, reviewer, event)
    for change in (
        lambda: Rating.objects.update(status="active"),
        lambda: Rating.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


# Agreement and disagreement


def test_who_agrees_publishes(update, event, reviewer):
    rate(update, reviewer, event)
    assert outcome(update, reviewer) == RatingOutcome.AGREES


def test_who_differs_cannot_publish(update, event, reviewer):
    rate(update, reviewer, event, ALL)
    [message] = refused(update, reviewer)
    assert "“Active”" in message
    assert "“Partly active”" in message


def test_an_author_adopts_the_rating(update, event, reporter, reviewer):
    rate(update, reviewer, event, ALL)
    send_back(update, reviewer)
    adopt(update, reporter, Rating.objects.get())
    perform(update, Action.SUBMIT, reporter)
    assert outcome(update, reviewer) == RatingOutcome.ADOPTED
    assert fresh(update).status == "active"
    assert Rating.objects.get().assessed_status == "partly_active"


def test_an_author_who_neither_adopts_nor_argues_cannot_submit(update, event, reporter, reviewer):
    rate(update, reviewer, event, ALL)
    send_back(update, reviewer)
    [message] = refused(update, reporter, Action.SUBMIT)
    assert "give your reasons" in message


def test_a_reason_can_be_accepted(update, event, reporter, reviewer):
    rate(update, reviewer, event, ALL)
    send_back(update, reviewer)
    perform(update, Action.SUBMIT, reporter, note="The report names one meeting of three.")
    assert outcome(update, reviewer) == RatingOutcome.ARGUED


def test_a_reason_given_before_the_author_knew_of_the_rating_is_none(
    update, event, reporter, reviewer
):
    send_back(update, reviewer)
    perform(update, Action.SUBMIT, reporter, note="As you wished.")
    rate(update, reviewer, event, ALL)
    assert len(refused(update, reviewer)) == 1
    perform(update, Action.RECALL, reporter)
    perform(update, Action.SUBMIT, reporter, note="Once more.")
    assert len(refused(update, reviewer)) == 1


def test_a_third_person_rates_blind_and_decides(update, event, reviewer, other_reviewer):
    rate(update, reviewer, event, ALL)
    assert refused(update, other_reviewer) == ["Rate this assessment first."]
    rate(update, other_reviewer, event)
    assert outcome(update, other_reviewer) == RatingOutcome.THIRD_PERSON


def test_a_third_person_who_differs_too_does_not_publish(
    update, event, reporter, reviewer, other_reviewer
):
    rate(update, reviewer, event, ALL)
    rate(update, other_reviewer, event, OPPOSED, "contrary")
    assert len(refused(update, other_reviewer)) == 1
    assert len(refused(update, reviewer)) == 1


def test_two_raters_do_not_stand_in_each_others_way(update, event, reviewer, other_reviewer):
    for person in (reviewer, other_reviewer):
        workflow.perform(
            update,
            Action.RATE,
            by=person,
            at=NOW,
            expected_revision=update.revision,
            findings=findings(*SOME, events=[event]),
        )
    assert Rating.objects.count() == 2


# What a rating is bound to


def test_a_rating_holds_when_only_the_sentence_has_changed(update, event, reporter, reviewer):
    rate(update, reviewer, event)
    send_back(update, reviewer)
    workflow.edit_draft(update, by=reporter, at=NOW, summary=en_zh("In other words.", "换句话说。"))
    perform(update, Action.SUBMIT, reporter)
    assert outcome(update, reviewer) == RatingOutcome.AGREES


@pytest.mark.parametrize(
    "changes",
    [
        {"covers_from": TODAY},
        {"evidence": workflow.EvidenceChanges(add=[with_texts(REPORT)])},
        {
            "event_type": "participation",
            "evidence": workflow.EvidenceChanges(add=[with_texts(REPORT)]),
        },
    ],
)
def test_a_rating_does_not_hold_once_the_basis_has_changed(
    update, event, reporter, reviewer, changes
):
    rate(update, reviewer, event)
    send_back(update, reviewer)
    workflow.edit_draft(update, by=reporter, at=NOW, **changes)
    perform(update, Action.SUBMIT, reporter)
    assert refused(update, reviewer) == ["Rate this assessment first."]
    rate(update, reviewer, event)
    assert outcome(update, reviewer) == RatingOutcome.AGREES


def test_a_rating_does_not_hold_once_the_events_have_changed(
    duty, update, event, reporter, reviewer
):
    rate(update, reviewer, event, ALL)
    send_back(update, reviewer)
    other = event_on(duty, reporter, reviewer)
    workflow.edit_draft(update, by=reporter, at=NOW, rests_on=[event.pk, other.pk])
    perform(update, Action.SUBMIT, reporter)
    assert refused(update, reviewer) == ["Rate this assessment first."]
    rate(update, reviewer, event)
    assert outcome(update, reviewer) == RatingOutcome.RATED_ANEW


def test_a_rating_does_not_hold_once_an_event_was_corrected(
    duty, update, event, reporter, reviewer
):
    rate(update, reviewer, event)
    published(duty, reporter, reviewer, corrects=event, effective_on=TODAY)
    assert refused(update, reviewer) == ["Rate this assessment first."]


# In the ledger


def test_the_publication_records_outcome_and_digests(update, event, reviewer):
    rate(update, reviewer, event)
    perform(update, Action.PUBLISH, reviewer)
    entry = Decision.objects.get(update=update, action=Action.PUBLISH)
    digest = ledger.rating_digest(Rating.objects.get())
    assert entry.meta["second_rating"] == {"outcome": "agrees", "ratings": [digest]}


def test_ratings_agree_with_the_ledger(duty, update, event, reporter, reviewer, other_reviewer):
    rate(update, reviewer, event, ALL)
    rate(update, other_reviewer, event)
    perform(update, Action.PUBLISH, other_reviewer)
    assert not [row for row in ledger_differences(NOW) if "rating" in str(row)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("status", "active"), ("assessed_status", "active"), ("findings", {}), ("salt", "00")],
)
def test_a_changed_rating_is_found(update, event, reviewer, column, value):
    rate(update, reviewer, event)
    Rating.objects.update(**{column: value})
    assert any("rating" in problem.place for problem in ledger_differences(NOW))


def test_a_rating_by_another_and_one_that_is_missing_are_found(
    update, event, reviewer, other_reviewer
):
    rate(update, reviewer, event)
    Rating.objects.update(rater=other_reviewer)
    assert any("rating" in problem.place for problem in ledger_differences(NOW))
    Rating.objects.all().delete()
    assert any("rating" in str(problem) for problem in ledger_differences(NOW))
