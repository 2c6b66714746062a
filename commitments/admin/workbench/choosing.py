"""Choosing the commitment to report on."""

from __future__ import annotations

from django.utils import timezone

from commitments.admin.texts import terms_or_message
from commitments.admin.workbench.base import StaffPage
from commitments.clocks import Clock
from commitments.models import Commitment

# A longer list is searched.
MAX_CHOICES = 100


class ChoosePage(StaffPage):
    """The commitments on which this person may report; `?q=` searches them."""

    template_name = "workbench/choose.html"
    menu_entry = "log"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        query = self.request.GET.get("q", "")
        terms = terms_or_message(self.request, query)
        rows = Commitment.objects.reportable_by(self.user).at(Clock(timezone.now()))
        rows = rows.none() if terms is None else rows.search(terms)
        found = list(rows.select_related("plan").in_order()[: MAX_CHOICES + 1])
        return super().get_context_data(
            query=query,
            commitments=found[:MAX_CHOICES],
            has_more=len(found) > MAX_CHOICES,
            **kwargs,
        )
