"""Erasing the name of a publisher, the note of a decision, and former words of what curators
maintain."""

import pytest

from commitments import ledger
from commitments.choices import Action
from commitments.exceptions import ActionRefused
from commitments.models import Decision, ErasureRequest, PlanFile, Publisher, RecordedContent
from tests.record import rename_forum
from tests.steps import edited, published, record_loaded, returned
from tests.verification.tampering import verify
from tests.words import en_zh

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(plan, duty):
    """A standing commitment of a recorded plan."""
    record_loaded(plan)
    return duty


# The name of a publisher


@pytest.mark.long
def test_the_name_of_a_publisher_goes_with_the_last_source_that_names_it(
    duty, reporter, reviewer, curator, erase
):
    first, second = (published(duty, reporter, reviewer) for _ in range(2))
    publisher = Publisher.objects.get()
    publisher.name = en_zh("The institute", "研究所")
    edit = edited(publisher, curator)
    publisher.name = en_zh("The Institute", "研究所")
    edited(publisher, curator)
    erase(edit.contents.get(), "name")
    erase(first, f"evidence/{first.evidence.get().pk}/publisher")
    assert Publisher.objects.get().name
    erase(second, f"evidence/{second.evidence.get().pk}/publisher")
    assert not Publisher.objects.exists()
    assert not Decision.objects.filter(subject_key__contains="nstitute").exists()
    recorded = RecordedContent.objects.filter(subject_type="publisher")
    assert [(row.subject_key, row.content) for row in recorded] == [("", None)] * 2
    assert recorded.filter(content__isnull=True).count() == 2
    assert all(row.sha256 for row in recorded)
    assert verify() == []


# The note of a decision


def test_an_erased_note_leaves_its_salted_digest(duty, reporter, reviewer, erase):
    note = returned(duty, reporter, reviewer).decisions.get(action=Action.RETURN)
    assert note.note == "Name the meeting."
    decision = erase(note, "note")
    kept = note.note_commit
    note.refresh_from_db()
    assert (note.note, note.note_salt, note.note_commit) == ("", "", kept)
    assert note.note_is_erased
    assert note.erased_by == decision
    assert decision.meta["notes"] == decision.meta["links"] == [note.seq]
    assert decision.meta["former_sha256"] == kept
    assert (decision.plan, decision.commitment, decision.update) == (duty.plan, duty, None)
    with pytest.raises(ActionRefused):
        erase(note, "note")
    assert verify() == []


def test_the_reason_of_an_erasure_can_be_erased_too(duty, reporter, reviewer, erase, administrator):
    first = erase(published(duty, reporter, reviewer), "summary")
    assert ErasureRequest.objects.get().reason == ""
    erase(first, "note")
    first.refresh_from_db()
    assert first.note == ""
    assert verify() == []


# Former contents


@pytest.mark.long
def test_former_words_go_from_every_content_and_plan_file_that_has_them(record, curator, erase):
    contents = list(RecordedContent.objects.of("commitment", "ISCC-9.1"))
    wordings = [row.content["text"] for row in contents]
    assert len(wordings) == 3
    former = wordings[1]
    digests = [row.sha256 for row in contents]
    decision = erase(contents[1], "text")
    contents = list(RecordedContent.objects.of("commitment", "ISCC-9.1"))
    left = [row.content.get("text") for row in contents]
    assert left == [wordings[0], None, wordings[2]]
    assert contents[1].content["erased"] == ["text"]
    assert [row.sha256 for row in contents] == digests
    assert (decision.subject_type, decision.subject_key) == ("commitment", "ISCC-9.1")
    assert decision.meta["contents"] == [
        {
            "seq": contents[1].decision.seq,
            "type": "commitment",
            "former_sha256": digests[1],
            "content_sha256": ledger.sha256_of(contents[1].content),
        }
    ]
    assert not any(former["en"] in str(file.document) for file in PlanFile.objects.all())
    assert any(wordings[2]["en"] in str(file.document) for file in PlanFile.objects.all())
    assert verify() == []


def test_the_same_words_go_wherever_they_were_recorded_of_a_subject(plan, duty, curator, erase):
    for title in ("By Mr Example", "By Mr Example", "By the ministry"):
        duty.title = en_zh(title)
        duty.note = en_zh(f"{duty.note.get('en', '')}x")
        edited(duty, curator)
    contents = list(RecordedContent.objects.of("commitment", duty.code))
    erase(contents[1], "title", "note")
    left = [row.content for row in RecordedContent.objects.of("commitment", duty.code)]
    assert ["title" in content for content in left] == [True, False, False, True]
    assert [content.get("note") for content in left] == [None, None, {"en": "xx"}, {"en": "xxx"}]
    assert verify() == []


@pytest.mark.long
def test_present_words_are_edited_first(record, erase, curator):
    last = RecordedContent.objects.of("forum", "WIC").last()
    with pytest.raises(ActionRefused):
        erase(last, "name")
    rename_forum("WIC", "Wuzhen Conference", curator)
    erase(last, "name")
    assert verify() == []


@pytest.mark.long
def test_only_texts_are_erased_of_a_content(record, erase):
    former = RecordedContent.objects.of("commitment", "ISCC-9.1").first()
    for name in ("kind", "number", "due_on", "forums"):
        with pytest.raises(ActionRefused):
            erase(former, name)
