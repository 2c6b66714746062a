"""Commands that cron starts by themselves: a run of `send_mail_due` is recorded as that of a tick
is, and nothing is sent before a restore is finished."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from commitments.choices import Health
from commitments.exceptions import StorageUnavailable
from commitments.files.storage import evidence_storage
from commitments.management import base
from commitments.models import Mail, TaskRun
from commitments.operations import TASKS, run_due
from commitments.operations.backup.restoring import UNFINISHED
from commitments.operations.health import HEALTH_CHECKS
from tests.steps import NOW, published

pytestmark = [pytest.mark.alike, pytest.mark.django_db]

MAIL = next(task for task in TASKS if task.name == "send_mail_due")


@pytest.fixture
def waiting(duty, reporter, reviewer, with_addresses, noon):
    """A mail that waits in the outbox."""
    with_addresses(reporter)
    published(duty, reporter, reviewer)


def runs():
    return list(TaskRun.objects.order_by("pk").values_list("task", "state", "output"))


def test_a_run_by_itself_leaves_a_record(waiting, mailoutbox, capsys):
    call_command("send_mail_due")
    assert len(mailoutbox) == 1
    assert capsys.readouterr().out == "Mails: sent 1.\n"
    assert runs() == [("send_mail_due", "done", "Mails: sent 1.\n")]
    assert TaskRun.objects.get().ended_at == NOW
    words = HEALTH_CHECKS["tasks"][1](NOW)[1]
    assert "send_mail_due" not in words


def test_a_run_that_fails_is_recorded_with_its_error(waiting, settings):
    settings.EMAIL_BACKEND = "tests.notify.test_outbox.Away"
    with pytest.raises(CommandError):
        call_command("send_mail_due")
    [(_task, state, output)] = runs()
    assert state == "failed"
    assert "The mail server is away" in output
    health, words = HEALTH_CHECKS["tasks"][1](NOW)
    assert health is Health.WARNING
    assert "send_mail_due" in words


def test_a_tick_records_its_run_once(waiting, mailoutbox):
    assert [run.state for run in run_due([MAIL], lambda: NOW)] == ["done"]
    assert len(mailoutbox) == 1
    assert runs() == [("send_mail_due", "done", "Mails: sent 1.\n")]


def test_a_run_while_another_is_open_sends_what_is_due_and_has_no_record(waiting, mailoutbox):
    TaskRun.objects.create(task="send_mail_due", started_at=NOW)
    call_command("send_mail_due")
    assert len(mailoutbox) == 1
    assert [state for _task, state, _output in runs()] == ["running"]


def test_a_run_that_was_cut_off_is_marked_as_lost(waiting):
    TaskRun.objects.create(task="send_mail_due", started_at=NOW - timedelta(hours=2))
    call_command("send_mail_due")
    assert [state for _task, state, _output in runs()] == ["lost", "done"]


def test_runs_of_more_than_a_week_ago_are_forgotten(waiting):
    TaskRun.objects.create(
        task="send_mail_due",
        started_at=NOW - timedelta(days=8),
        ended_at=NOW - timedelta(days=8),
        state="done",
    )
    call_command("send_mail_due")
    assert len(runs()) == 1


def test_a_dry_run_is_no_run(waiting):
    call_command("send_mail_due", "--dry-run")
    assert runs() == []
    assert Mail.objects.get().state == "waiting"


# A restore


@pytest.fixture
def unfinished_restore(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "evidence": settings.STORAGES["evidence"] | {"OPTIONS": {"location": str(tmp_path)}}
    }
    evidence_storage().save(UNFINISHED, ContentFile(b"{}"))


@pytest.mark.parametrize("command", ["tick", "send_mail_due", "send_webhooks_due"])
def test_nothing_is_sent_before_a_restore_is_finished(
    command, waiting, mailoutbox, unfinished_restore
):
    with pytest.raises(CommandError, match="a restore of this site is not finished"):
        call_command(command)
    assert mailoutbox == []
    assert Mail.objects.get().state == "waiting"
    assert runs() == []


def test_mail_is_sent_while_nobody_knows_whether_a_restore_is_finished(
    waiting, mailoutbox, monkeypatch
):
    def fail():
        raise StorageUnavailable("the store does not respond")

    monkeypatch.setattr(base, "is_restore_unfinished", fail)
    call_command("send_mail_due")
    assert len(mailoutbox) == 1
