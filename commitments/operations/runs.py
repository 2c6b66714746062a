"""Running the tasks that are due, each only once even if several processes run tasks.

A run that is still open after its task's `max_run` is marked as lost, and the task runs again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from typing import TypeVar

from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q, QuerySet

from commitments.choices import RunState
from commitments.models import TaskRun
from commitments.operations.tasks import BACKUP, TASKS, Task

_logger = logging.getLogger(__name__)

# Cron may start a little early or late.
CRON_SLACK = timedelta(minutes=5)
# A failed task is tried again after this time, if that is sooner.
FAILED_AGAIN_AFTER = timedelta(hours=1)
MAX_OUTPUT = 20_000

_Clock = Callable[[], datetime]
_Written = TypeVar("_Written")


def run_due(tasks: Sequence[Task], clock: _Clock) -> Iterator[TaskRun]:
    """Run those of these tasks that are due, one after another, and yield the run of each once it
    has ended. `clock` returns the current time. A task that fails does not stop the others."""
    for task in tasks:
        if is_due(task, clock()):
            run = _opened(task, clock())
            if run is not None:
                yield _performed(task, run, clock)


def is_due(task: Task, now: datetime) -> bool:
    """Return whether to run a task: once its interval has passed since its last run began, or
    sooner if that run failed or was lost."""
    return _is_due_after(latest_run(task, now), task, now)


def _is_due_after(last: TaskRun | None, task: Task, now: datetime) -> bool:
    if last is None or last.state == RunState.LOST:
        return True
    if last.state == RunState.RUNNING:
        return now - last.started_at > task.max_run
    wait = FAILED_AGAIN_AFTER if last.state == RunState.FAILED else task.every
    return now - last.started_at >= min(wait, task.every) - CRON_SLACK


def latest_run(task: Task, now: datetime) -> TaskRun | None:
    return _begun_runs(task, now).first()


def last_backup(now: datetime) -> TaskRun | None:
    """Return the latest run that made an archive of the site; None if there is none on record."""
    return _begun_runs(BACKUP, now).filter(state=RunState.DONE.value).first()


def _begun_runs(task: Task, now: datetime) -> QuerySet[TaskRun]:
    """Return the runs of a task, the latest first, without those that begin in the future: the
    system clock was wrong, and until then they would hide every run that follows."""
    return _runs_of(task).filter(started_at__lte=now + CRON_SLACK)


def _runs_of(task: Task) -> QuerySet[TaskRun]:
    return TaskRun.objects.filter(task=task.name).order_by("-started_at", "-pk")


@contextmanager
def recorded_run(name: str, clock: _Clock) -> Iterator[StringIO]:
    """Record the commands inside the block as a run of the task with this name. Yield a buffer for
    the output to record; errors are passed on.

    There is no record of its own while another run of the task is open, such as that of the tick
    that started the command, or while the database cannot be written. The command runs anyway.
    """
    task = next(task for task in (*TASKS, BACKUP) if task.name == name)
    output, state = StringIO(), RunState.FAILED
    run = _if_writable(_new_run, task, clock())
    try:
        yield output
        state = RunState.DONE
    except BaseException as error:
        output.write(_error_line(error))
        raise
    finally:
        if run is not None:
            _if_writable(_end, task, run, state, output, clock())


def _if_writable(write: Callable[..., _Written], task: Task, *details: object) -> _Written | None:
    """Return what `write` returns for the task; None if the database cannot be written."""
    try:
        # A locked SQLite refuses to begin.
        with transaction.atomic():
            return write(task, *details)
    except DatabaseError as error:
        _logger.warning("A run of %s is not recorded: %s", task.name, error)
        return None


def settle_restored_runs(made_at: datetime, now: datetime) -> None:
    """Close the runs that are open in a restored database: they were cut off, except for the
    backup, which made this archive at `made_at`."""
    open_runs = TaskRun.objects.filter(ended_at__isnull=True)
    with transaction.atomic():
        open_runs.filter(task=BACKUP.name).delete()
        open_runs.update(ended_at=now, state=RunState.LOST.value)
        TaskRun.objects.create(
            task=BACKUP.name,
            started_at=made_at,
            ended_at=made_at,
            state=RunState.DONE.value,
            output="The site was restored from this archive.\n",
        )


def _opened(task: Task, now: datetime) -> TaskRun | None:
    """Open a run and return it. Return None if another process has just opened one, or has ended
    one meanwhile: once a run is open, nobody else can open one. A process that is killed before
    this is decided leaves no open run, for which the others would wait until it counts as lost."""
    with transaction.atomic():
        run = _new_run(task, now)
        if run is None:
            return None
        if _is_due_after(_begun_runs(task, now).exclude(pk=run.pk).first(), task, now):
            return run
        run.delete()
    return None


def _new_run(task: Task, now: datetime) -> TaskRun | None:
    """Open a run and return it; None if one is already open. A run that was cut off is marked as
    lost."""
    cut_off = Q(started_at__lt=now - task.max_run) | Q(started_at__gt=now + CRON_SLACK)
    open_runs = _runs_of(task).filter(cut_off, ended_at__isnull=True)
    open_runs.update(ended_at=now, state=RunState.LOST.value)
    try:
        with transaction.atomic():
            return TaskRun.objects.create(task=task.name, started_at=now)
    except IntegrityError:
        return None


def _performed(task: Task, run: TaskRun, clock: _Clock) -> TaskRun:
    output, state = StringIO(), RunState.DONE
    try:
        call_command(*task.command, stdout=output, stderr=output)
    except Exception as error:
        state = RunState.FAILED
        output.write(_error_line(error))
    _end(task, run, state, output, clock())
    return run


def _error_line(error: BaseException) -> str:
    words = str(error) if isinstance(error, CommandError) else f"{type(error).__name__}: {error}"
    return f"{words}\n"


def _end(task: Task, run: TaskRun, state: RunState, output: StringIO, now: datetime) -> None:
    """End a run, and delete runs of its task that have been kept long enough."""
    run.state, run.ended_at = state.value, now
    run.output = output.getvalue()[-MAX_OUTPUT:]
    run.save()
    TaskRun.objects.filter(task=task.name, started_at__lt=now - task.kept_for).delete()
