"""The ledger, read-only: all decisions, and its head."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from commitments.admin.base import ReadOnlyAdmin
from commitments.admin.erase_links import ErasableAdmin
from commitments.admin.words import done_sentence, note_text
from commitments.models import Decision, LedgerCheck, LedgerHead, RecordedContent
from commitments.models.querysets import DecisionQuerySet, narrowed


@admin.register(Decision)
class DecisionAdmin(ErasableAdmin):
    list_display = [
        "seq",
        "at",
        "done",
        "subject_key",
        "commitment",
        "update",
        "role",
        "actor",
        "shown_note",
    ]
    list_select_related = ["commitment__plan", "update__commitment__plan", "actor"]
    list_filter = ["action", "plan", "at"]
    search_fields = ["note", "hash"]
    ordering = ["-seq"]

    def get_queryset(self, request: HttpRequest) -> DecisionQuerySet:
        decisions = narrowed(super().get_queryset(request), DecisionQuerySet)
        return decisions.visible_to(request.user)

    @admin.display(description=gettext_lazy("action"), ordering="action")
    def done(self, decision: Decision) -> str:
        return done_sentence(decision)

    @admin.display(description=gettext_lazy("note"))
    def shown_note(self, decision: Decision) -> str:
        return note_text(decision)


@admin.register(RecordedContent)
class RecordedContentAdmin(ErasableAdmin):
    """What decisions recorded of plans, commitments, forums and the like."""

    list_display = ["decision", "subject_type", "subject_key", "sha256"]
    list_select_related = ["decision"]
    list_filter = ["subject_type"]
    search_fields = ["subject_key"]
    ordering = ["-id"]


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    list_display = ["at", "seq", "differences"]
    ordering = ["-id"]


@admin.register(LedgerHead)
class LedgerHeadAdmin(ReadOnlyAdmin):
    list_display = ["seq", "hash", "at"]
