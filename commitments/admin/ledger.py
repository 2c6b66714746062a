"""The ledger, read-only: all decisions, its head, and the decisions on an update's page."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base import ReadOnlyAdmin
from commitments.admin.erase_links import ErasableAdmin
from commitments.choices import Action
from commitments.models import Decision, LedgerCheck, LedgerHead, RecordedContent
from commitments.models.querysets import DecisionQuerySet, narrowed
from commitments.roles import is_staff


def person_label(user: User | None) -> str:
    """Return the user name as text: most readers may not open the page of the account."""
    return user.get_username() if user else "–"


def done_sentence(decision: Decision) -> str:
    """Return what was decided, in the past tense."""
    return str(Action(decision.action).done)


def note_text(decision: Decision) -> str:
    """Return the note of a decision, or that it was erased."""
    return _("(erased)") if decision.note_is_erased else decision.note


class DecisionInline(admin.TabularInline):
    model = Decision
    fields = ("at", "done", "role", "who", "shown_note")
    readonly_fields = ["at", "done", "role", "who", "shown_note"]
    extra = 0
    can_delete = False
    ordering = ["seq"]

    @admin.display(description=gettext_lazy("action"))
    def done(self, decision: Decision) -> str:
        return done_sentence(decision)

    @admin.display(description=gettext_lazy("decided by"))
    def who(self, decision: Decision) -> str:
        return person_label(decision.actor)

    @admin.display(description=gettext_lazy("note"))
    def shown_note(self, decision: Decision) -> str:
        return note_text(decision)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).select_related("actor")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


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
