"""Filters of lists by values that are not columns of the table."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from commitments.choices import Codes, CoverageGap, Freshness, LinkFilter, Role, Schedule
from commitments.clocks import Clock
from commitments.models import Forum, Office
from commitments.models.querysets import CommitmentQuerySet, EvidenceQuerySet, narrowed
from commitments.roles import choice_of


class CodeListFilter(admin.SimpleListFilter):
    """Filter by an annotation of the queryset, whose name is `parameter_name`."""

    codes: type[Codes]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(code.value, str(code.label)) for code in self.codes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        return queryset.filter((str(self.parameter_name), self.value()))


class FreshnessListFilter(CodeListFilter):
    title = gettext_lazy("freshness")
    parameter_name = "freshness"
    codes = Freshness


class ScheduleListFilter(CodeListFilter):
    title = gettext_lazy("schedule")
    parameter_name = "schedule"
    codes = Schedule


class CoverageListFilter(CodeListFilter):
    title = gettext_lazy("weak basis")
    parameter_name = "coverage"
    codes = CoverageGap

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        gap = self.value()
        if gap not in CoverageGap.values():
            return queryset
        return narrowed(queryset, CommitmentQuerySet).with_coverage_gaps(
            [gap], Clock(timezone.now())
        )


class LinkListFilter(CodeListFilter):
    """Filter by the latest result of checking the link, or what follows from it."""

    title = gettext_lazy("link")
    parameter_name = "link"
    codes = LinkFilter

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        value = self.value()
        return narrowed(queryset, EvidenceQuerySet).with_link([value]) if value else queryset


class RoleListFilter(admin.SimpleListFilter):
    """Filter people by a role that they hold; administrators hold all."""

    title = gettext_lazy("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(role.value, str(role.label)) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        groups = {role.value: role.group for role in Role}
        group = groups.get(self.value() or "")
        if group is None:
            return queryset
        return queryset.filter(Q(is_superuser=True) | Q(groups__name=group)).distinct()


class RelatedListFilter(admin.RelatedOnlyFieldListFilter):
    """Filter by a related row that occurs in the list. Each is looked for, since a list has far
    more rows than its filters have choices."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin) -> Any:
        order = self.field_admin_ordering(field, request, model_admin)
        found = self.occurring(request, model_admin)
        return field.get_choices(include_blank=False, limit_choices_to=found, ordering=order)

    def occurring(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> Q:
        """Return the condition that a related row occurs in the list."""
        rows = model_admin.get_queryset(request).order_by()
        return Q(Exists(rows.filter((self.field_path, OuterRef("pk")))))


class PersonListFilter(RelatedListFilter):
    """Filter by a person who occurs in the list; the choices are names."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin) -> Any:
        found = self.occurring(request, model_admin)
        people = User.objects.filter(found).order_by("username")
        return [(str(person.pk), choice_of(person)) for person in people]


class ForumListFilter(admin.SimpleListFilter):
    """Filter by a forum; its parts and the predecessors of both count as the forum."""

    title = gettext_lazy("partner forum")
    parameter_name = "forum"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(row.code, str(row)) for row in Forum.objects.in_order()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        return narrowed(queryset, CommitmentQuerySet).for_forums(
            Forum.objects.filter(code=self.value())
        )


class OfficeListFilter(admin.SimpleListFilter):
    """Filter by a lead or supporting office, or by whether there is none."""

    title = gettext_lazy("office")
    parameter_name = "office"
    NONE = "-"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        rows = Office.objects.order_by("code")
        none = (self.NONE, gettext("No office assigned"))
        return [none, *((row.code, str(row)) for row in rows)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        if self.value() == self.NONE:
            return queryset.filter(lead_office__isnull=True, supporting_offices__isnull=True)
        offices = Office.objects.filter(code=self.value()).values_list("pk", flat=True)
        return narrowed(queryset, CommitmentQuerySet).of_offices(offices)


class MemberOfficeListFilter(OfficeListFilter):
    """Filter people by an office that they are members of, or for those without an office."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        if not self.value():
            return queryset
        if self.value() == self.NONE:
            return queryset.filter(offices__isnull=True)
        return queryset.filter(offices__code=self.value())
