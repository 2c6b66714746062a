"""What is still missing of a draft, as it is typed, and the statuses that its findings propose."""

from datetime import date

import pytest

from commitments.files import staging
from commitments.files.folder import Folder
from commitments.models import ProgressUpdate
from tests.admin.workbench.forms import LINK, assessed, entered, log_of, page_of
from tests.steps import draft, published, submitted, upload
from tests.workflow import assessing

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def so_far(client, path, *sources, **fields):
    return client.post(path, entered(*sources, **fields) | {"check": "1"})


def test_what_is_missing_is_said_as_it_is_typed_and_nothing_is_saved(reporter, signed_in, duty):
    client = signed_in(reporter)
    assert "An event requires a source." in so_far(client, log_of(duty)).text
    ready = so_far(client, log_of(duty), LINK).text
    assert "Ready to submit for review." in ready
    assert 'data-count="0"' in ready
    assert not ProgressUpdate.objects.exists()


def test_a_mistake_is_said_with_the_place_of_its_field(reporter, signed_in, duty):
    said = so_far(signed_in(reporter), log_of(duty), LINK | {"kind": ""}, when="1/2/2025").text
    assert "Source 1 · Kind: This field is required." in said
    assert "Date: Enter a day" in said


def test_what_a_saved_draft_lacks_is_said_of_what_is_typed_and_it_stays_as_it_was(
    reporter, signed_in, duty
):
    update = draft(duty, reporter)
    before = (update.revision, update.summary)
    sent = {"expected_revision": update.revision, "event_type": "", "status": ""}
    said = so_far(signed_in(reporter), page_of(update), **sent)
    assert "Choose an event type, a status, or both." in said.text
    update.refresh_from_db()
    assert (update.revision, update.summary) == before


def test_a_file_that_waits_is_still_there_after_what_is_missing_was_said(reporter, signed_in, duty):
    client = signed_in(reporter)
    page = client.post(log_of(duty), entered(add="1", files=[upload()]))
    token = page.context["forms"].evidence[0]["staged"].value()
    source = {"title_en": "Minutes", "staged": token}
    for _ in range(2):
        said = so_far(client, log_of(duty), source)
        assert "Ready to submit for review." in said.text
    client.post(log_of(duty), entered(source, save="1"))
    assert ProgressUpdate.objects.get().evidence.get().file_name


def test_what_is_missing_is_said_without_reading_a_file_that_waits(
    reporter, signed_in, duty, monkeypatch
):
    source = {"title_en": "Minutes", "staged": staging.stage(upload(), reporter.pk)}
    monkeypatch.setattr(Folder, "_open", None)
    said = so_far(signed_in(reporter), log_of(duty), source)
    assert "Ready to submit for review." in said.text


def test_a_file_that_is_chosen_in_a_row_and_stays_in_the_browser_counts(reporter, signed_in, duty):
    source = {"title_en": "Minutes"}
    client = signed_in(reporter)
    assert "Give exactly one of the following" in so_far(client, log_of(duty), source).text
    chosen = {"chosen": "evidence-0-upload"}
    assert "Ready to submit" in so_far(client, log_of(duty), source, **chosen).text


def listed(answer):
    """Return what an answer lists as missing."""
    return answer.context["missing"]


# Mistakes and what is missing besides


@pytest.mark.parametrize(
    "source",
    [
        LINK | {"kind": ""},
        {"title_en": "Minutes"},
        LINK | {"title_en": ""},
        LINK | {"url": "no address"},
    ],
)
def test_what_the_update_lacks_is_listed_beside_a_faulty_source(reporter, signed_in, duty, source):
    sent = {"summary_en": "", "event_type": ""}
    missing = listed(so_far(signed_in(reporter), log_of(duty), source, **sent))
    assert len(missing) == 3, missing
    assert missing[0].startswith("Source 1")
    assert missing[1:] == ["Enter a summary.", "Choose an event type, a status, or both."]


def test_a_faulty_source_is_a_source_and_of_the_type_that_is_needed(reporter, signed_in, duty):
    assert len(listed(so_far(signed_in(reporter), log_of(duty), LINK | {"kind": ""}))) == 1
    source = LINK | {"source": ""}
    missing = listed(so_far(signed_in(reporter), log_of(duty), source, status="active"))
    assert missing == ["Source 1 · Source type: This field is required."]


def test_fields_of_one_source_that_lack_the_same_are_one_entry(reporter, signed_in, duty):
    empty = {"title_en": "", "kind": "", "source": ""}
    missing = listed(so_far(signed_in(reporter), log_of(duty), LINK | empty, LINK | {"kind": ""}))
    assert missing == [
        "Source 1 · Title, Kind, Source type: This field is required.",
        "Source 2 · Kind: This field is required.",
    ]


def test_a_source_that_is_removed_lacks_nothing(reporter, signed_in, duty):
    removed = {"title_en": "Minutes", "DELETE": "on"}
    broken = LINK | {"kind": ""}
    missing = listed(so_far(signed_in(reporter), log_of(duty), removed, broken))
    assert missing == ["Source 2 · Kind: This field is required."]


def test_a_date_that_cannot_be_read_hides_nothing_else(reporter, signed_in, duty):
    said = so_far(signed_in(reporter), log_of(duty), when="soon", summary_en="", covers_from="")
    mistake, *others = listed(said)
    assert mistake.startswith("Date: Enter a day")
    assert others == ["Enter a summary.", "Evidence: An event requires a source."]


def test_a_date_in_the_future_hides_nothing_else(reporter, signed_in, duty):
    said = so_far(signed_in(reporter), log_of(duty), when="2027-05", summary_en="")
    assert listed(said) == [
        "Date: May 2027 is in the future; today is 1 July 2026.",
        "Enter a summary.",
        "Evidence: An event requires a source.",
    ]


def test_a_reference_that_another_update_has_hides_nothing_else(reporter, signed_in, duty):
    draft(duty, reporter, external_ref="A/1")
    said = so_far(signed_in(reporter), log_of(duty), LINK, external_ref="A/1", summary_en="")
    first, second = listed(said)
    assert "already has an update with the external reference “A/1”" in first
    assert second == "Enter a summary."


def test_a_month_in_the_future_is_named_as_a_month_in_chinese_too(reporter, signed_in, duty):
    sent = entered(LINK, when="2027-05")
    chinese = {"Accept-Language": "zh-CN"}
    page = signed_in(reporter).post(log_of(duty), sent, headers=chinese).text
    assert "2027年5月" in page
    assert "2027-05-01" not in page


# Where it is missing


def test_a_finding_without_an_event_names_its_criterion(reporter, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b", "c"))
    found = {"findings_a": "shown", "findings_b": "not_shown", "findings_c": "in_part"}
    sent = {"status": "partly_active", "event_type": "", **found}
    missing = listed(so_far(signed_in(reporter), log_of(duty), LINK, **sent))
    assert "Criterion a, Criterion c: Name the event that shows this." in missing


def test_what_belongs_to_an_assessment_is_said_once_with_its_places(
    reporter, reviewer, signed_in, duty
):
    assessing.add_criteria(duty, ("a",))
    event, other = (published(duty, reporter, reviewer) for _number in range(2))
    found = {"findings_a": "shown", "findings_a_events": [event.pk]}
    client, belongs = signed_in(reporter), "This belongs to an assessment: choose a status, or"
    assert listed(so_far(client, log_of(duty), LINK, **found)) == [
        f"Findings: {belongs} leave it empty."
    ]
    sent = {**found, "rests_on": [other.pk], "covers_from": "2026-01-01"}
    assert listed(so_far(client, log_of(duty), LINK, **sent)) == [
        f"Period from, Findings, Also rests on: {belongs} leave it empty."
    ]


@pytest.mark.long
def test_a_saved_draft_and_its_review_name_the_places_too(reporter, reviewer, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    update = assessing.assess(duty, reporter, "partly_active", assessing.findings("shown"))
    missing = listed(signed_in(reporter).get(page_of(update)))
    assert "Criterion a: Name the event that shows this." in missing
    assert "Enter what was found of criterion b." in missing
    found = {"status": "active", "findings": assessing.findings("shown", "shown")}
    event = submitted(duty, reporter)
    waiting = submitted(duty, reporter, rests_on=[event.pk], **found)
    page = signed_in(reviewer).get(f"/admin/review/{waiting.pk}/")
    assert listed(page)[0] == f"Also rests on: Event {event.pk} is not published (In review)."


def test_statuses_are_named_in_words_without_codes(reporter, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    found = {"findings_a": "shown", "findings_b": "not_shown"}
    [sentence] = listed(so_far(signed_in(reporter), log_of(duty), LINK, status="active", **found))
    assert sentence.endswith(
        "They permit: Partly active, Cannot be assessed as written and No longer pursued."
    )


# What the findings propose


@pytest.mark.parametrize("covers_from", ["", "2026-01-01"])
def test_a_status_is_proposed_for_a_standing_duty_before_one_is_chosen(
    covers_from, reporter, signed_in, duty
):
    assessing.add_criteria(duty, ("a", "b"))
    found = {"findings_a": "shown", "findings_b": "not_shown"}
    sent = {"status": "", "covers_from": covers_from, **found}
    said = so_far(signed_in(reporter), log_of(duty), LINK, **sent).text
    assert "Suggested by the findings: Partly active." in said


def test_a_period_that_is_typed_decides_what_is_proposed(reporter, reviewer, signed_in, duty):
    assessing.add_criteria(duty, ("a",))
    event = published(duty, reporter, reviewer, effective_on=date(2026, 2, 1))
    found = {"findings_a": "shown", "findings_a_events": [event.pk]}
    client, sent = signed_in(reporter), {"event_type": "", "status": "", **found}
    for first, status in (
        ("2026-02-01", "Active"),
        ("2026-02-02", "No evidence of fulfilment found"),
    ):
        said = so_far(client, log_of(duty), covers_from=first, **sent).text
        assert f"Suggested by the findings: {status}." in said


def test_a_status_is_proposed_for_a_saved_draft_without_one(reporter, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    found = {"findings_a": "shown", "findings_b": "not_shown"}
    sent = assessed(LINK, status="", covers_from="", **found)
    page = signed_in(reporter).post(log_of(duty), sent, follow=True).text
    assert "Suggested by the findings: Partly active." in page


def test_a_status_is_proposed_beside_a_faulty_source(reporter, signed_in, duty):
    assessing.add_criteria(duty, ("a", "b"))
    found = {"findings_a": "shown", "findings_b": "not_shown"}
    said = so_far(signed_in(reporter), log_of(duty), LINK | {"kind": ""}, **found).text
    assert "Suggested by the findings: Partly active." in said


@pytest.mark.parametrize("result", ["shown", "in_part", "against"])
def test_nothing_is_proposed_while_a_finding_names_no_event(
    result, reporter, reviewer, signed_in, duty
):
    assessing.add_criteria(duty, ("a", "b"))
    event = published(duty, reporter, reviewer)
    client = signed_in(reporter)
    found = {"event_type": "", "status": "", "findings_a": result, "findings_b": "not_shown"}
    assert "Suggested by the findings" not in so_far(client, log_of(duty), **found).text
    found |= {"findings_a_events": [event.pk]}
    assert "Suggested by the findings" in so_far(client, log_of(duty), **found).text
