"""The ledger, read-only: all decisions, and its head."""

from __future__ import annotations

import json

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments.admin.base.erase_links import ErasableAdmin
from commitments.admin.base.lists import code_at, names_at
from commitments.admin.base.pages import ReadOnlyAdmin
from commitments.admin.base.words import done_sentence, note_text, person_label, role_word
from commitments.models import (
    Checkpoint,
    Cosignature,
    Decision,
    LedgerCheck,
    LedgerHead,
    RecordedContent,
)
from commitments.models.querysets import DecisionQuerySet, narrowed

MAX_DETAILS_LENGTH = 4000


@admin.register(Decision)
class DecisionAdmin(ErasableAdmin):
    list_display = [
        "seq",
        "at",
        "done",
        "subject_key",
        "commitment",
        "update",
        "acted_as",
        "person",
        "shown_note",
    ]
    list_select_related = ["commitment__plan", "update__commitment__plan", "actor"]
    list_filter = ["action", "plan", "at"]
    search_fields = ["public_code", "subject_key", "actor__username", "actor_names", "note", "hash"]
    search_columns = {"public_code": code_at("commitment"), "actor_names": names_at("actor")}
    ordering = ["-seq"]
    # Salts and commitments are for programs that check the ledger.
    exclude = ["meta", "role", "note_salt", "note_commit", "actor", "actor_salt", "actor_commit"]
    readonly_fields = ["acted_as", "person", "details"]

    def get_queryset(self, request: HttpRequest) -> DecisionQuerySet:
        decisions = narrowed(super().get_queryset(request), DecisionQuerySet)
        return decisions.visible_to(request.user)

    @admin.display(description=gettext_lazy("action"), ordering="action")
    def done(self, decision: Decision) -> str:
        return done_sentence(decision)

    @admin.display(description=gettext_lazy("role"), ordering="role")
    def acted_as(self, decision: Decision) -> str:
        return role_word(decision.role)

    @admin.display(description=gettext_lazy("decided by"), ordering="actor")
    def person(self, decision: Decision) -> str:
        return person_label(decision.actor)

    @admin.display(description=gettext_lazy("other details"))
    def details(self, decision: Decision) -> SafeString:
        """Show only the beginning: loading a plan records a digest for each of its thousands of
        parts."""
        text = json.dumps(decision.meta, ensure_ascii=False, indent=2)
        rest = len(text) - MAX_DETAILS_LENGTH
        more = _("… and %(n)s more characters, which the API gives.") % {"n": rest}
        return format_html("<pre>{}</pre>{}", text[:MAX_DETAILS_LENGTH], more if rest > 0 else "")

    @admin.display(description=gettext_lazy("note"))
    def shown_note(self, decision: Decision) -> str:
        return note_text(decision)


@admin.register(RecordedContent)
class RecordedContentAdmin(ErasableAdmin):
    """The contents of plans, commitments, forums and the like that decisions recorded."""

    list_display = ["decision", "subject_type", "subject_key", "sha256"]
    list_select_related = ["decision"]
    list_filter = ["subject_type"]
    search_fields = ["subject_key"]
    ordering = ["-id"]


@admin.register(LedgerCheck)
class LedgerCheckAdmin(ReadOnlyAdmin):
    list_display = ["at", "seq", "differences"]
    ordering = ["-id"]


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    list_display = ["size", "root", "at"]
    ordering = ["-id"]


@admin.register(Cosignature)
class CosignatureAdmin(ReadOnlyAdmin):
    list_display = ["checkpoint", "key", "at"]
    list_select_related = ["checkpoint"]
    ordering = ["-id"]


@admin.register(LedgerHead)
class LedgerHeadAdmin(ReadOnlyAdmin):
    list_display = ["seq", "hash", "at"]
