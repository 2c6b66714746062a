"""Storing and deleting evidence files follows the database transaction: no file without a row
remains, and no file of a row is lost."""

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from commitments.exceptions import FileTooLarge, InvalidInput, StorageUnavailable
from commitments.files import storage
from commitments.models import Evidence
from commitments.workflow import EvidenceChanges, edit_draft
from tests import steps
from tests.files.sample_files import SAMPLES
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("evidence_folder"),
]

# Runs what is deferred until the commit.
with_commit = pytest.mark.django_db(transaction=True)

PDF = SAMPLES["minutes.pdf"]


def add_a_file(update, person):
    pieces = EvidenceChanges(add=[steps.file_evidence()])
    return edit_draft(update, by=person, at=NOW, evidence=pieces)


@with_commit
def test_a_file_is_deleted_with_its_evidence(api, send, bare_draft, reporter, stored):
    item = send(bare_draft).json()
    answer = api(reporter).delete(f"/api/v1/evidence/{item['id']}/", headers={"If-Match": '"2"'})
    assert answer.status_code == 204
    assert stored() == []


@with_commit
def test_a_file_remains_if_deleting_its_evidence_fails(bare_draft, reporter, stored):
    add_a_file(bare_draft, reporter)
    pk = bare_draft.evidence.get().pk
    bad = EvidenceChanges(remove=[pk], add=[{"title": en_zh("No source")}])
    with pytest.raises(InvalidInput):
        edit_draft(bare_draft, by=reporter, at=NOW, evidence=bad)
    assert stored() == [PDF]


def test_one_refused_file_prevents_storing_the_others(bare_draft, reporter, stored):
    pieces = [steps.file_evidence(), steps.file_evidence("a.html", b"<p>")]
    with pytest.raises(InvalidInput) as refusal:
        edit_draft(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=pieces))
    assert [problem.place for problem in refusal.value.problems] == ["evidence[1].file"]
    assert stored() == []


def test_a_stored_file_is_deleted_if_its_row_cannot_be_saved(
    bare_draft, reporter, stored, monkeypatch
):
    def fail(self, *args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(Evidence, "save", fail)
    with pytest.raises(RuntimeError):
        add_a_file(bare_draft, reporter)
    assert stored() == []


def test_a_stored_file_is_deleted_if_the_outer_transaction_fails(bare_draft, reporter, stored):
    def write_and_fail():
        with storage.delete_unused_files(), transaction.atomic():
            add_a_file(bare_draft, reporter)
            assert stored() == [PDF]
            raise RuntimeError("later on")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert stored() == []


@with_commit
@pytest.mark.postgres
def test_a_file_is_kept_if_the_answer_to_the_commit_is_lost(
    bare_draft, reporter, stored, monkeypatch
):
    commit = connection.commit

    def commit_and_lose_the_session():
        commit()
        connection.connection.close()
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(connection, "commit", commit_and_lose_the_session)
    with pytest.raises(OperationalError):
        add_a_file(bare_draft, reporter)
    monkeypatch.undo()
    assert bare_draft.evidence.count() == 1
    assert stored() == [PDF]


@with_commit
def test_a_file_is_deleted_if_the_commit_is_refused(bare_draft, reporter, stored, monkeypatch):
    def refuse():
        raise IntegrityError("a deferred constraint")

    monkeypatch.setattr(connection, "commit", refuse)
    with pytest.raises(IntegrityError):
        add_a_file(bare_draft, reporter)
    monkeypatch.undo()
    assert bare_draft.evidence.count() == 0
    assert stored() == []


def test_the_workflow_refuses_a_file_beyond_the_size_limit(bare_draft, reporter, settings):
    settings.EVIDENCE_MAX_BYTES = 100
    with pytest.raises(FileTooLarge):
        add_a_file(bare_draft, reporter)


@pytest.mark.parametrize("stored_first", [0, 1])
def test_a_store_that_is_away_is_not_asked_to_delete(
    bare_draft, reporter, stored, monkeypatch, stored_first
):
    target, deleted, saved = storage.evidence_storage(), [], []
    save = target.save

    def refuse(name, content):
        saved.append(name)
        if len(saved) > stored_first:
            raise StorageUnavailable("Read timeout")
        return save(name, content)

    monkeypatch.setattr(target, "save", refuse)
    monkeypatch.setattr(target, "delete", deleted.append)
    pieces = [steps.file_evidence(), steps.file_evidence("picture.png")]
    with pytest.raises(StorageUnavailable):
        edit_draft(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=pieces))
    assert deleted == []
    assert bare_draft.evidence.count() == 0


def test_editing_a_piece_of_evidence_keeps_its_file(api, send, bare_draft, reporter, stored):
    item = send(bare_draft).json()
    address = f"/api/v1/evidence/{item['id']}/"
    answer = api(reporter).patch(
        address, {"title": "Better"}, format="json", headers={"If-Match": '"2"'}
    )
    assert answer.json()["file"] == item["file"]
    assert stored() == [PDF]


def test_evidence_may_be_replaced_by_evidence_with_the_same_file(bare_draft, reporter):
    add_a_file(bare_draft, reporter)
    old = bare_draft.evidence.get().pk
    change = EvidenceChanges(remove=[old], add=[steps.file_evidence(title="Again")])
    edit_draft(bare_draft, by=reporter, at=NOW, evidence=change)
    assert bare_draft.evidence.get().title == en_zh("Again")


@with_commit
def test_a_committed_file_remains_if_something_fails_later(
    bare_draft, reporter, stored, monkeypatch
):
    add_a_file(bare_draft, reporter)
    old = bare_draft.evidence.get()
    delete = storage.evidence_storage().delete

    def refuse(name):
        raise PermissionError(name)

    monkeypatch.setattr(storage.evidence_storage(), "delete", refuse)
    added = [steps.file_evidence("picture.png")]
    edit_draft(
        bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(remove=[old.pk], add=added)
    )
    monkeypatch.setattr(storage.evidence_storage(), "delete", delete)
    assert SAMPLES["picture.png"] in stored()
    assert bare_draft.evidence.get().file_name == "picture.png"
