"""What keeps a site running: its regular tasks, and whether its parts are in order."""

from commitments.operations.health import HealthReport, health_reports
from commitments.operations.runs import recorded_run, run_due
from commitments.operations.tasks import TASKS, Task

__all__ = ["TASKS", "HealthReport", "Task", "health_reports", "recorded_run", "run_due"]
