"""The offices of a plan, and the page of one."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from commitments import rollups
from commitments.models import Office
from commitments.models.querysets import CommitmentQuerySet
from commitments.pages import charts
from commitments.pages.base import PlanPage
from commitments.pages.groups import GroupPage
from commitments.pages.rows import ListedCommitment


class OfficesPage(PlanPage):
    """The offices that lead or support commitments of the plan."""

    template_name = "commitments/offices.html"
    menu_entry = "offices"
    needs = ("offices",)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        report = rollups.report(self.selected, "office", self.filterset.activity)
        groups = charts.chart_rows(report.groups, "office", self.interval)
        return super().get_context_data(groups=groups, **kwargs)


class OfficePage(GroupPage):
    """An office: the commitments that it leads, then those that it supports."""

    template_name = "commitments/office.html"
    menu_entry = "offices"
    needs = ("offices",)

    def members(self) -> CommitmentQuerySet:
        return self.listed.of_offices([self.office.pk])

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.office = get_object_or_404(Office, code=self.kwargs["code"])
        context = super().get_context_data(group_filters={"office": self.office.code}, **kwargs)
        led = [row.lead_office_id == self.office.pk for row in self.rows]
        pairs = list(zip(self.rows, led, strict=True))
        return context | {
            "office": self.office,
            "commitments": [ListedCommitment(row) for row, leads in pairs if leads],
            "supported_commitments": [ListedCommitment(row) for row, leads in pairs if not leads],
        }
