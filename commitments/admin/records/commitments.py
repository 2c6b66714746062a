"""Commitments with their partner forums and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commitments.access import policies
from commitments.admin.base.lists import code_at
from commitments.admin.base.pages import (
    CuratorInline,
    DeletableCuratorAdmin,
    ReadOnlyAdmin,
    ReasonForm,
)
from commitments.admin.base.texts import terms_or_message
from commitments.admin.records.assignment import AssignmentForm
from commitments.admin.records.filters import (
    CoverageListFilter,
    ForumListFilter,
    FreshnessListFilter,
    OfficeListFilter,
    RelatedListFilter,
    ScheduleListFilter,
)
from commitments.admin.records.keyed_rows import CriterionInline, KeyedFormSet, MilestoneInline
from commitments.admin.records.worded import WordedMixin
from commitments.choices import DatePrecision, Freshness, Kind, Schedule, Status
from commitments.clocks import Clock
from commitments.curation import edits
from commitments.exceptions import TrackerError
from commitments.models import (
    Commitment,
    Milestone,
    Office,
    Partnership,
    ProgressUpdate,
)
from commitments.models.querysets import CommitmentQuerySet, MilestoneQuerySet, narrowed
from commitments.roles import signed_in
from commitments.templatetags.tracker import on_day

if TYPE_CHECKING:
    from commitments.models.querysets.commitments import CommitmentAtClock
    from commitments.models.querysets.milestones import MilestoneAtClock
    from commitments.roles import Person

# On a commitment's page, which links to the list of all updates.
MAX_LATEST_UPDATES = 8


class PartnershipInline(CuratorInline):
    model = Partnership
    fields = ["forum", "quote"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return policies.may_curate(request.user)


class CommitmentForm(ReasonForm):
    """Offers the goals and areas of the commitment's plan, and the offices that are not closed."""

    instance: Commitment

    class Meta:
        widgets = {
            "supporting_goals": forms.CheckboxSelectMultiple,
            "supporting_offices": forms.CheckboxSelectMultiple,
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

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        for problem in edits.mismatch_problems(data):
            # A goal that was refused is missing in `data`, but it was given.
            if problem.place != "goal_reason" or "goal" not in self.errors:
                self.add_error(problem.place, problem.message)
        # Once the kind is fixed it is not a field of the form, so Django does not check the
        # constraint.
        if "kind" not in self.fields:
            if data.get("due_on") and self.instance.kind == Kind.STANDING:
                self.add_error("due_on", _("Only a deliverable can have a due date."))
            if data.get("ends_on") and self.instance.kind == Kind.DELIVERABLE:
                self.add_error("ends_on", _("Only a standing duty can have an end date."))
        return data


@admin.register(Commitment)
class CommitmentAdmin(WordedMixin, DeletableCuratorAdmin):
    """Curators edit the reading, the offices and the dates; only an amendment of the plan changes
    the text."""

    may_add = False
    form = CommitmentForm
    inlines = [PartnershipInline, CriterionInline, MilestoneInline]
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
        FreshnessListFilter,
        ScheduleListFilter,
        CoverageListFilter,
        "kind",
        OfficeListFilter,
        ("goal", RelatedListFilter),
        ("area", RelatedListFilter),
        ForumListFilter,
    ]
    actions = ["assign"]
    change_form_template = "admin/commitments/commitment/change_form.html"
    list_select_related = ["plan", "lead_office"]
    search_fields = ["number"]  # Shows the search box; see `get_search_results`.
    search_help_text = gettext_lazy("Search by code, title or text, in any language.")
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
                    "title",
                    "note",
                ]
            },
        ),
        (
            gettext_lazy("Reading"),
            {
                "fields": [
                    "kind",
                    "kind_reason",
                    "goal",
                    "goal_reason",
                    "supporting_goals",
                    "criteria_reason",
                ]
            },
        ),
        (
            gettext_lazy("Offices and dates"),
            {
                "fields": [
                    "lead_office",
                    "supporting_offices",
                    ("start_on", "due_on", "ends_on"),
                ]
            },
        ),
    ]

    def save_formset(
        self, request: HttpRequest, form: CommitmentForm, formset: Any, change: bool
    ) -> None:
        """Save criteria and milestones as of the time of the change."""
        if isinstance(formset, KeyedFormSet):
            formset.save_at(form.change_reason)
        else:
            super().save_formset(request, form, formset, change)

    def get_queryset(self, request: HttpRequest) -> CommitmentQuerySet:
        queryset = narrowed(super().get_queryset(request), CommitmentQuerySet)
        return queryset.at(Clock(now=timezone.now()))

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        fixed = ["plan", "number", "text_sha256"]
        kind_is_fixed = isinstance(obj, Commitment) and policies.kind_is_fixed(obj)
        return [*fixed, "kind"] if kind_is_fixed else fixed

    @admin.display(description=gettext_lazy("commitment"), ordering="position")
    def code(self, commitment: Commitment) -> str:
        return commitment.code

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def current_status(self, commitment: CommitmentAtClock) -> str:
        return str(Status(commitment.assessment_status).label)

    @admin.display(description=gettext_lazy("date"), ordering="assessment_effective_on")
    def effective(self, commitment: CommitmentAtClock) -> str:
        return on_day(commitment.assessment_effective_on, commitment.assessment_precision)

    @admin.display(description=gettext_lazy("freshness"))
    def freshness_label(self, commitment: CommitmentAtClock) -> str:
        return str(Freshness(commitment.freshness).label) if commitment.freshness else "–"

    @admin.display(description=gettext_lazy("schedule"))
    def schedule_label(self, commitment: CommitmentAtClock) -> str:
        return str(Schedule(commitment.schedule).label)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Commitment], search_term: str
    ) -> tuple[QuerySet[Commitment], bool]:
        terms = terms_or_message(request, search_term)
        if terms is None:
            return queryset.none(), False
        return narrowed(queryset, CommitmentQuerySet).search(terms), False

    # One commitment

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["subject"] = commitment_context(request.user, kwargs["obj"])
        return super().render_change_form(request, context, *args, **kwargs)

    # Several commitments

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return policies.may_curate(request.user)

    @admin.action(description=gettext_lazy("Assign offices and due dates"), permissions=["assign"])
    def assign(self, request: HttpRequest, queryset: QuerySet[Commitment]) -> HttpResponse | None:
        """Show the form or, once it is submitted, change all selected commitments or none."""
        submitted = "reason" in request.POST
        form = AssignmentForm(request.POST if submitted else None)
        rows = list(queryset.select_related("plan"))
        if submitted and form.is_valid():
            try:
                count = edits.assign(
                    rows, by=signed_in(request.user), at=timezone.now(), **form.cleaned_data
                )
            except TrackerError as error:
                for sentence in map(str, error.problems) if error.problems else [str(error)]:
                    form.add_error(None, sentence)
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


def commitment_context(user: Person, commitment: Commitment) -> dict[str, object]:
    """Return what a commitment's page shows above its form."""
    updates = ProgressUpdate.objects.visible_to(user).with_is_withheld(user)
    updates = updates.filter(commitment=commitment.pk)
    return {
        "commitment": commitment,
        "partnerships": list(commitment.partnerships.select_related("forum")),
        "updates": list(updates.order_by("-effective_on", "-id")[:MAX_LATEST_UPDATES]),
        "may_report": policies.may_report(user, commitment),
    }


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyAdmin):
    """The milestones in use by date; they are edited on their commitment's page."""

    list_display = ["due_on", "key", "title", "commitment", "met_on"]
    list_display_links = ["title"]
    list_select_related = ["commitment__plan"]
    list_filter = [
        "commitment__plan",
        ("commitment__lead_office", RelatedListFilter),
        "due_on",
    ]
    search_indexes = ["search_index", "commitment__search_index"]
    search_fields = ["public_code"]
    search_columns = {"public_code": code_at("commitment")}
    search_help_text = gettext_lazy("Search by code, title or text, in any language.")
    ordering = ["due_on", "id"]
    fields = ["commitment", "key", "title", "due_on"]

    def get_queryset(self, request: HttpRequest) -> MilestoneQuerySet:
        rows = narrowed(super().get_queryset(request), MilestoneQuerySet)
        return rows.at(Clock(now=timezone.now()))

    @admin.display(description=gettext_lazy("met on"))
    def met_on(self, milestone: MilestoneAtClock) -> str:
        return on_day(milestone.met_on, milestone.met_precision or DatePrecision.DAY.value)


@admin.register(Partnership)
class PartnershipAdmin(ReadOnlyAdmin):
    """The forums that commitments name; they are edited on the commitment's page."""

    list_display = ["commitment", "forum", "quote"]
    list_select_related = ["commitment__plan", "forum"]
    list_filter = ["commitment__plan", "forum"]
    search_indexes = ["commitment__search_index", "forum__search_index"]
    search_fields = ["public_code", "forum__code"]
    search_columns = {"public_code": code_at("commitment")}
    ordering = ["commitment__plan__code", "commitment__position", "id"]
