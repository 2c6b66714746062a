"""The runs of the regular tasks, read-only."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from commitments.access import policies
from commitments.admin.base import ReadOnlyAdmin
from commitments.models import TaskRun


@admin.register(TaskRun)
class TaskRunAdmin(ReadOnlyAdmin):
    list_display = ["task", "started_at", "ended_at", "state"]
    list_filter = ["task", "state"]
    ordering = ["-started_at", "-pk"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_manage_accounts(request.user)
