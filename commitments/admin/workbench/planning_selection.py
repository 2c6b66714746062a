"""Which commitments of a plan the planning table shows, by the query of its address."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from commitments.admin.base.texts import terms_or_message
from commitments.db import storable
from commitments.models import Office, Plan
from commitments.models.querysets import CommitmentQuerySet

# As in the addresses of public pages and of the API.
NO_OFFICE = "none"


class PlanningSelection(View):
    """The commitments that a query selects: `?q=` searches, `?office=` takes those that an office
    leads or supports, or those without one, and `?open=1` those on which reports were called for
    and which nobody has answered."""

    @cached_property
    def plan(self) -> Plan:
        return get_object_or_404(Plan, code=self.kwargs["code"])

    @property
    def query(self) -> str:
        return self.request.GET.get("q", "")

    @property
    def only_open(self) -> bool:
        return self.request.GET.get("open", "") == "1"

    @cached_property
    def office(self) -> Office | str:
        """The office that was chosen, `NO_OFFICE`, or "" for all. For an unknown office, add a
        message."""
        given = self.request.GET.get("office", "")
        if given in ("", NO_OFFICE):
            return given
        office = Office.objects.filter(code__in=storable([given])).first()
        if office is None:
            message = _("There is no office “%(code)s”.") % {"code": given}
            messages.warning(self.request, message)
        return office or ""

    def selected(self) -> CommitmentQuerySet:
        terms = terms_or_message(self.request, self.query)
        rows = self.plan.commitments.all()
        rows = rows.none() if terms is None else rows.search(terms)
        if self.office == NO_OFFICE:
            rows = rows.of_offices([], or_none=True)
        elif isinstance(self.office, Office):
            rows = rows.of_offices([self.office.pk])
        if self.only_open:
            unanswered = self.plan.commitments.all().unanswered()
            rows = rows.filter(pk__in=unanswered.order_by().values("pk"))
        return rows
