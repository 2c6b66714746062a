"""Nobody publishes or returns an update that they wrote or edited, whatever they try."""

import pytest
from django.db import IntegrityError, transaction

from commitments import workflow
from commitments.choices import Action, Role, State
from commitments.exceptions import ActionRefused, InvalidInput, NotPermitted
from commitments.models import ProgressUpdate
from commitments.workflow import EvidenceChanges, work_queue
from tests.access.reviewing import is_kept_from_reviewing, with_role
from tests.steps import (
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
from tests.words import en_zh

pytestmark = pytest.mark.alike


# Authors


def test_an_author_who_is_a_reviewer_does_not_review_it(duty, all_rounder):
    assert is_kept_from_reviewing(all_rounder, submitted(duty, all_rounder))


def test_an_author_who_is_a_superuser_does_not_review_it(duty, administrator):
    assert is_kept_from_reviewing(administrator, submitted(duty, administrator))


def test_an_author_made_a_reviewer_afterwards_does_not_review_it(duty, reporter):
    update = submitted(duty, reporter)
    assert is_kept_from_reviewing(with_role(reporter, Role.REVIEWER), update)


def test_an_author_made_a_superuser_afterwards_does_not_review_it(duty, reporter):
    update = submitted(duty, reporter)
    reporter.is_superuser = True
    reporter.save()
    assert is_kept_from_reviewing(reporter, update)


def test_an_author_whose_draft_a_colleague_submitted_does_not_review_it(
    office_duty, editing_reviewer, colleague
):
    update = perform(draft(office_duty, editing_reviewer), Action.SUBMIT, colleague)
    assert is_kept_from_reviewing(editing_reviewer, update)


def test_an_author_who_is_missing_among_the_editors_does_not_review_it(duty, all_rounder):
    update = submitted(duty, all_rounder)
    update.editors.clear()
    assert is_kept_from_reviewing(all_rounder, update)


def test_an_author_does_not_publish_it_when_it_was_returned_and_submitted_again(
    duty, all_rounder, reviewer
):
    update = submitted(duty, all_rounder)
    perform(update, Action.RETURN, reviewer, note="Which meeting?")
    update = perform(update, Action.SUBMIT, all_rounder)
    assert is_kept_from_reviewing(all_rounder, update)


@pytest.mark.parametrize("persona", ["all_rounder", "administrator"])
@pytest.mark.parametrize("action", [Action.RETRACT, Action.ARCHIVE])
def test_an_author_neither_retracts_nor_archives_their_own(
    request, duty, reviewer, persona, action
):
    author = request.getfixturevalue(persona)
    update = published(duty, author, reviewer)
    with pytest.raises(NotPermitted):
        perform(update, action, author, note="Wrong body.")
    assert ProgressUpdate.objects.get().state == State.PUBLISHED


def test_an_author_does_not_publish_their_own_correction_of_anothers_update(
    duty, reporter, reviewer, all_rounder
):
    original = published(duty, reporter, reviewer)
    correction = submitted(duty, all_rounder, corrects=original)
    assert is_kept_from_reviewing(all_rounder, correction)
    assert ProgressUpdate.objects.get(pk=original.pk).state == State.PUBLISHED


# Editors


def test_an_editor_does_not_review_it(office_duty, office_author, editing_reviewer):
    update = draft(office_duty, office_author)
    workflow.edit_draft(update, by=editing_reviewer, at=NOW, summary=en_zh("In other words."))
    perform(update, Action.SUBMIT, office_author)
    assert is_kept_from_reviewing(editing_reviewer, update)


def test_whoever_submits_a_draft_of_a_colleague_does_not_review_it(
    office_duty, office_author, editing_reviewer, other_reviewer
):
    update = draft(office_duty, office_author)
    perform(update, Action.SUBMIT, editing_reviewer)
    assert is_kept_from_reviewing(editing_reviewer, update)
    assert update not in work_queue.to_review_by(editing_reviewer)
    assert update in work_queue.to_review_by(other_reviewer)


def test_whoever_once_submitted_it_does_not_review_it_later(
    office_duty, office_author, editing_reviewer, other_reviewer
):
    update = draft(office_duty, office_author)
    perform(update, Action.SUBMIT, editing_reviewer)
    perform(update, Action.RETURN, other_reviewer, note="Name the meeting.")
    perform(update, Action.SUBMIT, office_author)
    assert is_kept_from_reviewing(editing_reviewer, update)


@pytest.mark.parametrize("change", ["add", "change", "remove"])
def test_an_editor_of_nothing_but_evidence_does_not_review_it(
    office_duty, office_author, editing_reviewer, change
):
    update = draft(office_duty, office_author, evidence=[REPORT, STATEMENT])
    piece = update.evidence.first().pk
    changes = {
        "add": EvidenceChanges(add=[with_texts(RESOLUTION)]),
        "change": EvidenceChanges(change={piece: {"title": en_zh("Report 7")}}),
        "remove": EvidenceChanges(remove=[piece]),
    }
    workflow.edit_draft(update, by=editing_reviewer, at=NOW, evidence=changes[change])
    perform(update, Action.SUBMIT, office_author)
    assert is_kept_from_reviewing(editing_reviewer, update)


def test_an_editor_whose_words_were_all_replaced_does_not_review_it(
    office_duty, office_author, editing_reviewer
):
    update = draft(office_duty, office_author)
    workflow.edit_draft(update, by=editing_reviewer, at=NOW, summary=en_zh("In other words."))
    perform(update, Action.SUBMIT, office_author)
    perform(update, Action.RECALL, office_author)
    workflow.edit_draft(update, by=office_author, at=NOW, summary=en_zh("A meeting was held."))
    perform(update, Action.SUBMIT, office_author)
    assert is_kept_from_reviewing(editing_reviewer, update)


def test_somebody_who_wrote_a_returned_update_anew_does_not_review_it(
    office_duty, office_author, editing_reviewer, reviewer
):
    update = submitted(office_duty, office_author)
    perform(update, Action.RETURN, reviewer, note="Which meeting?")
    workflow.edit_draft(update, by=editing_reviewer, at=NOW, summary=en_zh("The spring meeting."))
    perform(update, Action.SUBMIT, office_author)
    assert is_kept_from_reviewing(editing_reviewer, update)


def test_an_edit_that_was_refused_keeps_nobody_from_reviewing(
    office_duty, office_author, editing_reviewer
):
    update = draft(office_duty, office_author)
    with pytest.raises(InvalidInput):
        workflow.edit_draft(update, by=editing_reviewer, at=NOW, status="completed")
    perform(update, Action.SUBMIT, office_author)
    assert perform(update, Action.PUBLISH, editing_reviewer).state == State.PUBLISHED


# Reassignment


@pytest.fixture
def handed_over(duty, reporter, all_rounder, curator):
    """A submitted update that a curator reassigned from its first author to another."""
    update = draft(duty, reporter)
    reporter.is_active = False
    reporter.save()
    perform(update, Action.REASSIGN, curator, note="The author left.", to=all_rounder)
    return perform(update, Action.SUBMIT, all_rounder)


def test_neither_the_former_nor_the_new_author_reviews_what_was_handed_over(
    handed_over, reporter, all_rounder, reviewer
):
    reporter.is_active = True
    reporter.save()
    former = with_role(reporter, Role.REVIEWER)
    assert is_kept_from_reviewing(former, handed_over)
    assert is_kept_from_reviewing(all_rounder, handed_over)
    assert perform(handed_over, Action.PUBLISH, reviewer).publisher == reviewer


def test_an_author_of_a_draft_that_was_reassigned_twice_does_not_review_it(
    handed_over, reporter, all_rounder, curator, other_reporter
):
    perform(handed_over, Action.RECALL, all_rounder)
    all_rounder.is_active = False
    all_rounder.save()
    perform(handed_over, Action.REASSIGN, curator, note="Left too.", to=other_reporter)
    perform(handed_over, Action.SUBMIT, other_reporter)
    for person in (reporter, all_rounder):
        person.is_active = True
        person.save()
        assert is_kept_from_reviewing(with_role(person, Role.REVIEWER), handed_over)


# Objects that differ from the database


def test_an_object_that_names_another_author_does_not_help(duty, all_rounder, reporter):
    update = submitted(duty, all_rounder)
    update.author = reporter
    with pytest.raises(NotPermitted):
        workflow.perform(
            update, Action.PUBLISH, by=all_rounder, at=NOW, expected_revision=update.revision
        )


def test_an_object_that_names_another_state_does_not_help(duty, all_rounder, reviewer):
    update = draft(duty, all_rounder)
    update.state = State.SUBMITTED
    with pytest.raises(ActionRefused):
        workflow.perform(
            update, Action.PUBLISH, by=reviewer, at=NOW, expected_revision=update.revision
        )
    assert ProgressUpdate.objects.get().state == State.DRAFT


def test_a_new_update_is_its_writers_and_a_draft(duty, all_rounder):
    update = draft(duty, all_rounder)
    assert (update.author, update.state, update.publisher) == (all_rounder, State.DRAFT, None)
    assert is_kept_from_reviewing(all_rounder, perform(update, Action.SUBMIT, all_rounder))


@pytest.mark.parametrize("field", ["author", "state", "publisher", "published_at", "revision"])
def test_no_field_but_those_of_an_author_can_be_set(duty, reporter, all_rounder, field):
    with pytest.raises(TypeError, match=field):
        draft(duty, all_rounder, **{field: reporter})
    update = draft(duty, all_rounder)
    with pytest.raises(TypeError, match=field):
        workflow.edit_draft(update, by=all_rounder, at=NOW, **{field: reporter})


# The database


def test_the_database_refuses_an_author_as_publisher(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    update.publisher = reporter
    with pytest.raises(IntegrityError), transaction.atomic():
        update.save()
    assert ProgressUpdate.objects.get().publisher == reviewer


def test_the_database_refuses_a_publisher_as_author(duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressUpdate.objects.filter(pk=update.pk).update(author=reviewer)
    assert ProgressUpdate.objects.get().author == reporter


def test_the_database_refuses_a_publication_without_a_publisher(duty, reporter):
    update = submitted(duty, reporter)
    update.state, update.published_at, update.published_on = State.PUBLISHED, NOW, TODAY
    with pytest.raises(IntegrityError), transaction.atomic():
        update.save()
    assert ProgressUpdate.objects.get().state == State.SUBMITTED
