"""When the regular tasks of a site ran, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from commitments.choices import RunState
from commitments.models.base import BaseModel
from commitments.models.fields import CodeField


class TaskRun(BaseModel):
    """A run of one of the regular tasks, `operations.TASKS`. A task has at most one open run: the
    process that opens it runs the task."""

    task = models.CharField(_("task"), max_length=30)
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    state = CodeField(
        pgettext_lazy("of a message, task or subscriber", "state"),
        max_length=10,
        codes=RunState,
        default=RunState.RUNNING.value,
    )
    output = models.TextField(_("output"), blank=True)

    class Meta:
        verbose_name = _("run of a task")
        verbose_name_plural = _("runs of tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(ended_at__isnull=True), name="taskrun_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=RunState.RUNNING.value, ended_at__isnull=True)
                | ~Q(state=RunState.RUNNING.value) & Q(ended_at__isnull=False),
                name="taskrun_ended_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RunState.values()), name="taskrun_state_known"
            ),
        ]
        indexes = [models.Index(fields=["task", "-started_at"], name="taskrun_latest")]

    def __str__(self) -> str:
        return f"{self.task} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def failure(self) -> str:
        """The last line that a failed run wrote, which names the error; "" of any other run."""
        lines = self.output.splitlines() if self.state == RunState.FAILED else []
        return next((line for line in reversed(lines) if line.strip()), "")
