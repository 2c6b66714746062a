"""Each backup leaves a record, and a site whose backups have stopped says so."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from commitments.exceptions import BackupError
from commitments.models import TaskRun
from commitments.operations import health_reports, runs, settle_restored_runs
from commitments.operations.backup import Backup, Manifest
from commitments.verification import PinnedHead
from tests.steps import NOW

pytestmark = [pytest.mark.alike, pytest.mark.django_db, pytest.mark.usefixtures("noon")]

COMMAND = "commitments.management.commands.backup.make_backup"
MANIFEST = Manifest("1", NOW.isoformat(), "sqlite", (), PinnedHead(0, "00"), ())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def making(monkeypatch):
    """`making(outcome)` has `backup` make this, or raise it."""

    def making(outcome):
        def make_backup(path, *, at):
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr(COMMAND, make_backup)

    return making


def ran(ago, state="done", **columns):
    at = NOW - ago
    ended_at = None if state == "running" else at
    return TaskRun.objects.create(
        task="backup", started_at=at, ended_at=ended_at, state=state, **columns
    )


def recorded():
    return list(TaskRun.objects.order_by("pk").values_list("task", "state", "output"))


def warning():
    [report] = [report for report in health_reports(NOW) if report.name == "backup"]
    assert (report.health == "warning") == bool(report.words)
    return report.words


def test_a_backup_leaves_a_record_of_what_it_made(making, capsys):
    making(Backup(MANIFEST, missing=(), changed=()))
    call_command("backup", "site.tar")
    printed = "site.tar: the database and 0 files of evidence, 0 bytes. Head: 0:00\n"
    assert capsys.readouterr().out == printed
    assert recorded() == [("backup", "done", printed)]


def test_an_archive_that_lacks_files_is_a_backup_and_its_record_names_them(making, capsys):
    making(Backup(MANIFEST, missing=("ab/lost.pdf",), changed=("cd/other.pdf",)))
    with pytest.raises(CommandError, match="complete but for"):
        call_command("backup", "site.tar")
    [(_task, state, output)] = recorded()
    assert state == "done"
    assert "ab/lost.pdf: is missing" in output
    assert "cd/other.pdf: does not match" in output
    assert warning() == ""


@pytest.mark.parametrize(
    ("error", "raised", "words"),
    [
        (BackupError("The disk is full."), CommandError, "The disk is full."),
        (SystemExit(143), SystemExit, "SystemExit: 143"),
    ],
)
def test_a_backup_that_fails_or_is_stopped_leaves_a_record_that_says_so(
    making, error, raised, words
):
    making(error)
    with pytest.raises(raised):
        call_command("backup", "site.tar")
    assert recorded() == [("backup", "failed", f"{words}\n")]


@pytest.mark.parametrize(
    ("place", "step"), [(runs, "_new_run"), (runs, "_end"), (runs.transaction, "atomic")]
)
def test_a_record_that_cannot_be_written_keeps_no_backup_from_being_made(
    making, monkeypatch, capsys, caplog, place, step
):
    def locked(*_args):
        raise DatabaseError("database is locked")

    monkeypatch.setattr(place, step, locked)
    making(Backup(MANIFEST, missing=(), changed=()))
    call_command("backup", "site.tar")
    assert capsys.readouterr().out.startswith("site.tar: the database")
    assert "A run of backup is not recorded: database is locked" in caplog.text


def test_a_site_without_any_backup_is_not_warned(client):
    assert warning() == ""
    assert client.get("/readyz").json()["parts"]["backup"] == "ok"


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (DAY, ""),
        (2 * DAY, ""),
        (2 * DAY + HOUR, "The last backup was made 2 days ago."),
    ],
)
def test_a_last_backup_that_is_older_than_the_limit_is_a_warning(client, ago, words):
    ran(ago)
    ran(HOUR, "failed")
    assert warning() == words
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["parts"]["backup"] == ("warning" if words else "ok")


def test_a_backup_dated_in_the_future_counts_as_none(administrator, signed_in):
    wrong = ran(-3 * DAY)
    assert warning() == "No backup has succeeded yet."
    good = ran(HOUR)
    assert warning() == ""
    page = signed_in(administrator).get("/admin/status/").text
    assert f"/admin/commitments/taskrun/{good.pk}/change/" in page
    assert f"/admin/commitments/taskrun/{wrong.pk}/change/" not in page


def test_the_limit_is_a_setting(settings):
    ran(2 * DAY)
    settings.BACKUP_MAX_AGE_DAYS = 1
    assert warning() == "The last backup was made 2 days ago."
    settings.BACKUP_MAX_AGE_DAYS = 8
    assert warning() == ""
    settings.BACKUP_MAX_AGE_DAYS = 0
    TaskRun.objects.update(state="failed")
    assert warning() == ""


@pytest.mark.parametrize(("ago", "state"), [(DAY, "failed"), (DAY, "lost"), (DAY, "running")])
def test_a_first_backup_that_never_succeeded_is_a_warning(ago, state):
    ran(ago, state)
    assert warning() == "No backup has succeeded yet."


def test_a_first_backup_that_is_under_way_is_none():
    ran(HOUR, "running")
    assert warning() == ""


def test_the_page_shows_the_last_backup_and_why_a_later_one_failed(administrator, signed_in):
    client = signed_in(administrator)
    assert "No backup on record" in client.get("/admin/status/").text
    good = ran(DAY)
    bad = ran(HOUR, "failed", output="The disk is full.\n")
    page = client.get("/admin/status/").text
    assert "No backup on record" not in page
    for run in (good, bad):
        assert f"/admin/commitments/taskrun/{run.pk}/change/" in page
    assert "The disk is full." in page


# A restored site


def test_a_restored_site_has_its_archive_as_last_backup_and_no_open_run():
    ran(3 * DAY)
    begun = ran(DAY, "running")
    mail = TaskRun.objects.create(task="send_mail_due", started_at=NOW - DAY)
    made_at = NOW - DAY + timedelta(seconds=2)
    settle_restored_runs(made_at, NOW)
    assert not TaskRun.objects.filter(pk=begun.pk).exists()
    mail.refresh_from_db()
    assert (mail.state, mail.ended_at) == ("lost", NOW)
    last = runs.last_backup(NOW)
    assert last.started_at == made_at
    assert last.output == "The site was restored from this archive.\n"
    assert TaskRun.objects.filter(task="backup").count() == 2
