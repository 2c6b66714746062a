"""`verify_ledger` accepts that something is missing only where an erasure names it."""

import json

import pytest

from commitments.choices import Action
from commitments.models import Decision, ErasureRequest, Evidence, RecordedContent
from tests.steps import STATEMENT
from tests.verification.tampering import change, differs, sql, verify
from tests.words import en_zh, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def erase(record, erase):
    """Erases as `erase` does, and checks that this makes no difference."""

    def erase_and_verify(target, *parts):
        decision = erase(target, *parts)
        assert verify() == []
        return decision

    return erase_and_verify


def note_of(record):
    return record.returned.decisions.get(action=Action.RETURN)


# What is missing without an erasure


@pytest.mark.long
def test_a_text_that_is_missing_without_an_erasure_is_named(record):
    change("progressupdate", "summary", "{}", record.published.pk)
    assert verify() == differs(record.published, Action.SUBMIT)


def test_a_note_that_is_missing_without_an_erasure_is_named(record):
    note = note_of(record)
    change("decision", "note", "", note.pk)
    change("decision", "note_salt", "", note.pk)
    assert verify() == [f"decision {note.seq}.note: differs from the recorded note"]


def test_a_file_that_is_missing_without_an_erasure_is_named(record):
    item = Evidence.objects.filter(update=record.superseded.pk).exclude(file="").get()
    sql("UPDATE commitments_evidence SET file = '', is_erased = %s WHERE id = %s", True, item.pk)
    assert verify() == [
        f"evidence {item.pk}: is marked as erased or lacks its file, but no decision erases it"
    ]


@pytest.mark.long
def test_a_file_that_is_missing_is_named_though_its_title_was_erased(record, erase):
    item = Evidence.objects.filter(update=record.superseded.pk).exclude(file="").get()
    erase(record.superseded, f"evidence/{item.pk}/title")
    change("evidence", "file", "", item.pk)
    assert verify() == [
        f"evidence {item.pk}: is marked as erased or lacks its file, but no decision erases it"
    ]


def test_a_former_content_that_is_missing_without_an_erasure_is_named(record):
    former = RecordedContent.objects.of("commitment", "ISCC-9.1").first()
    left = {name: value for name, value in former.content.items() if name != "text"}
    change("recordedcontent", "content", json.dumps({**left, "erased": ["text"]}), former.pk)
    assert verify() == [
        "decision 1.commitment ISCC-9.1: the content differs from the digest in the chain"
    ]


@pytest.mark.long
def test_an_archived_address_that_is_missing_without_an_erasure_is_named(record, erase):
    archive = record.superseded.decisions.get(action=Action.ARCHIVE)
    by = erase(note_of(record), "note")
    sql(
        "UPDATE commitments_decision SET meta = '{}', erased_by_id = %s WHERE id = %s",
        by.pk,
        archive.pk,
    )
    assert (
        f"decision {archive.seq}.entry: the row differs from the entry recorded in the chain"
        in (verify())
    )
    assert f"decision {archive.seq}.erased_by: names an erasure that does not name it" in verify()


# What is there in spite of an erasure, or changed beside it


@pytest.mark.long
def test_what_was_erased_and_is_there_again_is_named(record, erase):
    erase(record.published, "summary")
    was = stored(en_zh("A meeting was held.", "会议召开。"))
    change("progressupdate", "summary", was, record.published.pk)
    assert f"update {record.published.pk}.summary: was erased but is still there" in verify()


@pytest.mark.long
def test_the_rest_of_a_content_is_checked_as_before(record, erase):
    erase(record.published, "summary")
    change("progressupdate", "search_note", stored(en_zh("x")), record.published.pk)
    assert verify() == differs(record.published, Action.ERASE)


@pytest.mark.long
def test_internal_evidence_is_checked_as_before(record, erase):
    erase(record.superseded, "summary")
    item = Evidence.objects.filter(update=record.superseded.pk, public=False).get()
    change("evidence", "citation", "Minutes 4/2026", item.pk)
    assert verify() == differs(record.superseded, Action.ERASE)


@pytest.mark.long
def test_a_note_that_is_there_again_is_named(record, erase):
    note = note_of(record)
    erase(note, "note")
    change("decision", "note", "Name the meeting.", note.pk)
    assert verify() == [f"decision {note.seq}.note: was erased but is still there"]


def test_an_address_that_is_there_again_is_named(record, erase):
    item = Evidence.objects.get(update=record.superseded.pk, url=STATEMENT["url"])
    archive = record.superseded.decisions.get(action=Action.ARCHIVE)
    erase(record.superseded, f"evidence/{item.pk}/url")
    change("decision", "meta", json.dumps(archive.meta), archive.pk)
    assert f"decision {archive.seq}.entry: was erased but is still there" in verify()


@pytest.mark.long
def test_the_rest_of_a_former_content_is_checked_as_before(record, erase):
    former = RecordedContent.objects.of("commitment", "ISCC-9.1").first()
    erase(former, "text")
    former.refresh_from_db()
    for content in ({**former.content, "kind": "deliverable"}, None):
        change("recordedcontent", "content", json.dumps(content), former.pk)
        assert (
            "decision 1.commitment ISCC-9.1: the content differs from the digest in the chain"
        ) in verify()


@pytest.mark.long
def test_an_erasure_of_another_content_than_was_published_is_named(record, erase):
    erasure = erase(record.published, "summary")
    publication = record.published.decisions.get(action=Action.PUBLISH)
    change("decision", "content_sha256", "ab" * 32, publication.pk)
    assert (
        f"update {record.published.pk}.content: decision {erasure.seq} erases another content than "
        f"decision {publication.seq} records"
    ) in verify()


# Who decided it


@pytest.mark.parametrize(
    ("table", "columns", "difference"),
    [
        ("request", "parts = '[]'", "the request names something else"),
        ("request", "update_id = {other}", "the request names something else"),
        ("request", "asked_by_id = {reporter}", "the request names another person than the chain"),
        ("request", "closed_by_id = {reporter}", "one person alone decided it"),
        (
            "request",
            "state = 'recalled', decision_id = NULL",
            "the request of the first administrator is missing",
        ),
    ],
)
def test_an_erasure_that_two_administrators_did_not_decide_is_named(
    table, columns, difference, record, erase, reporter
):
    erasure = erase(record.published, "summary")
    request = ErasureRequest.objects.get()
    columns = columns.format(reporter=reporter.pk, other=record.superseded.pk)
    sql(f"UPDATE commitments_erasurerequest SET {columns} WHERE id = %s", request.pk)
    assert verify() == [f"decision {erasure.seq}: {difference}"]


def test_a_row_that_names_another_decision_as_its_erasure_is_named(record, erase):
    by, note = erase(record.published, "summary"), note_of(record)
    change("decision", "erased_by_id", by.pk, note.pk)
    assert verify() == [f"decision {note.seq}.erased_by: names an erasure that does not name it"]


@pytest.mark.long
def test_erasures_cost_no_query_each(record, erase, django_assert_num_queries):
    erase(record.published, "summary")
    with django_assert_num_queries(66):
        verify()
    for update in (record.superseded, record.retracted):
        erase(update, "summary")
    with django_assert_num_queries(66):
        verify()
    assert Decision.objects.filter(action=Action.ERASE).count() == 3
