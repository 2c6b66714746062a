"""The runs of the regular tasks, read-only."""

from __future__ import annotations

from django.contrib import admin

from commitments.admin.base.pages import AdministratorsAdmin
from commitments.models import TaskRun


@admin.register(TaskRun)
class TaskRunAdmin(AdministratorsAdmin):
    list_display = ["task", "started_at", "ended_at", "state"]
    list_filter = ["task", "state"]
    ordering = ["-started_at", "-pk"]
