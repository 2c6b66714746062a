"""The list of a plan's offices, and the page of one office."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Case, When
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from commitments import rollups
from commitments.models import Office
from commitments.models.querysets import CommitmentQuerySet
from commitments.pages import charts
from commitments.pages.base import PlanPage
from commitments.pages.grid import Heading
from commitments.pages.groups import GroupPage


class OfficesPage(PlanPage):
    """The offices that lead or support commitments of the plan."""

    template_name = "commitments/offices.html"
    menu_entry = "offices"
    needs = ("offices",)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        report = rollups.report(self.filterset.qs, "office", self.filterset.activity)
        groups = charts.chart_rows(report.groups, "office", self.interval, self.day)
        return super().get_context_data(groups=groups, **kwargs)


class OfficePage(GroupPage):
    """An office: the commitments that it leads, then those that it supports."""

    template_name = "commitments/office.html"
    picture_route = "office-picture"
    menu_entry = "offices"
    needs = ("offices",)
    office: Office

    def members(self) -> CommitmentQuerySet:
        led_first = Case(When(lead_office=self.office.pk, then=0), default=1)
        rows: Any = self.listed.of_offices([self.office.pk])
        return cast(CommitmentQuerySet, rows.order_by(led_first, "position", "id"))

    def heading(self, commitment: Any) -> Heading | None:
        leads = commitment.lead_office_id == self.office.pk
        return Heading(_("Leads") if leads else _("Supports"))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        self.office = self.subject = get_object_or_404(Office, code=self.kwargs["code"])
        filters = {"office": self.office.code}
        return super().get_context_data(
            office=self.office, group_filters=filters, share_alt=self.office.name, **kwargs
        )
