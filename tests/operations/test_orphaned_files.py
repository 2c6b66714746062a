"""Stored files that belong to nothing are deleted, by the database that they belong to alone."""

import os
import time
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction

from commitments.exceptions import StorageUnavailable
from commitments.files import storage
from commitments.ledger import Position
from commitments.operations.stored_files import leave_head
from tests.files.sample_files import SAMPLES
from tests.object_store import bucket_in, object_store
from tests.steps import draft, file_evidence, published

pytestmark = [
    pytest.mark.alike,
    pytest.mark.django_db,
    pytest.mark.usefixtures("evidence_folder"),
]

PDF = SAMPLES["minutes.pdf"]
ORPHAN = f"ab/ab{'0' * 30}"


def orphaned_files(**options):
    output = StringIO()
    call_command("orphaned_files", stdout=output, **options)
    return output.getvalue()


def make_old(folder):
    """Have all files be as old as files of a form that nobody completed."""
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))


@pytest.fixture
def publish(duty, reporter, reviewer):
    """`publish(day)` publishes an update with a file and returns the name of the file."""

    def publish(day):
        update = published(
            duty, reporter, reviewer, effective_on=date(2026, 6, day), evidence=[file_evidence()]
        )
        return update.evidence.get().file.name

    return publish


@pytest.fixture
def heads(evidence_folder):
    """`heads()` returns the names of the files in which heads of the ledger were left."""
    return lambda: sorted(path.name for path in evidence_folder.iterdir() if path.is_file())


def name_of_head():
    return f"ledger-{Position.of_head().seq}-{Position.of_head().hash}"


def test_only_orphaned_files_are_listed_and_removed(duty, reporter, stored, evidence_folder):
    [item] = draft(duty, reporter, evidence=[file_evidence()]).evidence.all()
    old, young = (time.time() - timedelta(hours=hours).total_seconds() for hours in (49, 47))
    new, other = f"cd/cd{'0' * 30}", "backups/2026-07-01.tar"
    for name, modified in ((ORPHAN, old), (new, young), (other, old), ("ab/old", old)):
        (evidence_folder / name).parent.mkdir(exist_ok=True)
        (evidence_folder / name).write_bytes(name.encode())
        os.utime(evidence_folder / name, (modified, modified))
    os.utime(evidence_folder / item.file.name, (old, old))

    assert orphaned_files() == f"{ORPHAN}\n1 orphaned files found; --remove deletes them.\n"
    assert len(stored()) == 5
    assert orphaned_files(remove=True) == f"{ORPHAN}\n1 orphaned files removed.\n"
    # What no evidence can be named is left alone.
    assert stored() == sorted([PDF, new.encode(), other.encode(), b"ab/old"])


def test_the_files_of_a_database_that_was_lost_are_not_removed(plan, stored, evidence_folder):
    (evidence_folder / ORPHAN).parent.mkdir()
    (evidence_folder / ORPHAN).write_bytes(PDF)
    make_old(evidence_folder)
    with pytest.raises(CommandError, match=r"The 1 files in .* may belong to another"):
        orphaned_files(remove=True)
    assert stored() == [PDF]


def test_an_empty_storage_has_no_orphaned_files():
    assert orphaned_files() == "0 orphaned files found; --remove deletes them.\n"


def test_a_store_that_is_away_is_named_by_the_command(monkeypatch):
    def refuse(minutes):
        raise StorageUnavailable("403 Forbidden")

    monkeypatch.setattr(storage, "stored_before", refuse)
    with pytest.raises(CommandError, match="store of evidence cannot be used: 403 Forbidden"):
        orphaned_files(remove=True)


@pytest.fixture
def copied(publish, evidence_folder):
    """The name of a file that was stored after the database was copied, which is now the one in
    use: the store is that of the original."""
    publish(1)
    with transaction.atomic():
        later = publish(2)
        orphaned_files(remove=True)
        transaction.set_rollback(True)
    make_old(evidence_folder)
    return later


def test_files_of_updates_after_a_copy_was_made_are_not_removed(copied, heads):
    [head] = heads()
    with pytest.raises(CommandError, match=rf"Nothing was removed\. By the file {head} in"):
        orphaned_files(remove=True)
    assert storage.evidence_storage().exists(copied)
    assert heads() == [head]
    assert f"{copied}\n1 orphaned files found; --remove deletes none. By the file {head}" in (
        orphaned_files()
    )


def test_nor_are_they_once_work_goes_on_with_the_copy(copied, heads, publish, evidence_folder):
    [head] = heads()
    for day in (3, 4, 5):
        publish(day)
    make_old(evidence_folder)
    with pytest.raises(CommandError, match=head):
        orphaned_files(remove=True)
    assert storage.evidence_storage().exists(copied)


def test_whoever_knows_that_nothing_needs_the_files_deletes_what_speaks_against_it(copied, heads):
    storage.evidence_storage().delete(heads()[0])
    assert orphaned_files(remove=True) == f"{copied}\n1 orphaned files removed.\n"
    assert heads() == [name_of_head()]


def test_the_head_that_is_left_is_the_latest(publish, heads):
    publish(1)
    for day in (2, 2, 3):
        orphaned_files(remove=True)
        assert heads() == [name_of_head()]
        publish(day)
    orphaned_files()
    assert heads() != [name_of_head()]


def test_where_two_heads_were_left_both_are_asked_about(publish, heads, evidence_folder):
    # As after a crash between leaving the one and deleting the other.
    publish(1)
    (evidence_folder / f"ledger-1-{'0' * 64}").touch()
    (evidence_folder / name_of_head()).touch()
    with pytest.raises(CommandError, match="ledger-1-0"):
        orphaned_files(remove=True)
    assert len(heads()) == 2


def test_a_ledger_without_entries_leaves_nothing(plan, heads):
    orphaned_files(remove=True)
    assert heads() == []


@pytest.mark.long
def test_a_bucket_keeps_the_head_too(publish, monkeypatch):
    publish(1)
    with object_store() as store:
        bucket = bucket_in(store)
        monkeypatch.setattr(storage, "evidence_storage", lambda: bucket)
        bucket.save(f"ledger-1-{'0' * 64}", ContentFile(b"x"))
        with pytest.raises(CommandError, match="has an entry 1 that this database does not have"):
            orphaned_files(remove=True)
        leave_head()
        leave_head()
        assert bucket.listdir("")[1] == [name_of_head()]
        assert orphaned_files(remove=True) == "0 orphaned files removed.\n"
