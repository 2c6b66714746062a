"""Correcting what is published: the form begins as a copy of it."""

import errno
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import OperationalError, ProgrammingError

from commitments import workflow
from commitments.choices import Action, State
from commitments.models import ProgressUpdate
from commitments.workflow import FindingFields
from tests.admin.workbench.forms import log_of, page_of, shown
from tests.factories import ForumFactory, MeetingFactory, MilestoneFactory
from tests.steps import (
    REPORT,
    RESOLUTION,
    file_evidence,
    perform,
    published,
    retracted,
    submitted,
    upload,
)
from tests.words import en_zh
from tests.workflow import assessing

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def correction_of(update):
    return f"{log_of(update.commitment)}?corrects={update.pk}"


@pytest.fixture
def original(duty, reporter, reviewer):
    """A published event that is an assessment too, with everything that an author can set."""
    assessing.add_criteria(duty, ("a", "b"))
    MilestoneFactory(commitment=duty, key="m1")
    event = published(duty, reporter, reviewer, criteria=["a"], effective_on=date(2026, 2, 1))
    return published(
        duty,
        reporter,
        reviewer,
        effective_on=date(2026, 5, 31),
        date_precision="month",
        covers_from=date(2026, 1, 1),
        status="partly_active",
        findings={"a": FindingFields("shown", [event.pk]), "b": FindingFields("not_shown")},
        rests_on=[event.pk],
        criteria=["a"],
        meets=["m1"],
        forums=[ForumFactory(code="ARF")],
        summary=en_zh("One meeting was held.", "会议召开一次。"),
        search_note=en_zh("The register was searched."),
        external_ref="register/7",
        evidence=[RESOLUTION | {"language": "en", "dated_on": date(2026, 5, 2)}, REPORT],
    )


@pytest.mark.long
def test_a_correction_of_one_word_keeps_everything_else(original, signed_in, reporter, reviewer):
    client = signed_in(reporter)
    sent = shown(client.get(correction_of(original))) | {
        "summary_en": "Two meetings were held.",
        "submit": 1,
    }
    assert client.post(correction_of(original), sent).url == "/admin/"
    update = ProgressUpdate.objects.latest("pk")
    assert (update.corrects, update.state) == (original, State.SUBMITTED)
    assert update.summary == en_zh("Two meetings were held.", "会议召开一次。")
    for name in ("effective_on", "date_precision", "event_type", "status", "covers_from"):
        assert getattr(update, name) == getattr(original, name), name
    assert update.search_note == original.search_note
    for name in ("forums", "criteria", "meets"):
        assert list(getattr(update, name).all()) == list(getattr(original, name).all()), name
    assert workflow.saved_findings(update) == workflow.saved_findings(original)
    assert workflow.saved_events(update) == workflow.saved_events(original)
    columns = ("title", "publisher", "url", "citation", "language", "dated_on", "kind", "source")
    copied, before = (
        list(row.evidence.order_by("pk").values_list(*columns)) for row in (update, original)
    )
    assert copied == before
    perform(update, Action.PUBLISH, reviewer)
    original.commitment.refresh_from_db()
    assert original.commitment.status == "partly_active"


@pytest.mark.long
def test_a_correction_has_a_copy_of_each_file(duty, reporter, reviewer, signed_in):
    original = published(duty, reporter, reviewer, evidence=[file_evidence()])
    client = signed_in(reporter)
    page = client.get(correction_of(original))
    assert [row.kept_file for row in page.context["forms"].evidence.forms] == ["minutes.pdf"]
    assert client.post(correction_of(original), shown(page)).status_code == 302
    first, second = (row.evidence.get() for row in ProgressUpdate.objects.order_by("pk"))
    assert first.file_sha256 == second.file_sha256
    assert first.file.name != second.file.name
    assert second.file.storage.exists(second.file.name)


@pytest.mark.long
def test_another_file_takes_the_place_of_the_copied_one_also_after_a_mistake(
    duty, reporter, reviewer, signed_in
):
    original = published(duty, reporter, reviewer, evidence=[file_evidence()])
    client = signed_in(reporter)
    sent = shown(client.get(correction_of(original))) | {"when": "soon"}
    page = client.post(correction_of(original), sent | {"evidence-0-upload": upload("picture.png")})
    assert [row.kept_file for row in page.context["forms"].evidence.forms] == ["picture.png"]
    sent = shown(page) | {"when": "2026-06-30"}
    assert client.post(correction_of(original), sent).status_code == 302
    assert ProgressUpdate.objects.latest("pk").evidence.get().file_name == "picture.png"


@pytest.mark.long
def test_a_file_that_is_gone_from_the_storage_is_asked_for_again(
    duty, reporter, reviewer, signed_in
):
    original = published(duty, reporter, reviewer, evidence=[file_evidence()])
    client = signed_in(reporter)
    sent = shown(client.get(correction_of(original)))
    file = original.evidence.get().file
    file.storage.delete(file.name)
    answer = client.post(correction_of(original), sent)
    assert "The file is no longer there. Choose it again." in answer.text


@pytest.mark.long
def test_a_file_that_was_changed_in_storage_is_not_copied(duty, reporter, reviewer, signed_in):
    original = published(duty, reporter, reviewer, evidence=[file_evidence()])
    file = original.evidence.get().file
    content = Path(file.path).read_bytes()
    Path(file.path).write_bytes(content.swapcase())
    client = signed_in(reporter)
    sent = shown(client.get(correction_of(original)))
    answer = client.post(correction_of(original), sent)
    words = "The file “minutes.pdf” in storage is not the one that was recorded."
    assert words in answer.text
    # A file that waited, and waits no more, makes no difference.
    assert words in client.post(correction_of(original), sent | {"evidence-0-staged": "x"}).text
    assert ProgressUpdate.objects.count() == 1


@pytest.mark.long
def test_a_file_in_a_folder_that_cannot_be_entered_is_not_called_gone(
    duty, reporter, reviewer, signed_in, monkeypatch
):
    original = published(duty, reporter, reviewer, evidence=[file_evidence()])
    client = signed_in(reporter)
    sent = shown(client.get(correction_of(original)))
    file, lstat = original.evidence.get().file, os.lstat

    def refuse(path, *args, **kwargs):
        if str(path) == file.path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return lstat(path, *args, **kwargs)

    monkeypatch.setattr(os, "lstat", refuse)
    assert client.post(correction_of(original), sent).status_code == 503


@pytest.mark.long
def test_only_files_of_the_corrected_update_are_copied(duty, reporter, reviewer, signed_in):
    other = published(duty, reporter, reviewer, evidence=[file_evidence()])
    original = published(duty, reporter, reviewer)
    client = signed_in(reporter)
    sent = shown(client.get(correction_of(original)))
    sent |= {"evidence-0-citation": "", "evidence-0-copied": str(other.evidence.get().pk)}
    answer = client.post(correction_of(original), sent)
    assert "The file is no longer there. Choose it again." in answer.text
    assert ProgressUpdate.objects.count() == 2


@pytest.mark.long
def test_a_copy_lacks_nothing_that_it_has(original, signed_in, reporter):
    client, before = signed_in(reporter), ProgressUpdate.objects.count()
    page = client.get(correction_of(original))
    assert page.context["missing"] == []
    assert "Ready to submit for review." in page.text
    assert "Needed to submit" not in page.text
    assert ProgressUpdate.objects.count() == before
    sent = shown(page) | {"summary_en": "", "summary_zh": "", "cite": "1"}
    again = client.post(correction_of(original), sent)
    assert "Enter a summary." in again.context["missing"]
    assert "an event type, an assessment, or both" not in again.text


@pytest.mark.long
def test_a_copy_with_files_lacks_nothing_either(duty, reporter, reviewer, signed_in):
    first = published(duty, reporter, reviewer, evidence=[file_evidence()])
    assert signed_in(reporter).get(correction_of(first)).context["missing"] == []


@pytest.mark.long
def test_what_a_copy_lacks_now_is_said_at_once(original, signed_in, reporter):
    original.evidence.all().delete()
    missing = signed_in(reporter).get(correction_of(original)).context["missing"]
    assert "Evidence: An event requires a source." in missing


@pytest.mark.long
def test_a_report_from_a_meeting_lacks_no_event_type(duty, reporter, signed_in):
    meeting = MeetingFactory(forum=ForumFactory(code="ARF"))
    page = signed_in(reporter).get(f"{log_of(duty)}?meeting={meeting.pk}")
    assert "Needed to submit" not in page.text
    assert "Enter a summary." in page.context["missing"]
    assert "Choose an event type, a status, or both." not in page.context["missing"]


@pytest.mark.long
def test_a_published_update_leads_to_its_correction(signed_in, duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    link = f'href="{correction_of(update)}">Correct this update'
    assert link in signed_in(reporter).get(page_of(update)).text
    assert "Correct this update" not in signed_in(reviewer).get(page_of(update)).text


@pytest.mark.long
def test_a_correction_that_is_under_way_is_named(signed_in, duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    assert "A correction is under way" not in signed_in(reporter).get(page_of(update)).text
    correction = submitted(duty, reporter, corrects=update)
    page = signed_in(reporter).get(page_of(update)).text
    assert f'A correction is under way: <a href="{page_of(correction)}">' in page
    review = signed_in(reviewer).get(f"/admin/review/{correction.pk}/").text
    assert "They do not differ." in review


@pytest.mark.long
@pytest.mark.parametrize("step", [submitted, retracted])
def test_what_is_not_published_is_not_corrected_and_says_so(step, signed_in, duty, request):
    people = [request.getfixturevalue(name) for name in ("reporter", "reviewer")]
    update = step(duty, *(people[:1] if step is submitted else people))
    answer = signed_in(people[0]).get(correction_of(update), follow=True)
    assert answer.redirect_chain == [(page_of(update), 302)]
    assert "cannot be corrected: it is not published" in answer.text


@pytest.mark.long
@pytest.mark.parametrize("odd", ["x", "²", "9" * 40, "-1", ""])
def test_an_odd_number_of_an_update_begins_a_new_one(odd, signed_in, duty, reporter):
    page = signed_in(reporter).get(f"{log_of(duty)}?corrects={odd}")
    assert page.status_code == 200
    assert page.context["corrected"] is None


def test_an_update_on_another_commitment_is_not_corrected(
    signed_in, duty, deliverable, reporter, reviewer
):
    update = published(deliverable, reporter, reviewer)
    address = f"{log_of(duty)}?corrects={update.pk}"
    assert signed_in(reporter).get(address).status_code == 404


@pytest.mark.long
def test_the_form_names_another_correction_that_is_under_way(signed_in, duty, reporter, reviewer):
    update = published(duty, reporter, reviewer)
    first = submitted(duty, reporter, corrects=update)
    notice = f'A correction is under way: <a href="{page_of(first)}">'
    client = signed_in(reporter)
    assert notice in client.get(correction_of(update)).text
    client.post(correction_of(update), shown(client.get(correction_of(update))))
    second = ProgressUpdate.objects.latest("pk")
    page = client.get(page_of(second)).text
    assert notice in page
    assert page.count("A correction is under way:") == 1
    assert f"Corrects update {update.pk}." in page


@pytest.mark.long
def test_a_draft_of_a_correction_keeps_what_it_corrects(original, signed_in, reporter):
    client = signed_in(reporter)
    client.post(correction_of(original), shown(client.get(correction_of(original))))
    update = ProgressUpdate.objects.latest("pk")
    sent = shown(client.get(page_of(update))) | {"summary_en": "Three meetings."}
    assert client.post(page_of(update), sent).status_code == 302
    update.refresh_from_db()
    assert (update.corrects, update.summary["en"]) == (original, "Three meetings.")
    assert update.evidence.count() == 2


@pytest.mark.long
@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("database is locked"), 200), (ProgrammingError("no such table"), 500)],
)
def test_a_copy_is_shown_while_others_write_even_if_what_it_lacks_is_not(
    client, duty, reporter, reviewer, monkeypatch, error, status
):
    def refuse(*_arguments):
        raise error

    monkeypatch.setattr("commitments.admin.workbench.log.missing_so_far", refuse)
    update = published(duty, reporter, reviewer)
    client.force_login(reporter)
    client.raise_request_exception = False
    answer = client.get(correction_of(update))
    assert answer.status_code == status


@pytest.mark.long
def test_a_box_for_another_event_is_named_in_the_readers_language(original, signed_in, reporter):
    client = signed_in(reporter)
    for language, name in (("en", "also rests on, #"), ("zh", "其他依据，#")):
        page = client.get(correction_of(original), headers={"Accept-Language": language})
        assert f'aria-label="{name}' in page.text
