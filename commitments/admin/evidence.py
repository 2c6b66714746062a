"""Evidence: beside its update while that is written, and all of it to search."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from commitments import policies, workflow
from commitments.admin.base import StaffReads
from commitments.admin.dates import DAYS
from commitments.admin.update_forms import EvidenceForm
from commitments.models import Evidence, ProgressUpdate
from commitments.roles import is_staff


def may_write(request: HttpRequest, update: Model | None) -> bool:
    """A new update is a reporter's; a present one whoever's the workflow says."""
    if isinstance(update, ProgressUpdate) and update.pk:
        return workflow.may_write(request.user, update)
    return policies.is_reporter(request.user)


class EvidenceInline(admin.StackedInline):
    """Evidence while its update may be written, else to read."""

    model = Evidence
    form = EvidenceForm
    formfield_overrides = DAYS
    extra = 0
    fields = [
        ("title", "publisher"),
        "url",
        "citation",
        ("kind", "source"),
        ("language", "dated_on", "public"),
    ]

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        """A new update begins with a place for its first source."""
        return 0 if obj else 1

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_write(request, obj)


@admin.register(Evidence)
class EvidenceAdmin(StaffReads):
    """All evidence, to search; it is written on its update's page."""

    list_display = ["title", "publisher", "kind", "source", "public", "update"]
    list_filter = ["source", "kind", "public"]
    search_fields = ["title", "publisher", "url", "citation"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Evidence.objects.visible_to(request.user).select_related("update__commitment__plan")
