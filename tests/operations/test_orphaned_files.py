"""Stored files that belong to nothing are deleted, by the database that they belong to alone."""

import os
import time
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import QuerySet

from commitments.exceptions import StorageUnavailable
from commitments.files import storage
from commitments.management.commands import tick
from commitments.models import FileMark
from commitments.operations.stored_files import renew_mark
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
def marks(evidence_folder):
    """`marks()` returns the names of the marks beside the files."""
    return lambda: sorted(path.name for path in evidence_folder.iterdir() if path.is_file())


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
    assert {PDF, new.encode(), other.encode(), b"ab/old"} < {*stored()}
    assert ORPHAN.encode() not in stored()


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


@pytest.fixture(params=["publish", "save a draft"])
def copied(request, publish, duty, reporter, evidence_folder):
    """The name of a file that was stored after the database was copied, which is now the one in
    use: the store is that of the original, whose last mark was renewed by a tick."""
    publish(1)
    renew_mark()
    with transaction.atomic():
        if request.param == "publish":
            later = publish(2)
        else:
            # A draft is in no ledger.
            later = draft(duty, reporter, evidence=[file_evidence()]).evidence.get().file.name
        renew_mark()
        transaction.set_rollback(True)
    make_old(evidence_folder)
    return later


def test_files_of_updates_after_a_copy_was_made_are_not_removed(copied, marks):
    [mark] = marks()
    with pytest.raises(CommandError, match=rf"Nothing was removed\. By {mark} in"):
        orphaned_files(remove=True)
    assert storage.evidence_storage().exists(copied)
    assert f"{copied}\n1 orphaned files found; --remove deletes none. By {mark} in" in (
        orphaned_files()
    )


def test_nor_are_they_once_work_and_ticks_go_on_with_the_copy(
    copied, marks, publish, evidence_folder
):
    [mark] = marks()
    for day in (3, 4, 5):
        publish(day)
        renew_mark()
    make_old(evidence_folder)
    assert marks() == [mark]
    with pytest.raises(CommandError, match=mark):
        orphaned_files(remove=True)
    assert storage.evidence_storage().exists(copied)


def test_whoever_knows_that_nothing_needs_the_files_deletes_the_mark(copied, marks):
    storage.evidence_storage().delete(marks()[0])
    assert orphaned_files(remove=True) == f"{copied}\n1 orphaned files removed.\n"
    assert marks() == [f"mark-{FileMark.objects.get().mark}"]


def test_each_tick_renews_the_mark(publish, marks, monkeypatch):
    monkeypatch.setattr(tick, "TASKS", [])
    publish(1)
    seen = set()
    for _time in range(3):
        call_command("tick", stdout=StringIO())
        seen |= {*marks()}
        assert marks() == [f"mark-{FileMark.objects.get().mark}"]
    assert len(seen) == 3


def test_a_tick_goes_on_where_the_mark_cannot_be_renewed(publish, monkeypatch, caplog):
    def refuse(name, content):
        raise StorageUnavailable("403 Forbidden")

    publish(1)
    monkeypatch.setattr(storage.evidence_storage(), "save", refuse)
    monkeypatch.setattr(tick, "TASKS", [])
    call_command("tick")
    assert "was not renewed: 403 Forbidden" in caplog.text


@pytest.mark.parametrize("method", ["update", "delete"])
def test_after_a_kill_one_of_two_marks_is_known(publish, marks, monkeypatch, method):
    publish(1)
    renew_mark()

    def kill(*args, **kwargs):
        raise KeyboardInterrupt

    target = QuerySet if method == "update" else storage.evidence_storage()
    monkeypatch.setattr(target, method, kill)
    with pytest.raises(KeyboardInterrupt):
        renew_mark()
    monkeypatch.undo()
    assert len(marks()) == 2
    assert orphaned_files(remove=True) == "0 orphaned files removed.\n"
    assert marks() == [f"mark-{FileMark.objects.get().mark}"]


def test_of_two_processes_that_renew_it_at_once_one_does(publish, marks, monkeypatch):
    publish(1)
    renew_mark()
    store = storage.evidence_storage()
    save = store.save

    def save_after_another(name, content):
        monkeypatch.undo()
        renew_mark()
        return save(name, content)

    monkeypatch.setattr(store, "save", save_after_another)
    renew_mark()
    assert marks() == [f"mark-{FileMark.objects.get().mark}"]
    assert orphaned_files(remove=True) == "0 orphaned files removed.\n"


def test_a_storage_without_files_gets_no_mark(plan, marks):
    renew_mark()
    assert marks() == []
    assert not FileMark.objects.exists()


@pytest.mark.long
def test_a_bucket_keeps_the_mark_too(publish, monkeypatch):
    publish(1)
    with object_store() as store:
        bucket = bucket_in(store)
        monkeypatch.setattr(storage, "evidence_storage", lambda: bucket)
        bucket.save("ab/abcd", ContentFile(b"x"))
        for _time in range(2):
            renew_mark()
            assert bucket.listdir("")[1] == [f"mark-{FileMark.objects.get().mark}"]
        assert orphaned_files(remove=True) == "0 orphaned files removed.\n"
        FileMark.objects.update(mark="0" * 32)
        with pytest.raises(CommandError, match="the files there belong to another database"):
            orphaned_files(remove=True)
