"""Filters of the commitments' list that ask what no column holds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from commitments.choices import Codes, Freshness, Schedule
from commitments.health import Coverage, LinkOutcome
from commitments.models import Forum, LinkCheck, Office


class _ByCode(admin.SimpleListFilter):
    """By a code of a closed list that the queryset is annotated with."""

    codes: type[Codes]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code.value, str(code.label)) for code in self.codes]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return (
            queryset.filter(**{str(self.parameter_name): self.value()})
            if self.value()
            else queryset
        )


class ByFreshness(_ByCode):
    title = gettext_lazy("freshness")
    parameter_name = "freshness"
    codes = Freshness


class BySchedule(_ByCode):
    title = gettext_lazy("schedule")
    parameter_name = "schedule"
    codes = Schedule


class ByCoverage(_ByCode):
    title = gettext_lazy("coverage")
    parameter_name = "coverage"
    codes = Coverage

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = self.value() in Coverage.values()
        return queryset.with_coverage([self.value()]) if known else queryset


class ByLink(_ByCode):
    """By what was found last, or dead."""

    title = gettext_lazy("link")
    parameter_name = "link"
    codes = LinkOutcome
    DEAD = "dead"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(self.DEAD, gettext_lazy("Dead")), *super().lookups(request, model_admin)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        latest = LinkCheck.objects.latest_of_each()
        dead = self.value() == self.DEAD
        found = latest.dead() if dead else latest.filter(outcome=self.value())
        return queryset.filter(pk__in=found.values("evidence"))


class ByForum(admin.SimpleListFilter):
    """Of the forum, of its parts, and of the predecessors of either."""

    title = gettext_lazy("partner forum")
    parameter_name = "forum"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(row.code, str(row)) for row in Forum.objects.in_order()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        return queryset.for_forums(Forum.objects.filter(code=self.value()))


class ByOffice(admin.SimpleListFilter):
    """That the office leads or supports; or that no office does."""

    title = gettext_lazy("office")
    parameter_name = "office"
    NONE = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        rows = Office.objects.order_by("code")
        none = (self.NONE, gettext_lazy("No office yet"))
        return [none, *((row.code, str(row)) for row in rows)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        if self.value() == self.NONE:
            return queryset.filter(lead_office__isnull=True, supporting_offices__isnull=True)
        return queryset.of_offices(Office.objects.filter(code=self.value()).values("pk"))
