"""Evidence files come and go with the transaction that speaks of them: nothing is left behind, and
nothing that is needed is lost."""

import os
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction

from commitments import storage
from commitments.drafts import EvidenceChanges
from commitments.exceptions import FileTooLarge, InvalidUpdate
from commitments.models import Evidence, ProgressUpdate
from commitments.workflow import write
from tests import steps
from tests.files import SAMPLES
from tests.steps import NOW

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("evidence_folder"),
]

# What happens after the transaction happens.
until_the_end = pytest.mark.django_db(transaction=True)

PDF = SAMPLES["minutes.pdf"]


# Nothing left behind


@until_the_end
def test_a_file_goes_with_the_evidence_that_is_taken_away(api, send, bare_draft, reporter, stored):
    item = send(bare_draft).json()
    answer = api(reporter).delete(f"/api/v1/evidence/{item['id']}/", headers={"If-Match": '"2"'})
    assert answer.status_code == 204
    assert stored() == []


@until_the_end
def test_a_file_stays_where_taking_it_away_fails(bare_draft, reporter, stored):
    write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))
    pk = bare_draft.evidence.get().pk
    bad = EvidenceChanges(remove=[pk], add=[{"title": "No source"}])
    with pytest.raises(InvalidUpdate):
        write(bare_draft, by=reporter, at=NOW, evidence=bad)
    assert stored() == [PDF]


def test_one_refused_file_takes_its_companions_with_it(bare_draft, reporter, stored):
    pieces = [steps.filed(), steps.filed("a.html", b"<p>")]
    with pytest.raises(InvalidUpdate) as refusal:
        write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=pieces))
    assert [problem.place for problem in refusal.value.problems] == ["evidence[1].file"]
    assert stored() == []


def test_a_file_of_a_write_that_fails_late_is_deleted_again(
    bare_draft, reporter, stored, monkeypatch
):
    def fail(self, *args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(Evidence, "save", fail)
    with pytest.raises(RuntimeError):
        write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))
    assert stored() == []


def test_whoever_holds_the_outer_transaction_undoes_files_too(bare_draft, reporter, stored):
    def write_and_fail():
        with storage.undone_on_failure(), transaction.atomic():
            write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))
            assert stored() == [PDF]
            raise RuntimeError("later on")

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert stored() == []


def test_a_file_too_large_is_refused_by_the_workflow_itself(bare_draft, reporter, settings):
    settings.EVIDENCE_MAX_BYTES = 100
    with pytest.raises(FileTooLarge):
        write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))


def orphaned_files(**options):
    told = StringIO()
    call_command("orphaned_files", stdout=told, **options)
    return told.getvalue()


def test_orphans_are_listed_and_removed_and_nothing_else(
    bare_draft, reporter, stored, evidence_folder
):
    write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))
    old = time.time() - timedelta(hours=2).total_seconds()
    for name, modified in (("ab/old", old), ("cd/young", time.time())):
        (evidence_folder / name).parent.mkdir(exist_ok=True)
        (evidence_folder / name).write_bytes(name.encode())
        os.utime(evidence_folder / name, (modified, modified))
    kept = evidence_folder / ProgressUpdate.objects.get().evidence.get().file.name
    os.utime(kept, (old, old))

    assert orphaned_files() == "ab/old\n1 orphaned files found; --remove deletes them.\n"
    assert len(stored()) == 3
    assert orphaned_files(remove=True) == "ab/old\n1 orphaned files removed.\n"
    assert stored() == sorted([PDF, b"cd/young"])


def test_an_empty_store_has_no_orphans(db):
    assert orphaned_files() == "0 orphaned files found; --remove deletes them.\n"


def test_a_change_of_what_is_said_leaves_the_file_as_it_is(api, send, bare_draft, reporter, stored):
    item = send(bare_draft).json()
    address = f"/api/v1/evidence/{item['id']}/"
    answer = api(reporter).patch(
        address, {"title": "Better"}, format="json", headers={"If-Match": '"2"'}
    )
    assert answer.json()["file"] == item["file"]
    assert stored() == [PDF]


def test_a_piece_may_be_replaced_by_another_with_the_same_file(bare_draft, reporter):
    write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))
    old = bare_draft.evidence.get().pk
    change = EvidenceChanges(remove=[old], add=[steps.filed(title="Again")])
    write(bare_draft, by=reporter, at=NOW, evidence=change)
    assert bare_draft.evidence.get().title == "Again"


@until_the_end
def test_a_file_that_is_committed_stays_whatever_fails_afterwards(
    bare_draft, reporter, stored, monkeypatch
):
    write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(add=[steps.filed()]))
    old = bare_draft.evidence.get()
    delete = storage.evidence_storage().delete

    def refuse(name):
        raise PermissionError(name)

    monkeypatch.setattr(storage.evidence_storage(), "delete", refuse)
    added = [steps.filed("picture.png")]
    write(bare_draft, by=reporter, at=NOW, evidence=EvidenceChanges(remove=[old.pk], add=added))
    monkeypatch.setattr(storage.evidence_storage(), "delete", delete)
    assert SAMPLES["picture.png"] in stored()
    assert bare_draft.evidence.get().file_name == "picture.png"
