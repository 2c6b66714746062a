"""Choosing the commitment to report on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property

from commitments.admin.base.texts import terms_or_message
from commitments.admin.workbench.base import StaffPage, log_address
from commitments.admin.workbench.desk import what_is_late
from commitments.clocks import Clock
from commitments.db import whole_number
from commitments.models import Commitment, Meeting
from commitments.texts.scripts import folded

# In a longer list, the person has to search.
MAX_CHOICES = 100


class ChoosePage(StaffPage):
    """The commitments on which this person may report; `?q=` searches them, and leads to the form
    for one that it gives by its code or number. With `?meeting=` those of its forum, if there are
    any: each leads to a report from the meeting, and one alone is not asked for."""

    template_name = "workbench/choose.html"
    menu_entry = "log"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = self._found()
        named = self._named(found)
        if named is not None:
            report = f"?meeting={self.meeting.pk}" if self.meeting else ""
            return HttpResponseRedirect(f"{log_address(named.code)}{report}")
        return self.render_to_response(self.get_context_data(found=found))

    @cached_property
    def meeting(self) -> Meeting | None:
        """The meeting that the address names for a report from it; None if it names none."""
        named = whole_number(self.request.GET.get("meeting", ""))
        if named is None:
            return None
        return get_object_or_404(Meeting.objects.select_related("forum"), pk=named)

    def _named(self, found: Sequence[Commitment]) -> Commitment | None:
        """Return the only commitment that the query can mean, so that nobody has to choose; None if
        there is no such one."""
        query = self.request.GET.get("q")
        if query is None:
            return found[0] if self.meeting and len(found) == 1 else None
        words = folded(query)
        named = [row for row in found if words in (folded(row.code), folded(row.number))]
        return named[0] if len(named) == 1 else None

    def _found(self) -> list[Commitment]:
        terms = terms_or_message(self.request, self.request.GET.get("q", ""))
        rows = Commitment.objects.reportable_by(self.user).at(Clock(timezone.now()))
        rows = rows.none() if terms is None else rows.search(terms)
        rows = rows.select_related("plan").in_order()
        if self.meeting and "q" not in self.request.GET:
            of_forum = list(rows.for_forums([self.meeting.forum])[: MAX_CHOICES + 1])
            if of_forum:
                return of_forum
        return list(rows[: MAX_CHOICES + 1])

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        found = kwargs.pop("found")
        return super().get_context_data(
            query=self.request.GET.get("q", ""),
            meeting=self.meeting,
            commitments=[(row, what_is_late(row)) for row in found[:MAX_CHOICES]],
            has_more=len(found) > MAX_CHOICES,
            **kwargs,
        )
