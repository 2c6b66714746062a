"""What a backup has is what a restore brings back."""

import json
import re
import stat
import tarfile
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from commitments.choices import PUBLIC_STATES, State
from commitments.exceptions import StaleRevision
from commitments.ledger.proofs.checkpoints import sign_checkpoint
from commitments.models import Checkpoint, LedgerHead, Plan, ProgressUpdate, TaskRun
from commitments.operations.backup import open_archive, restoring
from commitments.operations.runs import last_backup
from commitments.workflow import edit_draft
from tests import steps
from tests.factories import User
from tests.operations.backup.sites import let_a_mail_wait
from tests.words import en_zh


def head():
    seq, last_hash = LedgerHead.objects.values_list("seq", "hash").get()
    return f"{seq}:{last_hash}"


@pytest.mark.long
def test_a_restored_site_has_every_row_and_every_file(site, destroy, tmp_path):
    rows, files, last = site.rows(), site.files(), head()
    assert len(files) == 2
    printed = site.back_up(tmp_path / "site.tar")
    assert printed.startswith(f"{tmp_path}/site.tar: the database and 2 files of evidence, ")
    assert printed.endswith(f" bytes. Head: {last}\n")

    destroy()
    printed, failure = site.run("restore", tmp_path / "site.tar")
    assert failure == ""
    assert "signed by this site" in printed
    assert "everybody signs in again" in printed
    assert printed.endswith(f" decisions and 8 updates. Head: {last}\n")
    assert (site.rows(), site.files()) == (rows, files)


def runs():
    return list(TaskRun.objects.order_by("pk").values_list("state", "output"))


@pytest.mark.long
def test_the_last_backup_of_a_restored_site_is_its_archive(site, destroy, tmp_path):
    printed = site.back_up(tmp_path / "first.tar")
    site.back_up(tmp_path / "second.tar")
    site.run("backup", tmp_path / "second.tar")
    first, second, refused = runs()
    assert (first, second[0], refused[0]) == (("done", printed), "done", "failed")
    assert refused[1].endswith("A backup replaces no file.\n")

    destroy()
    assert site.run("restore", tmp_path / "second.tar")[1] == ""
    assert runs() == [
        ("done", printed),
        ("done", "The site was restored from this archive.\n"),
    ]
    with open_archive(tmp_path / "second.tar") as archive:
        assert last_backup(timezone.now()).started_at == datetime.fromisoformat(
            archive.manifest.made_at
        )
    site.back_up(tmp_path / "third.tar")
    assert [state for state, _output in runs()] == ["done"] * 3


@pytest.mark.long
def test_no_revision_of_the_site_as_it_was_comes_again(site, destroy, tmp_path):
    """Readers hold answers under revisions: those of decisions that are lost too."""
    site.back_up(tmp_path / "site.tar")
    Plan.objects.all().bump_revision()
    lost = dict(Plan.objects.values_list("code", "revision"))
    destroy()
    site.run("restore", tmp_path / "site.tar")
    restored = dict(Plan.objects.values_list("code", "revision"))
    assert lost
    assert all(restored[code] > revision + 999 for code, revision in lost.items())
    # Nor one of what the site did after it was restored before.
    destroy()
    site.run("restore", tmp_path / "site.tar")
    again = dict(Plan.objects.values_list("code", "revision"))
    assert all(abs(again[code] - revision) > 999 for code, revision in restored.items())


@pytest.mark.long
def test_an_edit_of_a_draft_as_it_was_changes_no_restored_draft(site, destroy, tmp_path):
    def edit(text, revision):
        draft = ProgressUpdate.objects.get(state=State.DRAFT)
        now = timezone.now()
        return edit_draft(
            draft, by=draft.author, at=now, expected_revision=revision, summary=en_zh(text, text)
        )

    published = ProgressUpdate.objects.filter(state__in=PUBLIC_STATES)
    before = dict(published.values_list("pk", "revision"))
    site.back_up(tmp_path / "site.tar")
    read = edit("Lost.", None).revision
    destroy()
    site.run("restore", tmp_path / "site.tar")

    edited = edit("Kept.", None)
    assert abs(edited.revision - read) > 99
    with pytest.raises(StaleRevision):
        edit("Older.", read)
    assert dict(published.values_list("pk", "revision")) == before != {}


@pytest.mark.long
def test_a_restored_site_goes_on(site, destroy, tmp_path):
    site.back_up(tmp_path / "first.tar")
    destroy()
    site.run("restore", tmp_path / "first.tar")
    [duty, *_others] = {row.update.commitment for row in site.evidence_rows()}
    reporter, reviewer = (User.objects.get(username=name) for name in ("reporter", "reviewer"))
    steps.published(duty, reporter, reviewer, timezone.now(), evidence=[steps.file_evidence()])
    rows = site.rows()
    assert len(site.files()) == 3

    site.back_up(tmp_path / "second.tar")
    destroy()
    assert site.run("restore", tmp_path / "second.tar")[1] == ""
    assert site.rows() == rows
    # The index of searches came along.
    assert ProgressUpdate.objects.filter(search_index__contains=" 会 议 召 开").exists()


@pytest.mark.long
def test_a_database_without_tables_can_be_restored_into(any_site, archive_of_record):
    any_site.use()
    printed, failure = any_site.run("restore", archive_of_record)
    assert failure == ""
    assert "No difference" in printed
    assert len(any_site.files()) == 2


@pytest.mark.long
def test_what_was_restored_is_protected_as_before(empty_site, archive_of_record):
    empty_site.run("restore", archive_of_record)
    with connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute("UPDATE commitments_decision SET note = 'x'")
    for path in empty_site.evidence.rglob("*"):
        assert path.is_dir() or stat.S_IMODE(path.stat().st_mode) == 0o600
    if connection.vendor == "sqlite":
        assert stat.S_IMODE(Path(connection.settings_dict["NAME"]).stat().st_mode) == 0o600


@pytest.mark.long
def test_checkpoints_are_in_an_archive_and_the_key_is_not(site, destroy, tmp_path, ledger_key):
    checkpoint = sign_checkpoint(ledger_key, timezone.now())
    site.back_up(tmp_path / "site.tar")
    secret = str(ledger_key).split("+", 4)[4].encode()
    assert secret not in (tmp_path / "site.tar").read_bytes()
    destroy()
    printed, failure = site.run("restore", tmp_path / "site.tar")
    assert failure == ""
    assert "No difference" in printed
    assert Checkpoint.objects.get().note == checkpoint.note
    with connection.cursor() as cursor, pytest.raises(Exception, match="append-only"):
        cursor.execute("DELETE FROM commitments_checkpoint")


@pytest.mark.long
def test_sessions_are_not_in_an_archive(site, destroy, tmp_path):
    Session.objects.create(
        session_key="signed-in-before", session_data="x", expire_date=timezone.now()
    )
    site.back_up(tmp_path / "site.tar")
    assert b"signed-in-before" not in (tmp_path / "site.tar").read_bytes()
    destroy()
    site.run("restore", tmp_path / "site.tar")
    assert not Session.objects.exists()


@pytest.mark.long
def test_any_tar_reads_an_archive_and_its_manifest_is_first(archive_of_record, tmp_path):
    with tarfile.open(archive_of_record) as archive:
        names = archive.getnames()
        archive.extractall(tmp_path, filter="data")
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    members = [member["name"] for member in manifest["members"]]
    assert names == ["manifest.json", "manifest.json.sig", *members]
    assert (tmp_path / members[1]).stat().st_size == manifest["members"][1]["size"]
    assert manifest["head"]["seq"] > 0
    assert "commitments.0003_ledger" in manifest["migrations"]
    assert manifest["made_at"].endswith("+00:00")


@pytest.mark.long
def test_an_archive_is_checked_without_being_restored(site, archive_of_record):
    rows, files = site.rows(), site.files()
    printed, failure = site.run("restore", archive_of_record, check=True)
    assert failure == ""
    assert re.match(
        r"An undamaged archive of 2026-07-01T10:00:00\S*\+00:00, signed by this", printed
    )
    assert (site.rows(), site.files()) == (rows, files)


@pytest.mark.long
def test_an_archive_of_an_empty_site_can_be_restored(empty_site, destroy, tmp_path):
    printed = empty_site.back_up(tmp_path / "empty.tar")
    assert "0 files of evidence" in printed
    destroy()
    printed, failure = empty_site.run("restore", tmp_path / "empty.tar")
    assert failure == ""
    assert "No difference in 0 decisions" in printed


@pytest.mark.postgres
def test_later_tables_are_not_left_beside_earlier_ones(empty_site, archive_of_record, monkeypatch):
    known = restoring._known_migrations()
    monkeypatch.setattr(restoring, "_known_migrations", lambda: known | {"commitments.0004_later"})
    failure = empty_site.run("restore", archive_of_record)[1]
    assert "Restore it into a database without tables" in failure
    assert not User.objects.exists()


@pytest.mark.long
def test_what_waited_to_be_sent_is_held(site, destroy, tmp_path, settings, mailoutbox):
    let_a_mail_wait(settings)
    site.back_up(tmp_path / "site.tar")
    assert site.run("send_mail_due")[0] == "Mails: sent 1.\n"
    destroy()
    printed, failure = site.run("restore", tmp_path / "site.tar")
    assert failure == ""
    assert "1 message is held" in printed
    assert site.run("send_mail_due")[0] == "Mails: none was due.\n"
    assert len(mailoutbox) == 1
