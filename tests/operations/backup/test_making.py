"""Making an archive: whose it is, what it does about files that are lost, and that it leaves
nothing behind where it fails."""

import errno
import io
import os
import signal
import stat
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from commitments.models import Evidence
from commitments.operations.backup.archive import CHUNK_BYTES, ArchiveWriter

pytestmark = [pytest.mark.alike, pytest.mark.long]

NOT_THERE = ": is missing from the storage of evidence, or cannot be read there"


def test_an_archive_is_for_its_owner_only(site, path):
    site.back_up(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["site.tar"]


def test_no_file_is_replaced(site, path):
    path.write_text("Mine.")
    _printed, failure = site.run("backup", path)
    assert failure == f"{path} is there already. A backup replaces no file."
    assert path.read_text() == "Mine."
    assert os.listdir(path.parent) == ["site.tar"]


def test_a_file_that_appears_meanwhile_is_not_replaced(site, path, copying):
    copying(lambda name: path.write_text("Mine."))
    assert site.run("backup", path)[1].endswith("A backup replaces no file.")
    assert path.read_text() == "Mine."
    assert os.listdir(path.parent) == ["site.tar"]


def test_two_backups_under_one_name_do_not_meet(site, path, copying):
    failures = []
    copying(lambda name: failures.append(site.run("backup", path)[1]))
    site.back_up(path)
    assert f"{path}.part is there already: another backup is being made" in failures[0]
    assert os.listdir(path.parent) == ["site.tar"]


@pytest.mark.parametrize("name", ["site.tar.gz", "site", "site.sqlite3"])
def test_the_name_says_that_it_is_a_tar_file(site, tmp_path, name):
    assert "a name that ends in .tar" in site.run("backup", tmp_path / name)[1]
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(site, tmp_path):
    failure = site.run("backup", tmp_path / "nowhere" / "site.tar")[1]
    assert failure.startswith("The backup cannot be made: [Errno 2] No such file or directory: ")


def test_a_database_without_tables_is_no_site(any_site, path):
    any_site.use()
    assert "nothing to back up" in any_site.run("backup", path)[1]
    assert os.listdir(path.parent) == []


def test_a_full_disk_leaves_nothing_behind(site, path, monkeypatch):
    def full(self, name, source, size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ArchiveWriter, "add", full)
    failure = site.run("backup", path)[1]
    assert failure == "The backup cannot be made: [Errno 28] No space left on device"
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_leaves_nothing_behind(site, path, copying, number):
    copying(lambda name: signal.raise_signal(number))
    with pytest.raises(SystemExit) as end:
        site.run("backup", path)
    assert end.value.code == 128 + number
    assert os.listdir(path.parent) == []
    assert signal.getsignal(number) == signal.SIG_DFL


def test_an_interruption_leaves_nothing_behind(site, path, copying):
    def interrupt(name):
        raise KeyboardInterrupt

    copying(interrupt)
    with pytest.raises(KeyboardInterrupt):
        site.run("backup", path)
    assert os.listdir(path.parent) == []


# Files of evidence


def test_a_lost_file_is_named_and_the_rest_is_backed_up(site, path, destroy):
    lost, kept = site.evidence_rows()
    site.file_of(lost).unlink()
    printed, failure = site.run("backup", path)
    assert "the database and 1 files of evidence" in printed
    assert failure.startswith(
        f"{lost.file.name}: is missing from the storage of evidence, or cannot be read there\n"
    )
    assert "complete but for the files named above" in failure

    destroy()
    printed, failure = site.run("restore", path)
    assert "1 files of evidence were missing before it was made." in printed
    assert f"evidence {lost.pk}.file: is missing from storage" in printed
    assert failure == "Differences: 1."
    assert list(site.files()) == [kept.file.name]


@pytest.mark.parametrize("readable", [0, CHUNK_BYTES])
def test_a_file_that_cannot_be_read_to_its_end_is_named_and_the_rest_is_backed_up(
    site, path, destroy, monkeypatch, readable
):
    class Failing(io.BytesIO):
        def read(self, *args):
            if self.tell() >= readable:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(*args)

    def opened(name, mode):
        return Failing(bytes(3 * CHUNK_BYTES)) if name == broken else open(name, mode)

    lost, kept = site.evidence_rows()
    broken = str(site.file_of(lost))
    monkeypatch.setattr("django.core.files.storage.filesystem.open", opened, raising=False)
    printed, failure = site.run("backup", path)
    assert "the database and 1 files of evidence" in printed
    assert failure.startswith(f"{lost.file.name}{NOT_THERE}\n")
    monkeypatch.undo()
    destroy()
    assert "Restored" in site.run("restore", path)[0]
    assert list(site.files()) == [kept.file.name]


def test_the_exit_code_tells_an_archive_without_a_file_from_none(site, path):
    site.file_of(site.evidence_rows()[0]).unlink()
    for code in (3, 1):
        with pytest.raises(CommandError) as error:
            call_command("backup", str(path), stdout=StringIO(), stderr=StringIO())
        assert error.value.returncode == code
    assert path.exists()


def test_a_changed_file_is_named_and_backed_up_as_it_is(site, path, destroy):
    changed = site.evidence_rows()[0]
    site.file_of(changed).write_bytes(b"something else")
    printed, failure = site.run("backup", path)
    assert "2 files of evidence" in printed
    assert failure.startswith(f"{changed.file.name}: does not match the recorded digest\n")
    destroy()
    assert site.run("restore", path)[1] == "Differences: 1."
    assert site.file_of(changed).read_bytes() == b"something else"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", ".hidden", "ab/../../secret"])
def test_a_row_that_names_a_file_elsewhere_is_named(site, path, name):
    (site.evidence.parent / "secret").write_text("a secret of another program")
    Evidence.objects.filter(pk=site.evidence_rows()[0].pk).update(file=name)
    failure = site.run("backup", path)[1]
    assert failure.startswith(
        f"{name}: is missing from the storage of evidence, or cannot be read there\n"
    )
    assert b"another program" not in path.read_bytes()
