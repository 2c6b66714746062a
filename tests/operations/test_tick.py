"""Regular tasks: each runs when it is due and once, whatever else ticks, fails or stops."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from axes.models import AccessLog
from django.core.management import CommandError, call_command
from django.db import connection as suite
from django.db.migrations.recorder import MigrationRecorder
from hypothesis import given, settings
from hypothesis import strategies as st

from commitments.exceptions import StorageUnavailable
from commitments.models import AccessToken, TaskRun
from commitments.operations import TASKS, Task, run_due, runs
from tests.examples import examples
from tests.steps import NOW, token
from tests.workflow.race_track import ROOT, new_database

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY = Task("daily", "A task", ("forget",))
FAILING = Task("failing", "A task that fails", ("load_plan", "no such file"))


def ran(now, *tasks):
    """Return the names and states of what runs at a time."""
    return [(run.task, run.state) for run in run_due(tasks, lambda: now)]


@pytest.mark.alike
def test_a_task_runs_once_a_day_whenever_cron_ticks():
    times = [NOW, NOW + HOUR, NOW + 23 * HOUR, NOW + DAY - timedelta(minutes=1), NOW + 2 * DAY]
    assert [len(ran(time, DAILY)) for time in times] == [1, 0, 0, 1, 1]


@pytest.mark.alike
def test_a_task_that_fails_is_tried_again_within_the_hour_and_keeps_no_other_from_running():
    assert ran(NOW, FAILING, DAILY) == [("failing", "failed"), ("daily", "done")]
    assert "no such file" in TaskRun.objects.get(task="failing").output
    assert ran(NOW + HOUR / 2, FAILING, DAILY) == []
    assert ran(NOW + HOUR, FAILING, DAILY) == [("failing", "failed")]


@pytest.mark.alike
def test_no_task_runs_on_the_tables_of_an_earlier_release():
    recorder = MigrationRecorder(suite)
    applied = sorted(recorder.applied_migrations())
    recorder.record_unapplied(*next(row for row in reversed(applied) if row[0] == "commitments"))
    with pytest.raises(CommandError, match="tables of an earlier release: run migrate first"):
        call_command("tick")
    assert not TaskRun.objects.exists()


@pytest.mark.alike
def test_a_task_that_is_running_runs_no_second_time():
    TaskRun.objects.create(task="daily", started_at=NOW)
    assert ran(NOW + 5 * HOUR, DAILY) == []


@pytest.mark.alike
def test_a_run_that_never_ended_is_lost_and_the_task_runs_again():
    TaskRun.objects.create(task="daily", started_at=NOW)
    assert ran(NOW + 7 * HOUR, DAILY) == [("daily", "done")]
    assert [run.state for run in TaskRun.objects.order_by("pk")] == ["lost", "done"]


@pytest.mark.alike
def test_mail_that_was_cut_off_goes_on_after_an_hour():
    quick = Task("mail", "Quick", ("forget",), max_run=HOUR)
    TaskRun.objects.create(task="mail", started_at=NOW)
    assert ran(NOW + HOUR - timedelta(minutes=1), quick) == []
    assert ran(NOW + HOUR + timedelta(minutes=1), quick) == [("mail", "done")]


@pytest.mark.alike
def test_a_run_of_a_clock_that_was_wrong_stops_no_task():
    ran(NOW + 3650 * DAY, DAILY)
    assert ran(NOW, DAILY) == [("daily", "done")]
    TaskRun.objects.create(task="daily", started_at=NOW + 3650 * DAY)
    assert ran(NOW + DAY, DAILY) == [("daily", "done")]


@pytest.mark.alike
@pytest.mark.parametrize("state", ["done", "failed"])
def test_an_ended_run_of_a_clock_that_was_wrong_changes_nothing_about_when_a_task_is_due(state):
    wrong = NOW + 3650 * DAY
    TaskRun.objects.create(task="daily", started_at=wrong, ended_at=wrong, state=state)
    times = [NOW, NOW + HOUR, NOW + 23 * HOUR, NOW + DAY, NOW + DAY + HOUR]
    assert [len(ran(time, DAILY)) for time in times] == [1, 0, 0, 1, 0]


@pytest.mark.alike
def test_who_comes_second_to_a_task_leaves_it(monkeypatch):
    is_due = runs.is_due

    def due_while_another_begins(task, now):
        found = is_due(task, now)
        TaskRun.objects.create(task=task.name, started_at=now)
        return found

    monkeypatch.setattr(runs, "is_due", due_while_another_begins)
    assert ran(NOW, DAILY) == []
    assert TaskRun.objects.count() == 1


@pytest.mark.alike
def test_who_is_killed_before_leaving_a_task_to_others_leaves_no_open_run(monkeypatch):
    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "is_due", lambda *_arguments: True)
    monkeypatch.setattr(runs, "_is_due_after", killed)
    with pytest.raises(KeyboardInterrupt):
        ran(NOW, DAILY)
    assert not TaskRun.objects.exists()


@pytest.mark.alike
@given(minutes=st.lists(st.integers(0, 60 * 24 * 31), max_size=60).map(sorted))
@settings(max_examples=examples(30))
def test_over_a_month_of_ticks_no_task_runs_twice_in_a_day(minutes):
    TaskRun.objects.all().delete()
    for minute in minutes:
        ran(NOW + timedelta(minutes=minute), DAILY)
    begun = list(TaskRun.objects.order_by("started_at").values_list("started_at", flat=True))
    assert all(later - earlier >= DAY - runs.CRON_SLACK for earlier, later in pairwise(begun))
    assert not minutes or begun[0] == NOW + timedelta(minutes=minutes[0])
    ticks = [NOW + timedelta(minutes=minute) for minute in minutes]
    # Whenever a day had passed, the next tick ran it.
    for tick in ticks:
        assert any(tick - DAY < time <= tick for time in begun)


@pytest.mark.alike
def test_old_runs_are_forgotten():
    ran(NOW, DAILY)
    ran(NOW + DAILY.kept_for + DAY, DAILY)
    assert TaskRun.objects.count() == 1


@pytest.mark.alike
def test_the_command_says_what_ran_and_ends_with_an_error_if_a_task_failed(monkeypatch, capsys):
    monkeypatch.setattr("commitments.management.commands.tick.TASKS", [DAILY])
    call_command("tick")
    assert capsys.readouterr().out == "daily: done\n"
    monkeypatch.setattr("commitments.management.commands.tick.TASKS", [FAILING])
    with pytest.raises(CommandError, match=r"Tasks that failed: 1\."):
        call_command("tick")
    assert "no such file" in capsys.readouterr().out


@pytest.mark.alike
def test_tasks_run_while_nobody_knows_whether_a_restore_is_finished(monkeypatch, capsys):
    def fail():
        raise StorageUnavailable("the store does not respond")

    monkeypatch.setattr("commitments.management.base.is_restore_unfinished", fail)
    monkeypatch.setattr("commitments.management.commands.tick.TASKS", [DAILY])
    call_command("tick")
    assert capsys.readouterr().out == "daily: done\n"


@pytest.mark.alike
def test_every_task_is_a_command_that_can_be_listed(capsys):
    call_command("tick", "--list")
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[3] for line in listed] == [task.command[0] for task in TASKS]
    assert listed[0] == "every 5 minutes  send_mail_due"
    assert listed[2] == "every 1 day      verify_ledger"


@pytest.mark.alike
def test_what_is_no_longer_needed_of_sign_ins_is_forgotten(reporter, client):
    issued = token(reporter)
    client.force_login(reporter)
    with time_machine.travel(NOW + 400 * DAY, tick=False):
        call_command("forget")
    assert issued
    assert not AccessToken.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.alike
def test_addresses_of_sign_ins_are_kept_for_a_month():
    for days in (1, 40):
        AccessLog.objects.create(username="x", ip_address="192.0.2.7")
        AccessLog.objects.filter(pk=AccessLog.objects.latest("pk").pk).update(
            attempt_time=NOW - days * DAY
        )
    with time_machine.travel(NOW, tick=False):
        call_command("forget")
    assert [row.attempt_time for row in AccessLog.objects.all()] == [NOW - DAY]


@pytest.mark.long
def test_many_ticks_at_once_run_each_task_once(tmp_path, capsys):
    """Eight processes tick at once, five times, with a task that takes a while."""
    with new_database(suite.vendor, tmp_path) as address:
        environment = {**os.environ, "DATABASE_URL": address, "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "tests.operations.ticking"]

        def run(*arguments):
            return subprocess.check_output(
                [sys.executable, *arguments], cwd=ROOT, env=environment, text=True
            )

        run("manage.py", "migrate", "--verbosity", "0")
        counts = Counter()
        for day in range(5):
            started = [
                subprocess.Popen(
                    [*command, str(day)], cwd=ROOT, env=environment, stdout=subprocess.PIPE
                )
                for _ in range(8)
            ]
            for process in started:
                output, _errors = process.communicate(timeout=120)
                assert process.returncode == 0
                counts.update((day, name) for name in json.loads(output))
    with capsys.disabled():
        print(f"\n  40 ticks at once on 5 days: {sum(counts.values())} runs, none twice")
    assert counts == {(day, name): 1 for day in range(5) for name in ("daily", "slow")}
