"""Forms that were sent before, since their answer was lost, and forms with several mistakes."""

import pytest

from commitments.choices import Action, State
from commitments.models import Decision, ProgressUpdate
from tests.admin.workbench.forms import LINK, entered, log_of, page_of
from tests.steps import draft, perform, submitted

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def in_review(duty, reporter):
    return submitted(duty, reporter)


def decide(client, update, action):
    sent = {"expected_revision": update.revision, "note": "Which forum?", action: "1"}
    return client.post(f"/admin/review/{update.pk}/", sent, follow=True)


@pytest.mark.parametrize(
    ("action", "done"), [("publish", "Published."), ("return", "Returned to author.")]
)
def test_a_decision_that_is_sent_again_is_done(in_review, signed_in, reviewer, action, done):
    client = signed_in(reviewer)
    assert done in decide(client, in_review, action).text
    decisions = Decision.objects.count()
    again = decide(client, in_review, action)
    assert done in again.text
    assert "has changed since" not in again.text
    assert Decision.objects.count() == decisions


def test_a_decision_that_somebody_else_made_is_not_ones_own(
    in_review, signed_in, reviewer, other_reviewer
):
    decide(signed_in(reviewer), in_review, "publish")
    answer = decide(signed_in(other_reviewer), in_review, "publish")
    assert "Published." not in answer.text.partition('class="messages"')[2].partition("</ul>")[0]


def test_another_note_is_not_taken_for_the_first(in_review, signed_in, reviewer):
    client = signed_in(reviewer)
    decide(client, in_review, "return")
    sent = {"expected_revision": in_review.revision, "note": "Which day?", "return": "1"}
    answer = client.post(f"/admin/review/{in_review.pk}/", sent, follow=True)
    assert answer.redirect_chain == [(page_of(in_review), 302)]
    sentence = "Returned to author. What you have typed since was not sent: “Which day?”"
    assert sentence in answer.text


def test_what_was_returned_and_submitted_again_is_decided_anew(
    in_review, signed_in, reporter, reviewer
):
    client = signed_in(reviewer)
    decide(client, in_review, "return")
    in_review.refresh_from_db()
    perform(in_review, Action.SUBMIT, reporter)
    in_review.refresh_from_db()
    decide(client, in_review, "return")
    in_review.refresh_from_db()
    assert in_review.state == State.RETURNED
    assert Decision.objects.filter(action=Action.RETURN).count() == 2


def test_who_has_submitted_an_update_is_told_just_that(in_review, signed_in, reporter):
    answer = signed_in(reporter).post(page_of(in_review), entered(summary_en="Mine."), follow=True)
    assert (
        "You have submitted this update. What you changed after that was not saved;" in answer.text
    )
    assert "Mine.</textarea>" in answer.text


def test_a_form_that_somebody_saved_before_is_not_called_that_of_another(duty, signed_in, reporter):
    update = draft(duty, reporter)
    sent = entered(expected_revision=update.revision, summary_en="Mine.", save=1)
    client = signed_in(reporter)
    assert client.post(page_of(update), sent).status_code == 302
    answer = client.post(page_of(update), sent)
    assert (
        "You have changed this update since you opened this form, or sent it before." in answer.text
    )


def test_of_what_two_people_write_nobody_is_told_that_it_was_they(
    office_duty, office, signed_in, colleague, other_reporter
):
    office.members.add(other_reporter)
    update = draft(office_duty, colleague)
    sent = entered(expected_revision=update.revision, summary_en="Mine.", save=1)
    assert signed_in(other_reporter).post(page_of(update), sent).status_code == 302
    answer = signed_in(colleague).post(page_of(update), sent)
    assert "This update was changed since you opened it." in answer.text


def test_the_page_says_at_once_all_that_is_wrong_and_missing(duty, signed_in, reporter):
    """One mistake after the other would be a round for each."""
    piece = LINK | {"title_en": "", "dated_on": "1/2/2025"}
    sent = entered(piece, when="2999-01-01", summary_en="", event_type="", submit=1)
    answer = signed_in(reporter).post(log_of(duty), sent)
    assert not ProgressUpdate.objects.exists()
    assert "Nothing was saved yet" in answer.text
    said = " ".join(answer.context["missing"])
    for words in ("Source 1", "Source date", "is in the future", "summary"):
        assert words in said, words
    assert len(answer.context["missing"]) == len(set(answer.context["missing"])) >= 5


def test_what_is_wrong_with_a_stored_draft_does_not_make_it_ready(duty, signed_in, reporter):
    update = draft(duty, reporter)
    sent = entered(expected_revision=update.revision, when="2999-01-01", submit=1)
    answer = signed_in(reporter).post(page_of(update), sent)
    assert "is in the future" in " ".join(answer.context["missing"])
    assert "Ready to submit for review." not in answer.text


def test_a_mistake_of_all_sources_is_counted(duty, signed_in, reporter):
    """The same link twice is a problem that the workflow finds."""
    answer = signed_in(reporter).post(log_of(duty), entered(LINK, LINK, submit=1))
    assert "Nothing was saved yet: 0" not in " ".join(answer.text.split())
    assert "Nothing was saved yet: one entry needs correcting." in " ".join(answer.text.split())
