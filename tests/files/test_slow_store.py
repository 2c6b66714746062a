"""A file is stored before anything is locked, so that a slow storage keeps nobody else waiting.
What turns out not to be needed is deleted again."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from commitments.exceptions import InvalidInput, NotPermitted, StaleRevision
from commitments.files.folder import Folder
from commitments.models import Plan, ProgressUpdate
from commitments.workflow import EvidenceChanges, add_evidence, create_draft, edit_draft
from tests import steps
from tests.files.sample_files import SAMPLES
from tests.steps import NOW
from tests.words import en_zh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("evidence_folder")]

PDF = SAMPLES["minutes.pdf"]
WRITERS = {
    "create_draft": lambda draft, by: create_draft(
        draft.commitment,
        by=by,
        at=NOW,
        evidence=[steps.file_evidence()],
        summary=en_zh("With a file."),
        effective_on=draft.effective_on,
    ),
    "edit_draft": lambda draft, by: edit_draft(
        draft, by=by, at=NOW, evidence=EvidenceChanges(add=[steps.file_evidence()])
    ),
    "add_evidence": lambda draft, by: add_evidence(draft, steps.file_evidence(), by=by, at=NOW),
}
writers = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


@pytest.fixture
def while_storing(monkeypatch):
    """`while_storing(call)` has a function called whenever a file is stored."""

    def while_storing(call):
        save = Folder._save

        def called_first(self, name, content):
            call()
            return save(self, name, content)

        monkeypatch.setattr(Folder, "_save", called_first)

    return while_storing


@writers
@pytest.mark.alike
@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_file_is_stored(
    bare_draft, reporter, stored, while_storing, write
):
    open_transactions = []
    while_storing(lambda: open_transactions.append(connection.in_atomic_block))
    write(bare_draft, reporter)
    assert open_transactions == [False]
    assert stored() == [PDF]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_a_request_that_may_be_repeated_only_the_key_is_locked(
    api, bare_draft, reporter, while_storing
):
    def lock_all():
        try:
            with transaction.atomic():
                found.append(len(Plan.objects.select_for_update(nowait=True)))
                found.append(len(ProgressUpdate.objects.select_for_update(nowait=True)))
        finally:
            connection.close()

    def lock_all_elsewhere():
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lock_all).result()

    found = []
    while_storing(lock_all_elsewhere)
    fields = {"title": "Minutes", "kind": "meeting_record", "source": "independent"}
    answer = api(reporter).post(
        f"/api/v1/updates/{bare_draft.pk}/files/",
        {**fields, "file": steps.upload()},
        format="multipart",
        headers={"Idempotency-Key": "once"},
    )
    assert answer.status_code == 201
    assert found == [1, 1]


@writers
def test_a_file_is_not_stored_for_somebody_who_may_not_write(
    bare_draft, reviewer, stored, while_storing, write
):
    stored_for = []
    while_storing(lambda: stored_for.append(reviewer))
    with pytest.raises(NotPermitted):
        write(bare_draft, reviewer)
    assert stored_for == []


def test_a_file_is_not_stored_for_a_former_revision(bare_draft, reporter, while_storing):
    calls = []
    while_storing(lambda: calls.append(1))
    pieces = EvidenceChanges(add=[steps.file_evidence()])
    with pytest.raises(StaleRevision):
        edit_draft(bare_draft, by=reporter, at=NOW, expected_revision=7, evidence=pieces)
    assert calls == []


def test_a_file_is_deleted_if_its_update_is_refused_for_something_else(
    bare_draft, reporter, stored, while_storing
):
    calls = []
    while_storing(lambda: calls.append(1))
    pieces = EvidenceChanges(add=[steps.file_evidence() | {"title": en_zh()}])
    with pytest.raises(InvalidInput):
        edit_draft(bare_draft, by=reporter, at=NOW, evidence=pieces)
    assert calls == [1]
    assert stored() == []


@pytest.mark.alike
@pytest.mark.django_db(transaction=True)
def test_a_file_is_deleted_if_its_update_was_changed_while_it_was_stored(
    bare_draft, reporter, stored, while_storing
):
    def change():
        ProgressUpdate.objects.filter(pk=bare_draft.pk).update(revision=2)

    while_storing(change)
    pieces = EvidenceChanges(add=[steps.file_evidence()])
    with pytest.raises(StaleRevision):
        edit_draft(bare_draft, by=reporter, at=NOW, expected_revision=1, evidence=pieces)
    assert stored() == []


def test_the_file_of_a_request_that_was_answered_before_is_deleted(bare_draft, reporter, stored):
    def create():
        return create_draft(
            bare_draft.commitment,
            by=reporter,
            at=NOW,
            evidence=[steps.file_evidence()],
            request_key="once",
            summary=en_zh("With a file."),
            effective_on=bare_draft.effective_on,
        )

    assert create() == create()
    assert stored() == [PDF]
