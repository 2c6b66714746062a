"""Another version of the contents of what curators maintain: each row is compared with what was
recorded of it last, in the version of that, and what is recorded anew has the newest version."""

import pytest

from commitments.choices import SubjectType
from commitments.curation.recording import ChangeReason, record_edits
from commitments.ledger import current_subject_version, documents
from commitments.ledger.subject_versions import SUBJECT_VERSIONS
from commitments.ledger.subjects import KINDS
from commitments.models import Decision, Forum, RecordedContent
from tests.record import LATER, amend_text, rename_forum
from tests.steps import edited
from tests.verification.tampering import change, verify
from tests.words import en_zh, stored

pytestmark = pytest.mark.django_db

OLD = current_subject_version()
NEW = OLD + 1


@pytest.fixture
def mottos(record, monkeypatch):
    """Add a version in which forums have a motto, after the record was made. Return the mottos by
    code, at first none."""
    mottos = {}
    fields = (*SUBJECT_VERSIONS[OLD][SubjectType.FORUM], "motto")
    newest = {**SUBJECT_VERSIONS[OLD], SubjectType.FORUM: fields}
    monkeypatch.setitem(SUBJECT_VERSIONS, NEW, newest)

    def document(forum):
        motto = {"motto": mottos.get(forum.code)}
        return documents.without_empty(documents.forum_document(forum) | motto)

    kind = KINDS[SubjectType.FORUM]._replace(document=document)
    monkeypatch.setitem(KINDS, SubjectType.FORUM, kind)
    return mottos


def versions(kind, key):
    """Return the versions of the contents that were recorded of a subject, the first one first."""
    return [row.content["v"] for row in RecordedContent.objects.of(kind, key)]


def changed_by_the_last_decision():
    subjects = Decision.objects.in_order().last().meta["subjects"]
    return {row["key"] for row in subjects}


def test_rows_agree_with_contents_of_an_earlier_version(mottos):
    assert verify() == []


@pytest.mark.long
def test_an_edit_is_recorded_in_the_newest_version(mottos, curator):
    rename_forum("SCO", "The Shanghai organisation", curator)
    mottos["UNGA"] = "One nation, one vote"
    edited(Forum.objects.get(code="UNGA"), curator, LATER)
    assert versions("forum", "SCO") == versions("forum", "UNGA") == [OLD, NEW]
    assert versions("forum", "BRICS") == [OLD]
    assert RecordedContent.objects.of("forum", "UNGA").last().content["motto"] == mottos["UNGA"]
    assert verify() == []


def test_rows_that_differ_from_contents_of_an_earlier_version_are_named(record, mottos):
    change("forum", "name", stored(en_zh("No such forum")), Forum.objects.get(code="SCO").pk)
    change("commitment", "kind", "deliverable", record.other.pk)
    mottos["UNGA"] = "Never recorded"
    assert verify() == [
        f"{subject}: differs from the content recorded by decision 1"
        for subject in ("commitment ISCC-3.2", "forum UNGA", "forum SCO")
    ]


@pytest.mark.long
def test_a_changed_value_in_a_field_of_the_newest_version_is_named(mottos, curator):
    mottos["UNGA"] = "One nation, one vote"
    last = edited(Forum.objects.get(code="UNGA"), curator, LATER).seq
    named = [f"forum UNGA: differs from the content recorded by decision {last}"]
    mottos["UNGA"] = "One nation, two votes"
    assert verify() == named
    del mottos["UNGA"]
    assert verify() == named


def test_only_changed_rows_and_those_with_a_value_in_a_new_field_are_recorded(mottos, curator):
    change_reason = ChangeReason(curator, LATER, "Mottos.")
    assert record_edits(Forum.objects.all(), change_reason) == []
    mottos["UNGA"] = "One nation, one vote"
    [decision] = record_edits(Forum.objects.all(), change_reason)
    assert decision.subject_key == "UNGA"


@pytest.mark.long
def test_an_amendment_counts_changed_rows_and_those_with_a_value_in_a_new_field(mottos, curator):
    mottos["UNGA"] = "One nation, one vote"
    amend_text("9.1", "The third other wording.", curator)
    assert changed_by_the_last_decision() == {"ISCC-9.1", "UNGA"}
    assert versions("commitment", "ISCC-9.1") == [OLD, OLD, OLD, NEW]
    amend_text("9.1", "The fourth other wording.", curator)
    assert changed_by_the_last_decision() == {"ISCC-9.1"}
    assert versions("forum", "UNGA") == [OLD, NEW]
    assert verify() == []


@pytest.mark.long
def test_a_version_that_nobody_knows_is_named(mottos, monkeypatch, curator):
    """As after another release, which added it, was installed and taken back."""
    rename_forum("SCO", "The Shanghai organisation", curator)
    monkeypatch.delitem(SUBJECT_VERSIONS, NEW)
    assert verify() == [f"forum SCO: cannot be read: KeyError: {NEW}"]
