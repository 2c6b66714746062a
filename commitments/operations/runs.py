"""Running the tasks that are due, each only once, even if several processes run tasks.

A run still open after the `max_run` of its task is marked lost, and the task runs again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q, QuerySet

from commitments.choices import RunState
from commitments.models import TaskRun
from commitments.operations.tasks import BACKUP, TASKS, Task

_logger = logging.getLogger(__name__)

# Cron is a little early or late.
CRON_SLACK = timedelta(minutes=5)
# A failed task is tried again sooner.
FAILED_AGAIN_AFTER = timedelta(hours=1)
MAX_OUTPUT = 20_000

_Clock = Callable[[], datetime]


def run_due(tasks: Sequence[Task], clock: _Clock) -> Iterator[TaskRun]:
    """Run those of these tasks that are due, one after another, and yield the run of each once it
    has ended. `clock` returns the time, which goes on meanwhile. A task that fails does not keep
    the others from running."""
    for task in tasks:
        if is_due(task, clock()):
            run = _opened(task, clock())
            if run is not None:
                yield _performed(task, run, clock)


def is_due(task: Task, now: datetime) -> bool:
    """Return whether a task is to run: none of its runs is as recent as its interval."""
    return _is_due_after(latest_run(task), task, now)


def _is_due_after(last: TaskRun | None, task: Task, now: datetime) -> bool:
    if last is None or last.state == RunState.LOST or last.started_at > now + CRON_SLACK:
        # A start in the future means that the clock was wrong.
        return True
    if last.state == RunState.RUNNING:
        return now - last.started_at > task.max_run
    wait = FAILED_AGAIN_AFTER if last.state == RunState.FAILED else task.every
    return now - last.started_at >= min(wait, task.every) - CRON_SLACK


def latest_run(task: Task) -> TaskRun | None:
    return _runs_of(task).first()


def last_backup() -> TaskRun | None:
    """Return the latest run that made an archive of the site; None if none is on record."""
    return _runs_of(BACKUP).filter(state=RunState.DONE.value).first()


def _runs_of(task: Task) -> QuerySet[TaskRun]:
    return TaskRun.objects.filter(task=task.name).order_by("-started_at", "-pk")


@contextmanager
def recorded_run(name: str, clock: _Clock) -> Iterator[StringIO]:
    """Record what a command does inside the block as a run of the task with this name: yield where
    it writes what the record shows, and let its errors through. While another run of the task is
    open, as that of the tick which started the command, this one has no record of its own; nor
    while the database takes no rows: the command runs all the same."""
    task = next(task for task in (*TASKS, BACKUP) if task.name == name)
    run, output, state = None, StringIO(), RunState.FAILED
    with _unless_not_writable(task):
        run = _new_run(task, clock())
    try:
        yield output
        state = RunState.DONE
    except BaseException as error:
        output.write(_error_line(error))
        raise
    finally:
        if run is not None:
            with _unless_not_writable(task):
                _end(task, run, state, output, clock())


@contextmanager
def _unless_not_writable(task: Task) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        _logger.warning("A run of %s is not recorded: %s", task.name, error)


def settle_restored_runs(made_at: datetime, now: datetime) -> None:
    """Say of a restored database what is known of its runs: those that were open when the archive
    was made were cut off, but for the backup, whose archive, made at that time, is this one."""
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
    """Open a run and return it; None if somebody else has just opened one, or ended it meanwhile:
    once it is open, nobody else can open one. Whoever is killed before that is decided leaves none
    open, which would keep the others waiting until it counts as lost."""
    with transaction.atomic():
        run = _new_run(task, now)
        if run is None or _is_due_after(_runs_of(task).exclude(pk=run.pk).first(), task, now):
            return run
        run.delete()
    return None


def _new_run(task: Task, now: datetime) -> TaskRun | None:
    """Open a run and return it, None if one is open. One that was cut off is lost."""
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
    """End a run, and forget those of its task that are kept no longer."""
    run.state, run.ended_at = state.value, now
    run.output = output.getvalue()[-MAX_OUTPUT:]
    run.save()
    TaskRun.objects.filter(task=task.name, started_at__lt=now - task.kept_for).delete()
