"""`docs/check_ledger.py` accepts that something is missing only where a link erases it."""

import json
import subprocess
import sys

import pytest

from commitments.choices import Action
from commitments.models import Decision, Evidence, Publisher, RecordedContent
from tests.factories import CommitmentFactory, PlanFactory
from tests.record import LATER, rename_forum
from tests.steps import STATEMENT, edited, erased, record_loaded
from tests.verification.tampering import change, sql, verify
from tests.words import en_zh, stored

pytestmark = [pytest.mark.alike, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def differences(live_server):
    """`differences()` runs the script and returns the lines that name a difference."""

    def differences():
        command = [sys.executable, "-I", "docs/check_ledger.py", live_server.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.stderr == ""
        lines = done.stdout.splitlines()[:-2]
        assert done.returncode == bool(lines)
        return lines

    return differences


def publication_of(update):
    return update.decisions.get(action=Action.PUBLISH)


@pytest.mark.long
def test_a_record_of_which_something_of_every_kind_was_erased_is_whole(
    record, erase, differences, curator
):
    link = record.superseded.evidence.get(url=STATEMENT["url"])
    link.publisher.name = en_zh("The ministry", "该部")
    edited(link.publisher, curator, LATER)
    file = record.superseded.evidence.exclude(file="").get()
    for piece in Evidence.objects.filter(publisher=link.publisher).exclude(pk=link.pk):
        erase(piece.update, f"evidence/{piece.pk}/publisher")
    erase(record.superseded, "summary", f"evidence/{link.pk}/url", f"evidence/{link.pk}/publisher")
    assert not Publisher.objects.filter(pk=link.publisher.pk).exists()
    erase(record.superseded, f"evidence/{file.pk}/file", f"evidence/{link.pk}/title")
    for update in (record.retracted, record.discarded, record.published):
        erase(update, "summary")
    edit = rename_forum("WIC", "Wuzhen Conference", curator)
    contents = list(RecordedContent.objects.of("forum", "WIC"))
    for row in contents[:2]:
        erase(row, "name")
    retraction = record.retracted.decisions.get(action=Action.RETRACT)
    returned = record.returned.decisions.get(action=Action.RETURN)
    for row in (edit, retraction, returned, publication_of(record.superseded)):
        erase(row, "note")
    assert differences() == []


@pytest.mark.long
def test_former_words_of_when_a_plan_was_in_preparation_can_be_erased(
    db, curator, administrator, second_administrator, differences
):
    """Outsiders know nothing of the contents that were recorded then."""
    plan = PlanFactory(code="DRAFT", visibility="draft")
    commitment = CommitmentFactory(plan=plan, number="1", position=1)
    record_loaded(plan)
    commitment.title = en_zh("By the ministry")
    edited(commitment, curator)
    plan.visibility = "public"
    edited(plan, curator)
    former = RecordedContent.objects.of("commitment", commitment.code).first()
    erased(former, ["title"], administrator, second_administrator)
    assert verify() == []
    assert differences() == []


@pytest.mark.long
def test_what_is_missing_without_an_erasure_is_noticed(record, differences):
    change("progressupdate", "summary", "{}", record.published.pk)
    retraction = record.retracted.decisions.get(action=Action.RETRACT)
    change("decision", "note", "", retraction.pk)
    change("decision", "note_salt", "", retraction.pk)
    change("decision", "erased_by_id", retraction.pk, retraction.pk)
    former = RecordedContent.objects.of("commitment", "ISCC-9.1").first()
    left = {name: value for name, value in former.content.items() if name != "text"}
    change("recordedcontent", "content", json.dumps({**left, "erased": ["text"]}), former.pk)
    assert differences() == [
        f"link {retraction.seq}: its note is missing, but no link erases it",
        f"update {record.published.pk}: its content does not match the digest in the chain",
        "commitment ISCC-9.1: its content of link 1 does not match the digest",
    ]


@pytest.mark.long
def test_what_was_erased_and_is_there_again_is_noticed(record, erase, differences):
    erase(record.published, "summary")
    was = stored(en_zh("A meeting was held.", "会议召开。"))
    change("progressupdate", "summary", was, record.published.pk)
    assert f"update {record.published.pk}: its content does not match the digest in the chain" in (
        differences()
    )


@pytest.mark.long
def test_an_erasure_of_another_content_than_was_published_is_noticed(record, erase, differences):
    erasure = erase(record.published, "summary")
    change("decision", "content_sha256", "ab" * 32, publication_of(record.published).pk)
    assert f"link {erasure.seq}: erases another content than was published" in differences()


@pytest.mark.long
def test_an_erasure_that_leaves_what_it_names_is_noticed(record, erase, differences, monkeypatch):
    """By a tracker that hashes what it should have dropped."""
    monkeypatch.setattr("commitments.workflow.erasing.setattr", lambda *_: None, raising=False)
    erase(record.published, "summary")
    assert differences() == [f"update {record.published.pk}: summary was erased but is still there"]


@pytest.mark.long
def test_an_erased_former_content_that_was_changed_beside_it_is_noticed(record, erase, differences):
    former = RecordedContent.objects.of("commitment", "ISCC-9.1").first()
    erase(former, "text")
    former.refresh_from_db()
    forged = json.dumps({**former.content, "kind": "deliverable"})
    change("recordedcontent", "content", forged, former.pk)
    assert differences() == ["commitment ISCC-9.1: its content of link 1 does not match the digest"]


@pytest.mark.long
def test_a_link_that_lost_an_erasure_is_noticed(record, erase, differences):
    erase(record.published, "summary")
    last, before = Decision.objects.order_by("-seq")[:2]
    sql("UPDATE commitments_erasurerequest SET decision_id = %s", before.pk)
    sql("DELETE FROM commitments_decision WHERE id = %s", last.pk)
    change("ledgerhead", "seq", before.seq, 1)
    change("ledgerhead", "hash", before.hash, 1)
    assert f"update {record.published.pk}: its content does not match the digest in the chain" in (
        differences()
    )
