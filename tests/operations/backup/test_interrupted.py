"""A restore that ends between the load of the database and its last step: the site does not count
as restored until the next run has finished it."""

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from commitments.choices import MailState
from commitments.management.commands import restore, tick
from commitments.models import Mail, Plan, TaskRun
from commitments.operations import TASKS, health_reports
from commitments.operations.backup import databases, restoring
from tests.operations.backup.sites import let_a_mail_wait

pytestmark = [pytest.mark.alike, pytest.mark.long]

FULL = OperationalError("database or disk is full")


def failing(error):
    def fail(*args, **options):
        raise error

    return fail


@pytest.fixture
def archive(site, destroy, tmp_path, settings):
    """The path of an archive in which a mail waits, of the site that is empty now."""
    let_a_mail_wait(settings)
    site.back_up(tmp_path / "site.tar")
    destroy()
    return tmp_path / "site.tar"


@pytest.fixture
def interrupted(site, archive, monkeypatch):
    """A site whose database was loaded from the archive before the process was ended."""
    with monkeypatch.context() as patched:
        patched.setattr(restore, "outrun_revisions", failing(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            site.run("restore", archive)
    assert Mail.objects.get().state == MailState.WAITING
    return site


def test_the_next_run_finishes_a_restore_that_was_killed_after_the_load(interrupted, archive):
    revisions = dict(Plan.objects.values_list("code", "revision"))
    printed, failure = interrupted.run("restore", archive)
    assert (failure, "1 message is held" in printed) == ("", True)
    assert "No difference" in printed
    assert Mail.objects.get().state == MailState.HELD
    assert TaskRun.objects.get().output == "The site was restored from this archive.\n"
    restored = dict(Plan.objects.values_list("code", "revision"))
    assert all(restored[code] > revision + 999 for code, revision in revisions.items())
    assert len(interrupted.files()) == 2
    failure = interrupted.run("restore", archive)[1]
    assert failure.startswith("The site is not empty")


def test_until_then_no_task_runs_and_no_reader_is_sent_here(interrupted, archive, monkeypatch):
    [send_mail] = [task for task in TASKS if task.name == "send_mail_due"]
    monkeypatch.setattr(tick, "TASKS", [send_mail])
    with pytest.raises(CommandError, match="a restore of this site is not finished"):
        call_command("tick")
    [storage] = [report for report in health_reports(timezone.now()) if report.name == "storage"]
    assert storage.health == "failed"
    assert storage.words == (
        "A restore is not finished. If its process ended, run “restore” once more."
    )
    assert Mail.objects.get().state == MailState.WAITING
    interrupted.run("restore", archive)
    call_command("tick")
    assert Mail.objects.get().state == MailState.HELD


def test_another_archive_does_not_finish_it(interrupted, archive, archive_of_record):
    failure = interrupted.run("restore", archive_of_record)[1]
    assert failure.startswith("The site is not empty")
    assert interrupted.run("restore", archive)[1] == ""


@pytest.mark.parametrize("step", ["outrun_revisions", "settle_restored_runs", "hold_after_restore"])
def test_a_step_that_fails_is_done_with_the_others_by_the_next_run(
    site, archive, monkeypatch, step
):
    with monkeypatch.context() as patched:
        patched.setattr(restore, step, failing(FULL))
        printed, failure = site.run("restore", archive)
    assert "Restored" not in printed
    assert failure.startswith("The restore is not finished: database or disk is full\n")
    assert not TaskRun.objects.filter(output__contains="restored").exists()
    printed, failure = site.run("restore", archive)
    assert (failure, "1 message is held" in printed) == ("", True)


def test_an_interruption_right_after_the_load_is_made_up_for(site, archive, monkeypatch):
    load = databases.LOADS[connection.vendor]

    def interrupt(path):
        load(path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setitem(databases.LOADS, connection.vendor, interrupt)
        with pytest.raises(KeyboardInterrupt):
            site.run("restore", archive)
    assert len(site.files()) == 2 + 1
    assert "1 message is held" in site.run("restore", archive)[0]
    assert len(site.files()) == 2


def test_no_room_for_statistics_fails_no_restore(site, archive, monkeypatch):
    monkeypatch.setattr(restoring, "refresh_statistics", failing(FULL))
    printed, failure = site.run("restore", archive)
    assert (failure, "Restored." in printed) == ("", True)
