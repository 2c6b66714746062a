"""Commitments with their partner forums and milestones."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commitments import history, policies
from commitments.admin.base import CuratorsInline, CuratorsKeep, ReasonForm, StaffReads
from commitments.choices import Freshness, Schedule, Status
from commitments.clocks import Clock
from commitments.models import Commitment, Milestone, Partnership, WordingVersion

FROZEN = ["text_en", "text_zh", "text_sha256"]


class PartnershipInline(CuratorsInline):
    model = Partnership
    autocomplete_fields = ["forum"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)


class MilestoneInline(CuratorsInline):
    model = Milestone


class CommitmentForm(ReasonForm):
    """Offered are goals and areas of the commitment's own plan, and offices that are not closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("goal", "area", "supporting_goals"):
            field: Any = self.fields.get(name)
            if field is not None:
                field.queryset = field.queryset.filter(plan=self.instance.plan_id).order_by(
                    "number"
                )
        for name in ("lead_office", "supporting_offices"):
            field = self.fields.get(name)
            if field is not None:
                field.queryset = field.queryset.filter(closed_on__isnull=True).order_by("code")


@admin.register(Commitment)
class CommitmentAdmin(CuratorsKeep):
    """The text is frozen; curators keep the readings, the offices and the dates."""

    may_add = False
    form = CommitmentForm
    inlines = [PartnershipInline, MilestoneInline]
    list_display = [
        "code",
        "title",
        "kind",
        "current_status",
        "effective",
        "freshness_label",
        "schedule_label",
        "lead_office",
    ]
    list_display_links = ["code", "title"]
    list_filter = ["plan", "kind", "status", "goal", "area", "lead_office"]
    list_select_related = ["plan", "lead_office"]
    search_fields = ["number", "title_en", "title_zh", "text_en", "text_zh"]
    ordering = ["plan__code", "position"]
    filter_horizontal = ["supporting_goals", "supporting_offices"]
    fieldsets = [
        (None, {"fields": ["plan", "number", "area", "title_en", "title_zh"]}),
        (gettext_lazy("Text"), {"fields": [*FROZEN, "note_en", "note_zh"]}),
        (
            gettext_lazy("Current claim"),
            {"fields": ["current_status", "effective", "freshness_label", "claim", "log_progress"]},
        ),
        (
            gettext_lazy("Reading"),
            {
                "fields": [
                    "kind",
                    "kind_reason_en",
                    "kind_reason_zh",
                    "goal",
                    "goal_reason_en",
                    "goal_reason_zh",
                    "supporting_goals",
                ]
            },
        ),
        (
            gettext_lazy("Who and when"),
            {
                "fields": [
                    "lead_office",
                    "supporting_offices",
                    "start_on",
                    "due_on",
                    "schedule_label",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset: Any = super().get_queryset(request)
        return queryset.at(Clock(now=timezone.now()))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        shown = ["current_status", "effective", "freshness_label", "claim", "log_progress"]
        fixed = ["plan", "number", *FROZEN, *shown, "schedule_label"]
        claimed = isinstance(obj, Commitment) and policies.kind_is_fixed(obj)
        return [*fixed, "kind"] if claimed else fixed

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """The commitment's own history in place of the log of this page."""
        commitment = self.get_object(request, object_id)
        if commitment is None or not self.has_view_permission(request, commitment):
            return super().history_view(request, object_id, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %(code)s") % {"code": commitment.code},
            "opts": self.opts,
            "original": commitment,
            "events": history.of(commitment),
        }
        return TemplateResponse(request, "admin/commitments/commitment/history.html", context)

    @admin.display(description=gettext_lazy("commitment"), ordering="position")
    def code(self, commitment: Commitment) -> str:
        return commitment.code

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def current_status(self, commitment: Any) -> str:
        return str(Status(commitment.claim_status).label)

    @admin.display(description=gettext_lazy("effective on"), ordering="claim_effective_on")
    def effective(self, commitment: Any) -> Any:
        return commitment.claim_effective_on or "–"

    @admin.display(description=gettext_lazy("freshness"))
    def freshness_label(self, commitment: Any) -> str:
        return str(Freshness(commitment.freshness).label) if commitment.freshness else "–"

    @admin.display(description=gettext_lazy("schedule"))
    def schedule_label(self, commitment: Any) -> str:
        return str(Schedule(commitment.schedule).label)

    @admin.display(description=gettext_lazy("updates"))
    def claim(self, commitment: Any) -> str:
        everything = reverse("admin:commitments_progressupdate_changelist")
        return format_html(
            '<a href="{}?commitment__id__exact={}">{}</a>',
            everything,
            commitment.pk,
            _("All updates on this commitment"),
        )

    @admin.display(description=gettext_lazy("next"))
    def log_progress(self, commitment: Any) -> str:
        address = reverse("admin:commitments_progressupdate_add")
        return format_html(
            '<a href="{}?commitment={}">{}</a>', address, commitment.pk, _("Log progress")
        )


@admin.register(Milestone)
class MilestoneAdmin(StaffReads):
    """All milestones by date; they are edited on their commitment's page."""

    list_display = ["due_on", "title", "commitment", "done_on"]
    list_display_links = ["title"]
    list_select_related = ["commitment__plan"]
    list_filter = ["commitment__plan"]
    ordering = ["due_on", "id"]


@admin.register(Partnership)
class PartnershipAdmin(StaffReads):
    """Which commitment names which forum; edited on the commitment's page."""

    list_display = ["commitment", "forum", "quote"]
    list_select_related = ["commitment__plan", "forum"]
    list_filter = ["forum"]
    ordering = ["commitment__plan__code", "commitment__position", "id"]


@admin.register(WordingVersion)
class WordingVersionAdmin(StaffReads):
    """Wordings that an amendment replaced."""

    list_display = ["commitment", "text_sha256", "replaced_by"]
    list_select_related = ["commitment__plan", "replaced_by"]
    ordering = ["-replaced_by__seq", "commitment__position"]
