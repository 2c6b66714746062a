"""Running a site: its regular tasks, and checks of whether its parts are in order."""

from commitments.operations.health import HealthReport, health_reports
from commitments.operations.runs import recorded_run, run_due, settle_restored_runs
from commitments.operations.tasks import BACKUP, TASKS, Task

__all__ = [
    "BACKUP",
    "TASKS",
    "HealthReport",
    "Task",
    "health_reports",
    "recorded_run",
    "run_due",
    "settle_restored_runs",
]
