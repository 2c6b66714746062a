"""Evidence on the page of its update, where it is edited, and in lists, with its link checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import workflow
from commitments.access import policies
from commitments.admin.base import ReadOnlyAdmin
from commitments.admin.dates import DAYS
from commitments.admin.filters import LinkListFilter
from commitments.admin.texts import AllLanguagesMixin
from commitments.admin.update_forms import EvidenceForm, EvidenceFormSet, commitment_of, stored_file
from commitments.links import checks
from commitments.models import Evidence, LinkCheck, ProgressUpdate
from commitments.roles import is_staff
from commitments.templatetags.tracker import on_day

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldGroups


def may_change_evidence(request: HttpRequest, update: Model | None) -> bool:
    """Return whether the user may now edit this update with its evidence, or create one if it is
    None."""
    if isinstance(update, ProgressUpdate) and update.pk:
        return workflow.may_edit_now(request.user, update)
    return policies.is_reporter(request.user)


class EvidenceInline(AllLanguagesMixin, admin.StackedInline):
    """The evidence of an update, read-only if the update cannot be edited."""

    model = Evidence
    form = EvidenceForm
    formset = EvidenceFormSet
    formfield_overrides = DAYS
    extra = 0
    fields = [
        "title",
        "publisher_name",
        "url",
        "upload",
        "citation",
        ("kind", "source"),
        ("language", "dated_on", "public"),
    ]

    # Shown only where the evidence cannot be edited.
    fields_when_read_only = ("link_state", "archived_url")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).prefetch_related("link_checks")

    def get_formset(
        self, request: HttpRequest, obj: Model | None = None, **kwargs: object
    ) -> type[EvidenceFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        named = request.POST.get("commitment") or request.GET.get("commitment")
        known = {
            "refused": getattr(request, "refused", ()),
            "commitment": commitment_of(named) if obj is None else None,
        }
        return type(formset.__name__, (formset,), known)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> _FieldGroups:
        """Replace what only a form has where the evidence cannot be edited."""
        if may_change_evidence(request, obj):
            return self.fields
        instead = {"upload": "stored", "publisher_name": "publisher"}
        fields = [instead.get(str(name), name) for name in self.fields]
        return [*fields, self.fields_when_read_only]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        return () if may_change_evidence(request, obj) else ("stored", *self.fields_when_read_only)

    @admin.display(description=gettext_lazy("file"))
    def stored(self, evidence: Evidence) -> str:
        return stored_file(evidence)

    @admin.display(description=gettext_lazy("link status"))
    def link_state(self, evidence: Evidence) -> str:
        return link_state(evidence)

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: object) -> int:
        """Return the number of empty forms: one on the page of a new update."""
        return 0 if obj else 1

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change_evidence(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change_evidence(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_change_evidence(request, obj)


def link_state(evidence: Evidence) -> str:
    """Return the state of a link as text, or a dash if it was never checked."""
    health = checks.health_of(evidence)
    if health is None:
        return "–"
    if not health.dead:
        return str(health.status.label)
    good_on = timezone.localdate(health.good_at) if health.good_at else None
    if good_on is None:
        return _("Dead")
    return _("Dead; last reached on %(day)s") % {"day": on_day(good_on)}


@admin.register(LinkCheck)
class LinkCheckAdmin(ReadOnlyAdmin):
    """The results of link checks over time."""

    list_display = ["evidence", "url", "status", "detail", "first_at", "last_at", "checks"]
    list_filter = ["status"]
    search_indexes = ["evidence__search_index"]
    search_fields = ["url", "moved_to"]
    ordering = ["-last_at", "-id"]
    exclude = ["fingerprint", "validator"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LinkCheck]:
        visible = Evidence.objects.visible_to(request.user)
        rows = LinkCheck.objects.filter(evidence__in=visible.values("pk"))
        return rows.select_related("evidence")


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    """All evidence; it is edited on the page of its update."""

    list_display = ["title", "publisher", "kind", "source", "public", "link_state", "update"]
    list_filter = ["source", "kind", "public", LinkListFilter]
    search_indexes = ["search_index", "publisher__search_index"]
    search_fields = ["url", "citation"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        rows = Evidence.objects.visible_to(request.user)
        return rows.select_related("update__commitment__plan").prefetch_related("link_checks")

    @admin.display(description=gettext_lazy("link"))
    def link_state(self, evidence: Evidence) -> str:
        return link_state(evidence)
