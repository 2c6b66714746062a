"""What every page of a plan has: the plan, the reader's clocks, and notices about the address."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from commitments.clocks import Clock
from commitments.filters import CommitmentFilter
from commitments.models import Plan
from commitments.querysets import CommitmentQuerySet

CLOCKS = ("as_of", "known_at")
PUBLIC = AnonymousUser()


class PlanPage(TemplateView):
    """A page of one plan. `parameters` are those of the query that the page understands; what it
    does not understand is told to the reader, and otherwise left alone."""

    parameters: tuple[str, ...] = CLOCKS
    notices: list[str]

    @cached_property
    def plan(self) -> Plan:
        return get_object_or_404(Plan, code=self.kwargs["plan"])

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """The commitments of the plan that the query selects; what it says wrongly is left out."""
        self.notices = []
        query = self._understood()
        while True:
            rows = self.plan.commitments.in_order()
            filterset = CommitmentFilter(query, rows, now=self.now, user=PUBLIC, plans=[self.plan])
            if filterset.is_valid():
                return filterset
            for name, messages in filterset.form.errors.items():
                self.notices += [f"{name}: {message}" for message in messages]
                query.pop(name, None)

    def _understood(self) -> QueryDict:
        query = self.request.GET.copy()
        for name in list(query):
            if name not in self.parameters:
                del query[name]
                sentence = _("This page does not know the parameter “%(name)s”.")
                self.notices.append(sentence % {"name": name})
        return query

    @property
    def selected(self) -> CommitmentQuerySet:
        """The commitments that the query selects, each as it stands under the clock."""
        rows: Any = self.filterset.qs
        return cast(CommitmentQuerySet, rows)

    @property
    def clock(self) -> Clock:
        return self.filterset.clock

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        clock = self.clock
        understood: Any = self.filterset.form.data
        query = {name: understood[name] for name in CLOCKS if name in understood}
        return super().get_context_data(**kwargs) | {
            "plan": self.plan,
            "clock": clock,
            "day": clock.day(self.plan.time_zone),
            # What links within the plan carry along.
            "clock_query": f"?{urlencode(query)}" if query else "",
            "notices": self.notices,
        }
