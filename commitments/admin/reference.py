"""Plans, goals, areas, forums and offices."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commitments.admin.base import CuratorsKeep, CuratorsWrite, StaffReads
from commitments.models import ActionArea, Forum, Office, Plan, StrategicGoal


@admin.register(Plan)
class PlanAdmin(CuratorsWrite):
    """A plan comes from its file; here its notice and its settings are kept."""

    may_add = False
    list_display = ["code", "title", "adopted_on", "review_interval_days"]
    ordering = ["code"]
    readonly_fields = [
        "code",
        "title_en",
        "title_zh",
        "issuer_en",
        "issuer_zh",
        "adopted_on",
        "time_zone",
    ]


class NumberedAdmin(StaffReads):
    """Part of the plan's own text: an amendment of the plan file changes it."""

    list_display = ["number", "title", "plan"]
    list_display_links = ["title"]
    list_select_related = ["plan"]
    list_filter = ["plan"]
    ordering = ["plan__code", "number"]
    search_fields = ["title_en", "title_zh"]


@admin.register(StrategicGoal)
class GoalAdmin(NumberedAdmin):
    pass


@admin.register(ActionArea)
class AreaAdmin(NumberedAdmin):
    pass


@admin.register(Forum)
class ForumAdmin(CuratorsKeep):
    list_display = ["code", "name", "kind", "parent", "successor_of", "closed_on"]
    list_select_related = ["parent", "successor_of"]
    list_filter = ["kind"]
    search_fields = ["code", "name_en", "name_zh"]
    autocomplete_fields = ["parent", "successor_of"]
    ordering = ["code"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A public code never changes."""
        return ["code"] if obj else []


@admin.register(Office)
class OfficeAdmin(CuratorsKeep):
    """Members report on the commitments that the office leads or supports."""

    list_display = ["code", "name", "member_names", "closed_on"]
    search_fields = ["code", "name_en", "name_zh"]
    filter_horizontal = ["members"]
    ordering = ["code"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("members")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ["code"] if obj else []

    @admin.display(description=_("members"))
    def member_names(self, office: Office) -> str:
        return ", ".join(sorted(member.get_username() for member in office.members.all()))
