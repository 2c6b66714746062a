"""Decisions and the ledger's head, to read; of one update also on its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from commitments.admin.base import StaffReads
from commitments.models import Decision, LedgerHead
from commitments.roles import is_staff


def name_of(user: User | None) -> str:
    """Of a person, without a link: accounts are the administrator's."""
    return user.get_username() if user else "–"


class DecisionInline(admin.TabularInline):
    """What was decided on the update, by whom and why."""

    model = Decision
    fields = ("at", "action", "role", "who", "note")
    readonly_fields = ["at", "action", "role", "who", "note"]
    extra = 0
    can_delete = False
    ordering = ["seq"]

    @admin.display(description=gettext_lazy("who"))
    def who(self, decision: Decision) -> str:
        return name_of(decision.actor)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("actor")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Decision)
class DecisionAdmin(StaffReads):
    list_display = ["seq", "at", "action", "commitment", "update", "role", "actor", "note"]
    list_select_related = ["commitment__plan", "update__commitment__plan", "actor"]
    list_filter = ["action", "plan", "at"]
    search_fields = ["note", "hash"]
    ordering = ["-seq"]

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset: Any = super().get_queryset(request)
        return queryset.visible_to(request.user)


@admin.register(LedgerHead)
class LedgerHeadAdmin(StaffReads):
    list_display = ["seq", "hash", "at"]
