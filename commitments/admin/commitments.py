"""Commitments with their partner forums and milestones."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commitments import curation, history, planfile, policies
from commitments.admin.assignment import AssignmentForm
from commitments.admin.base import CuratorsInline, CuratorsKeep, ReasonForm, StaffReads
from commitments.admin.filters import ByCoverage, ByForum, ByFreshness, ByOffice, BySchedule
from commitments.bilingual import LANGUAGES
from commitments.choices import Freshness, Schedule, Status
from commitments.clocks import Clock
from commitments.exceptions import TrackerError
from commitments.models import (
    Commitment,
    Milestone,
    Office,
    Partnership,
    ProgressUpdate,
    WordingVersion,
)
from commitments.templatetags.tracker import on_day

# On a commitment's page; the list behind has them all.
LATEST = 8


class PartnershipInline(CuratorsInline):
    model = Partnership
    fields = [("forum", "quote_en", "quote_zh")]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)


class MilestoneInline(CuratorsInline):
    model = Milestone
    fields = [("title_en", "title_zh"), ("due_on", "done_on")]


class CommitmentForm(ReasonForm):
    """Offered are goals and areas of the commitment's own plan, and offices that are not closed."""

    class Meta:
        widgets = {
            "supporting_goals": forms.CheckboxSelectMultiple,
            "supporting_offices": forms.CheckboxSelectMultiple,
            **{
                f"{name}_{language}": forms.Textarea(attrs={"rows": 3, "cols": 80})
                for name in ("note", "kind_reason", "goal_reason")
                for language in LANGUAGES
            },
        }

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
                field.queryset = Office.objects.open()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for problem in planfile.named_twice(data):
            self.add_error(problem.place, problem.message)
        return data


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
    list_filter = [
        "plan",
        "status",
        ByFreshness,
        BySchedule,
        ByCoverage,
        "kind",
        ByOffice,
        ("goal", admin.RelatedOnlyFieldListFilter),
        ("area", admin.RelatedOnlyFieldListFilter),
        ByForum,
    ]
    actions = ["assign"]
    change_form_template = "admin/commitments/commitment/change_form.html"
    list_select_related = ["plan", "lead_office"]
    search_fields = ["number"]  # `get_search_results` says where words are looked for
    search_help_text = gettext_lazy("Code, title or text, in either language.")
    ordering = ["plan__code", "position"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "plan",
                    "number",
                    "text_sha256",
                    "area",
                    "title_en",
                    "title_zh",
                    "note_en",
                    "note_zh",
                ]
            },
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
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        queryset: Any = super().get_queryset(request)
        return queryset.at(Clock(now=timezone.now()))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fixed = ["plan", "number", "text_sha256"]
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
    def effective(self, commitment: Any) -> str:
        return on_day(commitment.claim_effective_on, commitment.claim_precision)

    @admin.display(description=gettext_lazy("freshness"))
    def freshness_label(self, commitment: Any) -> str:
        return str(Freshness(commitment.freshness).label) if commitment.freshness else "–"

    @admin.display(description=gettext_lazy("schedule"))
    def schedule_label(self, commitment: Any) -> str:
        return str(Schedule(commitment.schedule).label)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        return (queryset.search(search_term) if search_term else queryset), False

    # One commitment

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["subject"] = subject(request.user, kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)

    # Several

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return policies.may_curate(request.user)

    @admin.action(description=gettext_lazy("Assign offices and due dates"), permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: Any) -> Any:
        """Asks what to assign and why, and does it for all that were chosen, or for none."""
        asked = "reason" in request.POST
        form = AssignmentForm(request.POST if asked else None)
        rows = list(queryset.select_related("plan"))
        if asked and form.is_valid():
            try:
                count = curation.assign(
                    rows, by=cast(User, request.user), at=timezone.now(), **form.cleaned_data
                )
            except TrackerError as error:
                for problem in error.problems:
                    form.add_error(None, str(problem))
            else:
                sentence = ngettext(
                    "%(n)s commitment assigned.", "%(n)s commitments assigned.", count
                )
                self.message_user(request, sentence % {"n": count}, messages.SUCCESS)
                return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Assign offices and due dates"),
            "opts": self.opts,
            "commitments": rows,
            "form": form,
        }
        return TemplateResponse(request, "admin/commitments/commitment/assign.html", context)


def subject(user: Any, commitment: Any) -> dict[str, Any]:
    """What a commitment's page shows above its form."""
    updates: Any = ProgressUpdate.objects.visible_to(user).filter(commitment=commitment.pk)
    return {
        "commitment": commitment,
        "partnerships": list(commitment.partnerships.select_related("forum")),
        "updates": list(updates.order_by("-effective_on", "-id")[:LATEST]),
        "may_report": policies.may_report(user, commitment),
    }


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
