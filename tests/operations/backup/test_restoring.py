"""Where an archive is not restored, and that the site is then as it was."""

import errno
import os
import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from commitments.db import refresh_statistics
from commitments.exceptions import StorageUnavailable
from commitments.files.storage import evidence_storage
from commitments.operations.backup import databases, restoring
from commitments.operations.backup import manifest as manifests
from tests.factories import PlanFactory, User, UserFactory

pytestmark = [pytest.mark.alike, pytest.mark.long]

FOREIGN = "another-key-" + "y" * 50


def restored(site, path, **options):
    """Restore an archive that must be refused; return the sentence."""
    before = site.rows(), site.files()
    printed, failure = site.run("restore", path, **options)
    assert failure
    assert "Restored" not in printed
    assert (site.rows(), site.files()) == before
    return failure


def test_a_site_with_a_user_is_not_empty(empty_site, archive_of_record):
    UserFactory(username="first")
    assert restored(empty_site, archive_of_record).startswith("The site is not empty: it has users")


def test_a_site_with_a_plan_is_not_empty(empty_site, archive_of_record):
    PlanFactory()
    assert restored(empty_site, archive_of_record).startswith("The site is not empty")


def test_a_site_in_use_is_not_empty(site, archive_of_record):
    assert restored(site, archive_of_record).startswith("The site is not empty")


def test_a_site_with_files_is_not_empty(empty_site, archive_of_record):
    evidence_storage().save("ab/cdef", ContentFile(b"left behind"))
    failure = restored(empty_site, archive_of_record)
    place = f"the folder {empty_site.evidence} (EVIDENCE_DIR)"
    assert failure.startswith(f"The storage of evidence, {place}, has files")


def test_folders_without_files_do_not_matter(empty_site, archive_of_record):
    (empty_site.evidence / "ab").mkdir(parents=True)
    assert empty_site.run("restore", archive_of_record)[1] == ""


def test_what_the_database_has_counted_does_not_matter(empty_site, archive_of_record):
    refresh_statistics()
    assert empty_site.run("restore", archive_of_record)[1] == ""


def test_tables_of_another_program_are_named(empty_site, archive_of_record):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE accounts (id integer)")
    failure = restored(empty_site, archive_of_record)
    assert failure == "The database has tables of something else: accounts."


# Signatures


@pytest.fixture
def other_key(settings):
    settings.SECRET_KEY = FOREIGN


@pytest.mark.usefixtures("other_key")
def test_an_archive_signed_with_another_key_is_refused(empty_site, archive_of_record):
    failure = restored(empty_site, archive_of_record)
    assert failure.startswith("The archive was signed with another SECRET_KEY, or altered.")
    assert "--accept-foreign" in failure
    assert restored(empty_site, archive_of_record, check=True) == failure


@pytest.mark.usefixtures("other_key")
def test_an_archive_signed_with_another_key_can_be_trusted(empty_site, archive_of_record):
    printed, failure = empty_site.run("restore", archive_of_record, accept_foreign=True)
    assert failure == ""
    assert "signed by another site" in printed
    assert "No difference" in printed


# Releases and databases


def test_a_later_format_is_refused_and_its_release_named(
    empty_site, site, destroy, tmp_path, monkeypatch
):
    monkeypatch.setattr(manifests, "FORMAT", 2)
    monkeypatch.setattr(settings, "RELEASE", "f" * 16)
    site.back_up(tmp_path / "later.tar")
    monkeypatch.undo()
    destroy()
    failure = restored(site, tmp_path / "later.tar")
    assert failure.startswith("The archive has format 2, but this release reads format 1 only.")
    assert f"Release {'f' * 16} made it" in failure


def test_unknown_migrations_are_refused_and_their_release_named(site, destroy, tmp_path):
    MigrationRecorder(connection).record_applied("commitments", "0004_later")
    site.back_up(tmp_path / "later.tar")
    destroy()
    failure = restored(site, tmp_path / "later.tar")
    assert f"is of release {settings.RELEASE}, with migrations that this" in failure
    assert "commitments.0004_later" in failure
    assert restored(site, tmp_path / "later.tar", check=True) == failure


@pytest.mark.long
def test_an_archive_of_an_earlier_release_is_migrated(any_site, archive_of_record, monkeypatch):
    known = restoring._known_migrations()
    monkeypatch.setattr(restoring, "_known_migrations", lambda: known | {"commitments.0004_later"})
    any_site.use()
    printed, failure = any_site.run("restore", archive_of_record)
    assert failure == ""
    assert "Migrating." in printed
    assert "No difference" in printed


def test_an_archive_of_another_database_is_refused(empty_site, archive_of_record, monkeypatch):
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[connection.vendor]
    monkeypatch.setattr(restoring, "connection", SimpleNamespace(vendor=other))
    failure = restored(empty_site, archive_of_record)
    assert failure == (f"The archive is of a database of {connection.vendor}; here it is {other}.")
    assert not User.objects.exists()


# Failures on the way


@pytest.mark.parametrize("number", [1, 2])
def test_a_full_disk_leaves_the_site_empty(empty_site, archive_of_record, monkeypatch, number):
    storage, stored = evidence_storage(), []
    save = storage._save

    def save_or_fail(name, content):
        stored.append(name)
        if len(stored) < number:
            return save(name, content)
        save(name, ContentFile(b"as much as there was room for"))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(storage, "_save", save_or_fail)
    failure = restored(empty_site, archive_of_record)
    assert failure == "Nothing was restored: [Errno 28] No space left on device"


@pytest.mark.parametrize(("outage", "left"), [((0,), 1), (range(99), 3)], ids=["one", "all"])
def test_files_that_cannot_be_deleted_are_said_and_the_others_are_deleted(
    empty_site, archive_of_record, monkeypatch, outage, left
):
    storage, deleted = evidence_storage(), []
    delete = storage.delete

    def delete_or_fail(name):
        deleted.append(name)
        if len(deleted) - 1 in outage:
            raise StorageUnavailable("502 Bad Gateway")
        delete(name)

    def fail(path):
        raise OperationalError("the server went away")

    monkeypatch.setattr(storage, "delete", delete_or_fail)
    monkeypatch.setitem(databases.LOADS, connection.vendor, fail)
    failure = empty_site.run("restore", archive_of_record)[1]
    assert failure == (
        "The restore failed: the server went away\n"
        f"The database is as empty as before, but up to {left} files that were stored could not be "
        f"deleted. They are in the folder {empty_site.evidence} (EVIDENCE_DIR): delete them before "
        "the next try."
    )
    assert len(empty_site.files()) == left


def test_a_storage_that_deletes_nothing_is_not_asked_for_each_file(monkeypatch):
    asked = []

    def fail(name):
        asked.append(name)
        raise StorageUnavailable("502 Bad Gateway")

    monkeypatch.setattr(evidence_storage(), "delete", fail)
    assert restoring._delete([str(number) for number in range(1000)]) == 1000
    assert len(asked) == restoring.MAX_FAILED_DELETES


def test_a_database_that_fails_leaves_the_site_empty(empty_site, archive_of_record, monkeypatch):
    def fail(path):
        raise OperationalError("the server went away")

    monkeypatch.setitem(databases.LOADS, connection.vendor, fail)
    failure = restored(empty_site, archive_of_record)
    assert failure == "Nothing was restored: the server went away"
    monkeypatch.undo()
    assert empty_site.run("restore", archive_of_record)[1] == ""


def test_an_interruption_leaves_the_site_empty(empty_site, archive_of_record, monkeypatch):
    def interrupt(path):
        raise KeyboardInterrupt

    monkeypatch.setitem(databases.LOADS, connection.vendor, interrupt)
    with pytest.raises(KeyboardInterrupt):
        empty_site.run("restore", archive_of_record)
    assert empty_site.files() == {}
    assert not User.objects.exists()


@pytest.mark.long
def test_a_database_in_use_is_left_alone(empty_site, archive_of_record):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for others, and then replaces empty tables")
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        failure = empty_site.run("restore", archive_of_record)[1]
    assert failure == ("Nothing was restored: the database is in use; stop the application first")
    assert empty_site.files() == {}
    assert not User.objects.exists()


def test_a_file_that_is_not_there_is_named(empty_site, tmp_path):
    failure = restored(empty_site, tmp_path / "site.tar")
    assert failure == f"There is no file {tmp_path}/site.tar."


def test_what_the_ledger_does_not_agree_with_is_named(site, destroy, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE commitments_evidence SET citation = 'x' WHERE citation <> ''")
    site.back_up(tmp_path / "site.tar")
    destroy()
    printed, failure = site.run("restore", tmp_path / "site.tar")
    assert "differs from the content recorded by decision" in printed
    assert failure.startswith("Differences: ")


@pytest.mark.long
def test_a_head_other_than_that_of_the_manifest_is_named(site, destroy, tmp_path, monkeypatch):
    monkeypatch.setattr(manifests, "vars", forged_head, raising=False)
    site.back_up(tmp_path / "site.tar")
    monkeypatch.undo()
    destroy()
    printed, failure = site.run("restore", tmp_path / "site.tar")
    assert "its hash differs from the pinned one" in printed
    assert failure == "Differences: 1."


def forged_head(row):
    facts = dict(vars(row))
    return facts | {"hash": "0" * 64} if "hash" in facts else facts
