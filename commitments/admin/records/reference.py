"""Plans, goals, areas, forums and offices."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commitments.access import policies
from commitments.admin.base.lists import code_at, names_at
from commitments.admin.base.pages import (
    CuratorAdmin,
    DeletableCuratorAdmin,
    ReadOnlyAdmin,
    ReasonForm,
)
from commitments.admin.records.filters import PersonListFilter, RelatedListFilter
from commitments.admin.records.worded import WordedMixin
from commitments.models import (
    ActionArea,
    Criterion,
    Forum,
    NothingNew,
    Office,
    Plan,
    PlanFile,
    Publisher,
    ReportCall,
    Snapshot,
    StrategicGoal,
)
from commitments.roles import choice_of, name_of
from commitments.texts.languages import language_name_for_reader
from commitments.texts.lists import ITEMS, join_list


class PlanForm(ReasonForm):
    """Offers a plan the visibilities that it may get."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, field = cast(Plan, self.instance), cast(Any, self.fields.get("visibility"))
        if field is not None:
            field.choices = [row for row in field.choices if policies.may_become(plan, row[0])]


@admin.register(Plan)
class PlanAdmin(WordedMixin, CuratorAdmin):
    """Only the notice and the settings of a plan can be edited; the rest comes from its file."""

    change_form_template = "admin/commitments/worded_change_form.html"
    form = PlanForm
    may_add = False
    list_display = ["code", "title", "adopted_on", "review_interval_days", "visibility"]
    ordering = ["code"]
    exclude = ["languages"]
    readonly_fields = ["code", "languages_by_name", "title", "issuer", "adopted_on", "time_zone"]

    @admin.display(description=_("languages"))
    def languages_by_name(self, plan: Plan) -> str:
        return join_list((language_name_for_reader(tag) for tag in plan.languages), ITEMS)


class NumberedAdmin(WordedMixin, ReadOnlyAdmin):
    """Parts of the plan's text, which only an amendment of the plan changes."""

    change_form_template = "admin/commitments/worded_change_form.html"
    list_display = ["number", "title", "plan"]
    list_display_links = ["title"]
    list_select_related = ["plan"]
    list_filter = ["plan"]
    ordering = ["plan__code", "number"]


@admin.register(StrategicGoal)
class GoalAdmin(NumberedAdmin):
    pass


@admin.register(ActionArea)
class AreaAdmin(NumberedAdmin):
    pass


@admin.register(PlanFile)
class PlanFileAdmin(ReadOnlyAdmin):
    """The files that plans were loaded from and amended by."""

    list_display = ["plan", "at", "sha256"]
    list_select_related = ["plan"]
    list_filter = ["plan"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("document")


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    """The frozen copies of the tables of plans."""

    list_display = ["plan", "quarter", "made_at", "size", "sha256", "withdrawn_by"]
    list_select_related = ["plan", "withdrawn_by"]
    list_filter = ["plan"]
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")


@admin.register(Criterion)
class CriterionAdmin(ReadOnlyAdmin):
    """A criterion never changes: it is replaced, by an amendment of the plan or by a curator on the
    page of its commitment."""

    list_display = ["commitment", "key", "text", "added_at", "retired_at"]
    list_display_links = ["key"]
    list_select_related = ["commitment__plan"]
    list_filter = [
        "commitment__plan",
        ("commitment__lead_office", RelatedListFilter),
        ("retired_at", admin.EmptyFieldListFilter),
    ]
    search_indexes = ["search_index", "commitment__search_index"]
    search_fields = ["public_code"]
    search_columns = {"public_code": code_at("commitment")}
    search_help_text = _("Search by code, title or text, in any language.")
    ordering = ["commitment__plan__code", "commitment__position", "position"]


@admin.register(Forum)
class ForumAdmin(DeletableCuratorAdmin):
    list_display = ["code", "name", "kind", "parent", "successor_of", "closed_on"]
    list_select_related = ["parent", "successor_of"]
    list_filter = ["kind"]
    search_indexes = ["search_index"]
    search_fields = ["code"]
    ordering = ["code"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        """A code appears in public addresses and never changes."""
        return ["code"] if obj else []


class OfficeForm(ReasonForm):
    """Offers as members who may sign in, by their names, the present members first."""

    class Meta:
        widgets = {"members": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(Any, self.fields.get("members"))
        if field is not None:
            office = cast(Office, self.instance)
            # An office that is being added has none; an empty list would make the condition fail.
            members = office.members.values("pk") if office.pk else [0]
            is_member = ExpressionWrapper(Q(pk__in=members), BooleanField())
            people = User.objects.alias(is_member=is_member)
            may_join = Q(is_active=True) | Q(is_member=True)
            field.queryset = people.filter(may_join).order_by("-is_member", "username")
            field.label_from_instance = choice_of


@admin.register(Office)
class OfficeAdmin(DeletableCuratorAdmin):
    form = OfficeForm
    list_display = ["code", "name", "member_names", "closed_on"]
    search_indexes = ["search_index"]
    search_fields = ["code"]
    ordering = ["code"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).prefetch_related("members")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> list[str] | tuple[str, ...]:
        return ["code"] if obj else []

    @admin.display(description=_("members"))
    def member_names(self, office: Office) -> str:
        return join_list(sorted(name_of(member) for member in office.members.all()))


@admin.register(Publisher)
class PublisherAdmin(DeletableCuratorAdmin):
    """Who published the sources. Publishers are added with the evidence that names them; curators
    add their names in other languages."""

    may_add = False
    list_display = ["name", "key"]
    search_indexes = ["search_index"]
    search_fields = ["key"]
    readonly_fields = ["key"]
    ordering = ["key"]


@admin.register(ReportCall)
class ReportCallAdmin(ReadOnlyAdmin):
    """The calls for reports; they are made on the page of the planning."""

    list_display = [
        "plan",
        "due_on",
        "asked_at",
        "asked_by",
        "note",
        "withdrawn_at",
        "withdrawal_reason",
    ]
    list_select_related = ["plan", "asked_by"]
    list_filter = ["plan", "due_on", ("asked_by", PersonListFilter)]
    ordering = ["-id"]


@admin.register(NothingNew)
class NothingNewAdmin(ReadOnlyAdmin):
    """The records of who checked a commitment and found nothing new."""

    list_display = ["commitment", "at", "by"]
    list_select_related = ["commitment__plan", "by"]
    list_filter = [
        "commitment__plan",
        ("commitment__lead_office", RelatedListFilter),
        ("by", PersonListFilter),
        "at",
    ]
    search_indexes = ["commitment__search_index"]
    search_fields = ["public_code", "by_names"]
    search_columns = {"public_code": code_at("commitment"), "by_names": names_at("by")}
    ordering = ["-id"]
