"""Decisions and the ledger's head, to read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from commitments.admin.base import StaffReads
from commitments.models import Decision, LedgerHead


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
