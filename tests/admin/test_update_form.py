"""The form of a draft in the admin: what it saves, refuses and offers."""

import re
from datetime import date

import pytest

from commitments.choices import State, Status
from commitments.models import Decision, ProgressUpdate
from commitments.workflow import FindingFields
from tests.steps import REPORT, TODAY, draft, published, submitted
from tests.words import en_zh
from tests.workflow import assessing

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

UPDATES = "/admin/commitments/progressupdate/"


def form(duty, **changed):
    """Return what a browser sends for a new update with one link as evidence."""
    return {
        "commitment": duty.pk,
        "effective_on": TODAY.isoformat(),
        "date_precision": "day",
        "event_type": "participation",
        "status": "active",
        "covers_from": "2025-07-01",
        "summary_en": "A meeting was held.",
        "summary_zh": "",
        "search_note_en": "",
        "search_note_zh": "",
        "corrects": "",
        "external_ref": "",
        "evidence-TOTAL_FORMS": "1",
        "evidence-INITIAL_FORMS": "0",
        "evidence-0-title_en": "Resolution 1",
        "evidence-0-url": "https://example.org/resolution",
        "evidence-0-kind": "resolution",
        "evidence-0-source": "official",
        "evidence-0-public": "on",
        "decisions-TOTAL_FORMS": "0",
        "decisions-INITIAL_FORMS": "0",
    } | changed


def test_a_reporter_logs_progress_with_evidence(reporter, signed_in, duty):
    answer = signed_in(reporter).post(f"{UPDATES}add/", form(duty), follow=True)
    update = ProgressUpdate.objects.get()
    assert (update.state, update.author, update.status) == (State.DRAFT, reporter, Status.ACTIVE)
    assert update.evidence.get().url == "https://example.org/resolution"
    assert "Ready to submit for review." in answer.text
    assert Decision.objects.count() == 0


def test_saving_shows_what_is_missing(reporter, signed_in, duty):
    sent = form(duty, **{"evidence-TOTAL_FORMS": "0"})
    answer = signed_in(reporter).post(f"{UPDATES}add/", sent, follow=True)
    assert "Not yet ready to submit for review" in answer.text
    assert "requires public evidence of level 2" in answer.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"status": "completed"}, "does not apply to PLAN-1.1"),
        ({"effective_on": "2999-01-01"}, "is in the future"),
        (
            {"evidence-0-citation": "Also a citation"},
            "exactly one of the following: a link, a file or a citation",
        ),
    ],
)
def test_invalid_data_is_refused_on_the_form(changed, sentence, reporter, signed_in, duty):
    answer = signed_in(reporter).post(f"{UPDATES}add/", form(duty, **changed))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert not ProgressUpdate.objects.exists()


def test_nobody_sets_state_status_or_author_by_hand(reporter, reviewer, signed_in, duty):
    forged = {"state": "published", "author": reviewer.pk, "publisher": reviewer.pk}
    signed_in(reporter).post(f"{UPDATES}add/", form(duty, **forged))
    update = ProgressUpdate.objects.get()
    assert (update.state, update.author, update.publisher) == (State.DRAFT, reporter, None)


def test_evidence_is_changed_and_removed_in_the_form(reporter, signed_in, duty):
    update = draft(duty, reporter, evidence=[REPORT, {**REPORT, "title": "Second"}])
    first, second = update.evidence.order_by("pk")
    sent = form(duty, expected_revision=update.revision) | {
        "evidence-TOTAL_FORMS": "2",
        "evidence-INITIAL_FORMS": "2",
        "evidence-0-id": first.pk,
        "evidence-0-update": update.pk,
        "evidence-0-title_en": "A better title",
        "evidence-0-url": "",
        "evidence-0-citation": first.citation,
        "evidence-1-id": second.pk,
        "evidence-1-update": update.pk,
        "evidence-1-title_en": "Second",
        "evidence-1-citation": second.citation,
        "evidence-1-kind": "report",
        "evidence-1-source": "independent",
        "evidence-1-public": "on",
        "evidence-1-DELETE": "on",
    }
    answer = signed_in(reporter).post(f"{UPDATES}{update.pk}/change/", sent)
    assert answer.status_code == 302, answer.context["errors"]
    assert [item.title for item in update.evidence.all()] == [en_zh("A better title")]


def test_a_form_with_an_older_revision_is_refused(reporter, signed_in, duty):
    update = draft(duty, reporter)
    sent = form(duty, expected_revision=update.revision - 1, summary_en="Mine.") | {
        "evidence-TOTAL_FORMS": "0"
    }
    answer = signed_in(reporter).post(f"{UPDATES}{update.pk}/change/", sent)
    assert "has changed this update since you opened it" in answer.text
    assert "Mine." in answer.text
    update.refresh_from_db()
    assert update.summary["en"] == "A meeting was held."


def test_submitted_content_cannot_be_edited(reporter, signed_in, duty):
    update = submitted(duty, reporter)
    answer = signed_in(reporter).post(f"{UPDATES}{update.pk}/change/", form(duty))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ({}, date(2024, 7, 1)),
        ({"date_precision": "month", "effective_on": "2026-05-02"}, date(2024, 5, 31)),
        ({"status": ""}, None),
    ],
)
def test_a_period_left_empty_begins_on_the_day_that_is_offered(
    reporter, signed_in, duty, changed, first
):
    sent = form(duty, covers_from="", **changed)
    assert signed_in(reporter).post(f"{UPDATES}add/", sent).status_code == 302
    assert ProgressUpdate.objects.get().covers_from == first


def checked_events(page, key):
    """Return the ids of the events that are ticked for a criterion."""
    found = re.findall(rf'<input [^>]*name="findings_{key}_events"[^>]*>', page)
    return [int(re.search(r'value="(\d+)"', tag)[1]) for tag in found if " checked" in tag]


def test_events_that_bear_on_a_criterion_are_proposed_for_it(reporter, reviewer, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    before = published(duty, reporter, reviewer, criteria=["a"], effective_on=date(2025, 3, 1))
    assessed = assessing.assess(
        duty,
        reporter,
        "partly_active",
        {"a": FindingFields("shown", [before.pk]), "b": FindingFields("not_shown")},
        effective_on=date(2025, 6, 30),
        covers_from=date(2025, 1, 1),
    )
    assessing.publish(assessed, reporter, reviewer)
    event = published(duty, reporter, reviewer, criteria=["a"], effective_on=date(2026, 5, 1))
    waiting = submitted(duty, reporter, criteria=["a", "b"], effective_on=date(2026, 6, 1))
    page = signed_in(reporter).get(f"{UPDATES}add/?commitment={duty.pk}").text
    assert checked_events(page, "a") == [waiting.pk, event.pk]
    assert checked_events(page, "b") == [waiting.pk]
    assert "Choose what they show." in page


def test_a_proposal_is_no_finding_until_somebody_says_what_was_found(
    reporter, reviewer, signed_in, duty
):
    assessing.add_criteria(duty, ("a", "b"))
    event = published(duty, reporter, reviewer, criteria=["a"])
    ticked = {"findings_a": "", "findings_a_events": [event.pk], "findings_b": ""}
    sent = form(duty, status="", covers_from="", **ticked)
    assert signed_in(reporter).post(f"{UPDATES}add/", sent).status_code == 302
    update = ProgressUpdate.objects.latest("pk")
    assert not update.findings.exists()
    page = signed_in(reporter).get(f"{UPDATES}{update.pk}/change/").text
    assert checked_events(page, "a") == [event.pk]


def test_the_form_and_the_review_say_that_a_commitment_is_overdue(
    reporter, reviewer, signed_in, deliverable
):
    update = submitted(deliverable, reporter, status="started")
    review = f"{UPDATES}{update.pk}/action/publish/"
    form_of = f"{UPDATES}add/?commitment={deliverable.pk}"
    assert "Overdue" not in signed_in(reviewer).get(review).text
    deliverable.due_on = date(2026, 1, 1)
    deliverable.save()
    assert "<td>Overdue</td>" in signed_in(reviewer).get(review).text
    assert "<strong>Overdue</strong>" in signed_in(reporter).get(form_of).text
