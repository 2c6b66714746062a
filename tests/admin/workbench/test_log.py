"""The form of a draft: what it saves, submits and refuses."""

import re
from datetime import date

import pytest

from commitments import workflow
from commitments.choices import Action, State, Status
from commitments.models import Decision, ProgressUpdate
from commitments.workflow import EvidenceChanges, FindingFields
from tests.admin.workbench.forms import LINK, assessed, entered, log_of, page_of, shown
from tests.steps import NOW, REPORT, draft, perform, published, submitted
from tests.words import en_zh
from tests.workflow import assessing

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def test_a_reporter_logs_progress_with_evidence(reporter, signed_in, duty):
    answer = signed_in(reporter).post(log_of(duty), assessed(LINK), follow=True)
    update = ProgressUpdate.objects.get()
    assert (update.state, update.author, update.status) == (State.DRAFT, reporter, Status.ACTIVE)
    assert update.evidence.get().url == "https://example.org/resolution"
    assert answer.redirect_chain == [(page_of(update), 302)]
    assert "Ready to submit for review." in answer.text
    assert Decision.objects.count() == 0


@pytest.mark.long
def test_submitting_saves_what_stands_in_the_form_first(reporter, signed_in, duty):
    update = draft(duty, reporter)
    sent = entered(expected_revision=update.revision, summary_en="As corrected.", submit=1)
    answer = signed_in(reporter).post(page_of(update), sent, follow=True)
    update.refresh_from_db()
    assert (update.state, update.summary["en"]) == (State.SUBMITTED, "As corrected.")
    assert answer.redirect_chain == [("/admin/", 302)]
    assert "Submitted for review." in answer.text


def test_what_cannot_be_submitted_is_saved_and_says_what_is_missing(reporter, signed_in, duty):
    answer = signed_in(reporter).post(log_of(duty), assessed(submit=1), follow=True)
    update = ProgressUpdate.objects.get()
    assert update.state == State.DRAFT
    assert "Saved, but not submitted: something is missing." in answer.text
    assert "requires public evidence of level 2" in answer.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"status": "completed"}, "does not apply to PLAN-1.1"),
        ({"when": "2999-01-01"}, "is in the future"),
        ({"when": ""}, "This field is required."),
        ({"when": "1/2/2025"}, "such as 2026-10-05, 2026-10 or 2026, the year first."),
        ({"covers_from": "02.01.2025"}, "Enter a date such as 2026-06-30."),
        (
            {"evidence-0-citation": "Also a citation"},
            "exactly one of the following: a link, a file or a citation",
        ),
    ],
)
def test_invalid_data_is_refused_on_the_form(changed, sentence, reporter, signed_in, duty):
    answer = signed_in(reporter).post(log_of(duty), assessed(LINK, **changed))
    assert answer.status_code == 200
    assert sentence in answer.text
    assert "Nothing was saved yet" in answer.text
    assert not ProgressUpdate.objects.exists()


@pytest.mark.parametrize(
    ("typed", "day", "precision"),
    [
        ("2026-06-15", date(2026, 6, 15), "day"),
        ("2026-06", date(2026, 6, 30), "month"),
        ("2025", date(2025, 12, 31), "year"),
        ("2026年5月", date(2026, 5, 31), "month"),
    ],
)
def test_a_date_is_as_precise_as_it_is_typed(typed, day, precision, reporter, signed_in, duty):
    signed_in(reporter).post(log_of(duty), entered(LINK, when=typed))
    update = ProgressUpdate.objects.get()
    assert (update.effective_on, update.date_precision) == (day, precision)
    # The form shows it the same way, so that saving again changes nothing.
    form = signed_in(reporter).get(page_of(update)).context["forms"].update
    assert str(form["when"].value()) == typed.replace("年", "-0").replace("月", "")


def test_nobody_sets_state_status_or_author_by_hand(reporter, reviewer, signed_in, duty):
    forged = {"state": "published", "author": reviewer.pk, "publisher": reviewer.pk}
    signed_in(reporter).post(log_of(duty), entered(LINK, **forged))
    update = ProgressUpdate.objects.get()
    assert (update.state, update.author, update.publisher) == (State.DRAFT, reporter, None)


def test_evidence_is_changed_and_removed_in_the_form(reporter, signed_in, duty):
    update = draft(duty, reporter, evidence=[REPORT, {**REPORT, "title": "Second"}])
    rows = [
        {"id": item.pk, "update": update.pk, "citation": item.citation, "title_en": title}
        for item, title in zip(
            update.evidence.order_by("pk"), ("A better title", "Second"), strict=True
        )
    ]
    rows[1]["DELETE"] = "on"
    sent = entered(*rows, expected_revision=update.revision)
    assert signed_in(reporter).post(page_of(update), sent).status_code == 302
    assert [item.title for item in update.evidence.all()] == [en_zh("A better title")]


def test_a_form_with_an_older_revision_is_refused(reporter, signed_in, duty):
    update = draft(duty, reporter)
    sent = entered(expected_revision=update.revision - 1, summary_en="Mine.")
    answer = signed_in(reporter).post(page_of(update), sent)
    assert "changed this update since you opened" in answer.text
    link = f'<a href="{page_of(update)}" target="_blank">the current version</a>'
    assert f"still on this page: open {link} in another window, compare" in answer.text
    assert "Mine." in answer.text
    update.refresh_from_db()
    assert update.summary["en"] == "A meeting was held."


def test_what_is_in_review_cannot_be_edited(reporter, signed_in, duty):
    update = submitted(duty, reporter)
    client = signed_in(reporter)
    assert "forms" not in client.get(page_of(update)).context
    answer = client.post(page_of(update), entered(summary_en="Mine."), follow=True)
    assert "You have submitted this update." in answer.text
    # What was typed is still there.
    assert "Mine.</textarea>" in answer.text
    update.refresh_from_db()
    assert update.summary["en"] == "A meeting was held."


def test_a_form_that_is_sent_twice_makes_one_draft(reporter, signed_in, duty):
    client = signed_in(reporter)
    key = client.get(log_of(duty)).context["forms"].update["request_key"].value()
    sent = entered(LINK, request_key=key, submit=1)
    first, second = (client.post(log_of(duty), sent) for _time in range(2))
    update = ProgressUpdate.objects.get()
    assert update.state == State.SUBMITTED
    assert update.decisions.count() == 1
    assert (first.url, second.url) == ("/admin/", page_of(update))


@pytest.mark.long
def test_a_source_that_was_removed_in_another_window_is_said_to_be_a_change(
    reporter, signed_in, duty
):
    update = draft(duty, reporter, evidence=[REPORT, {**REPORT, "title": "Second"}])
    client = signed_in(reporter)
    sent = shown(client.get(page_of(update)))
    removed = update.evidence.latest("pk").pk
    workflow.edit_draft(update, by=reporter, at=NOW, evidence=EvidenceChanges(remove=[removed]))
    page = client.post(page_of(update), sent | {"summary_en": "Mine."}).text
    assert "changed this update since you opened" in page
    assert "Mine.</textarea>" in page


@pytest.mark.long
@pytest.mark.parametrize("become", ["returned", "corrected"])
def test_an_event_that_a_finding_names_stays_whatever_became_of_it(
    become, reporter, reviewer, signed_in, duty
):
    assessing.add_criteria(duty, ("a",))
    if become == "returned":
        event = submitted(duty, reporter, criteria=["a"])
    else:
        event = published(duty, reporter, reviewer, criteria=["a"])
    named = {"a": FindingFields("shown", [event.pk])}
    update = draft(duty, reporter, status="active", findings=named, rests_on=[event.pk])
    if become == "returned":
        perform(event, Action.RETURN, reviewer, note="Name the meeting.")
    else:
        published(duty, reporter, reviewer, corrects=event, criteria=["a"])
    client = signed_in(reporter)
    assert client.post(page_of(update), shown(client.get(page_of(update)))).status_code == 302
    fresh = ProgressUpdate.objects.get(pk=update.pk)
    assert workflow.saved_findings(fresh) == named
    assert workflow.saved_events(fresh) == [event.pk]


HUGE = "9" * 25


@pytest.mark.parametrize(
    "odd",
    [
        {"forums": HUGE},
        {"criteria": HUGE},
        {"forums": "\0"},
        {"rests_on": "9" * 5000},
        {"findings_a_events": HUGE, "findings_a": "shown"},
        {"evidence-TOTAL_FORMS": "9" * 5000},
        {"evidence-TOTAL_FORMS": "-1"},
        {"request_key": "a\0b"},
        {"request_key": "x" * 5000},
        {"expected_revision": "x"},
        {"links": "https://a\0b.example/x"},
        {"covers_from": "\0"},
    ],
)
def test_what_no_form_sends_is_refused_or_left_out(odd, reporter, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    answer = signed_in(reporter).post(log_of(duty), entered(LINK) | odd)
    assert answer.status_code in (200, 302)


def test_the_key_of_a_form_is_of_no_use_to_others(reporter, other_reporter, signed_in, duty):
    sent = entered(LINK, request_key="a" * 32)
    signed_in(reporter).post(log_of(duty), sent)
    answer = signed_in(other_reporter).post(log_of(duty), sent)
    assert answer.status_code == 302
    assert ProgressUpdate.objects.filter(author=other_reporter).count() == 1


def test_the_key_of_a_form_is_of_no_use_on_another_commitment(
    reporter, signed_in, duty, deliverable
):
    sent = entered(LINK, request_key="a" * 32)
    for commitment in (duty, deliverable):
        assert signed_in(reporter).post(log_of(commitment), sent).status_code == 302
        assert ProgressUpdate.objects.filter(commitment=commitment).count() == 1


@pytest.mark.parametrize(
    ("changed", "first"),
    [
        ({}, date(2024, 7, 1)),
        ({"when": "2026-05"}, date(2024, 5, 31)),
        ({"status": ""}, None),
    ],
)
def test_a_period_left_empty_begins_on_the_day_that_is_offered(
    reporter, signed_in, duty, changed, first
):
    sent = assessed(LINK, covers_from="") | changed
    assert signed_in(reporter).post(log_of(duty), sent).status_code == 302
    assert ProgressUpdate.objects.get().covers_from == first


def checked_events(page, key):
    """Return the ids of the events that are ticked for a criterion."""
    found = re.findall(rf'<input [^>]*name="findings_{key}_events"[^>]*>', page)
    return [int(re.search(r'value="(\d+)"', tag)[1]) for tag in found if " checked" in tag]


@pytest.mark.long
def test_events_that_bear_on_a_criterion_are_proposed_for_it(reporter, reviewer, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    before = published(duty, reporter, reviewer, criteria=["a"], effective_on=date(2025, 3, 1))
    last = assessing.assess(
        duty,
        reporter,
        "partly_active",
        {"a": FindingFields("shown", [before.pk]), "b": FindingFields("not_shown")},
        effective_on=date(2025, 6, 30),
        covers_from=date(2025, 1, 1),
    )
    assessing.publish(last, reporter, reviewer)
    event = published(duty, reporter, reviewer, criteria=["a"], effective_on=date(2026, 5, 1))
    waiting = submitted(duty, reporter, criteria=["a", "b"], effective_on=date(2026, 6, 1))
    page = signed_in(reporter).get(log_of(duty)).text
    assert checked_events(page, "a") == [waiting.pk, event.pk]
    assert checked_events(page, "b") == [waiting.pk]
    assert "Choose what they show." in page


def test_a_proposal_is_no_finding_until_somebody_says_what_was_found(
    reporter, reviewer, signed_in, duty
):
    assessing.add_criteria(duty, ("a", "b"))
    event = published(duty, reporter, reviewer, criteria=["a"])
    ticked = {"findings_a": "", "findings_a_events": [event.pk], "findings_b": ""}
    assert signed_in(reporter).post(log_of(duty), entered(LINK, **ticked)).status_code == 302
    update = ProgressUpdate.objects.latest("pk")
    assert not update.findings.exists()
    page = signed_in(reporter).get(page_of(update)).text
    assert checked_events(page, "a") == [event.pk]


def test_the_statuses_that_follow_from_the_findings_are_named(reporter, reviewer, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    event = published(duty, reporter, reviewer, criteria=["a"])
    found = {"findings_a": "shown", "findings_a_events": [event.pk], "findings_b": "not_shown"}
    sent = assessed(event_type="", status="partly_active", **found)
    page = signed_in(reporter).post(log_of(duty), sent, follow=True).text
    assert "Suggested by the findings: Partly active." in page
    assert "Also permitted: " in page
