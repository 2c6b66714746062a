"""A form that cannot be taken as it is says that nothing was saved, and keeps what was typed."""

import pytest

from commitments import workflow
from commitments.models import ProgressUpdate
from tests.admin.workbench.forms import LINK, entered, log_of, page_of
from tests.steps import NOW, draft, published, returned
from tests.words import en_zh

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

NOTHING_SAVED = "Nothing was saved yet"


@pytest.mark.parametrize("button", ["save", "submit"])
def test_a_line_that_is_no_link_keeps_a_form_from_being_saved_and_says_so(
    button, reporter, signed_in, duty
):
    sent = entered(LINK, links="see the minutes") | {button: "1"}
    page = signed_in(reporter).post(log_of(duty), sent)
    assert NOTHING_SAVED in page.text
    assert "see the minutes" in page.text
    assert "Error:" in page.text.split("</title>")[0]
    assert not ProgressUpdate.objects.exists()


def test_only_adding_to_the_list_checks_nothing_else(reporter, signed_in, duty):
    sent = entered(LINK, links="see the minutes", add="1", when="")
    page = signed_in(reporter).post(log_of(duty), sent)
    assert NOTHING_SAVED not in page.text
    assert "see the minutes" in page.text


def test_mistakes_in_a_source_that_is_removed_do_not_count(reporter, signed_in, duty):
    wrong = {"title_en": "", "url": "ftp://x", "dated_on": "soon"}
    client = signed_in(reporter)
    page = client.post(log_of(duty), entered(wrong | {"DELETE": "on"}, when=""))
    assert "Nothing was saved yet: one entry needs correcting." in page.text
    assert "soon" in page.text
    page = client.post(log_of(duty), entered(wrong, when=""))
    assert "entries need correcting" in page.text


def test_a_form_of_an_older_revision_is_not_said_to_be_ready(reporter, signed_in, duty):
    update = draft(duty, reporter)
    sent = entered(LINK, expected_revision=update.revision, save="1")
    workflow.edit_draft(update, by=reporter, at=NOW, summary=en_zh("Changed elsewhere."))
    page = signed_in(reporter).post(page_of(update), sent)
    assert NOTHING_SAVED in page.text
    assert "Ready to submit" not in page.text
    assert "Needed to submit" in page.text


def test_who_returned_a_draft_and_when_stands_beside_the_reason(
    reporter, reviewer, signed_in, duty
):
    update = returned(duty, reporter, reviewer)
    page = signed_in(reporter).get(page_of(update)).text
    callout = page[page.index("<strong>Returned") :].partition("</p>")[0]
    for words in ("1 July 2026", "reviewer", "Name the meeting."):
        assert words in callout


def test_withdrawing_names_a_correction_that_waits(reporter, reviewer, signed_in, duty):
    update = published(duty, reporter, reviewer)
    client = signed_in(reviewer)
    address = f"{page_of(update)}retract/"
    assert "A correction is under way" not in client.get(address).text
    correction = draft(duty, reporter, corrects=update)
    workflow.perform(correction, "submit", by=reporter, at=NOW, expected_revision=1)
    page = client.get(address).text
    assert page.count("A correction is under way") == 1
    assert page_of(correction) in page


def test_pasted_rows_with_mistakes_come_back_to_be_corrected(curator, signed_in, duty):
    pasted = f"number,due_on\r\n{duty.number},2026-13-01\r\n"
    page = signed_in(curator).post("/admin/planning/PLAN/", {"check": "1", "pasted": pasted})
    assert "The sheet cannot be loaded." in page.text
    assert f"{duty.number},2026-13-01" in page.text
    assert page.text.count('name="pasted"') == 1


def test_so_do_pasted_people(administrator, signed_in):
    pasted = "username,roles\r\nnew.reporter,chief\r\n"
    page = signed_in(administrator).post("/admin/people/", {"check": "1", "pasted": pasted})
    assert "The sheet cannot be loaded." in page.text
    assert "new.reporter,chief" in page.text


def test_a_review_does_not_point_at_events_that_are_not_there(reporter, reviewer, signed_in, duty):
    facts = {"event_type": None, "evidence": (), "status": "no_evidence"}
    update = draft(duty, reporter, search_note=en_zh("Looked."), **facts)
    page = signed_in(reporter).get(page_of(update)).text
    workflow.perform(update, "submit", by=reporter, at=NOW, expected_revision=1)
    page = signed_in(reviewer).get(f"/admin/review/{update.pk}/").text
    assert "None; it rests on its search note." in page
    assert "the events above" not in page
