"""What every page of a plan has: the plan, the reader's clocks, and notices about the address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import django_filters as df
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from commitments.clocks import Clock, local_day
from commitments.filters import CommitmentFilter
from commitments.models import Plan
from commitments.querysets import CommitmentQuerySet
from commitments.views.forms import filled_in, from_a_form

CLOCKS = ("as_of", "known_at")
Filters = TypeVar("Filters", bound=df.FilterSet)
PUBLIC = AnonymousUser()


# Parameters that no form shows by their names.
ASKED = {
    "as_of": gettext_lazy("Day"),
    "known_at": gettext_lazy("Moment"),
    "changed_since": gettext_lazy("Changed since"),
}


def ignored(name: str, message: Any) -> str:
    """That a parameter says something wrong, and so selects nothing."""
    asked = f"{ASKED[name]} ({name})" if name in ASKED else name
    return _("%(name)s: %(message)s It was ignored.") % {"name": asked, "message": message}


class PlanPage(TemplateView):
    """A page of one plan. `parameters` are those of the query that the page understands; what it
    does not understand is told to the reader, and otherwise left alone."""

    parameters: tuple[str, ...] = CLOCKS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        address = from_a_form(request.GET, self.plan.time_zone, self.now)
        if address is not None:
            return redirect(f"{request.path}?{address.urlencode()}".rstrip("?"))
        return super().get(request, *args, **kwargs)

    @cached_property
    def plan(self) -> Plan:
        return get_object_or_404(Plan, code=self.kwargs["plan"])

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def notices(self) -> list[str]:
        """What the query says that this page does not understand."""
        return []

    @cached_property
    def query(self) -> QueryDict:
        """What of the address this page understands."""
        query = self.request.GET.copy()
        for name in list(query):
            if name not in self.parameters:
                del query[name]
                sentence = _("This page does not know the parameter “%(name)s”.")
                self.notices.append(sentence % {"name": name})
        return query

    def valid(self, make: Callable[[QueryDict], Filters]) -> Filters:
        """The filter set of the query; what it says wrongly is told and left out."""
        while True:
            filterset = make(self.query)
            if filterset.is_valid():
                return filterset
            for name, messages in filterset.form.errors.items():
                self.notices += [ignored(name, message) for message in messages]
                self.query.pop(name, None)

    @cached_property
    def filterset(self) -> CommitmentFilter:
        """The commitments of the plan that the query selects."""
        return self.valid(self.commitments_by)

    def commitments_by(self, query: QueryDict) -> CommitmentFilter:
        rows = self.plan.commitments.in_order()
        return CommitmentFilter(query, queryset=rows, now=self.now, user=PUBLIC, plans=[self.plan])

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
        day, adopted = clock.day(self.plan.time_zone), self.plan.adopted_on
        clocks = {name: self.query[name] for name in CLOCKS if name in self.query}
        return super().get_context_data(**kwargs) | {
            "plan": self.plan,
            "clock": clock,
            "day": day,
            "today": local_day(self.now, self.plan.time_zone),
            # What the form of the clocks passes on.
            "kept": [name for name in self.query if name not in CLOCKS],
            # What links within the plan carry along.
            "clocks": clocks,
            "clock_query": f"?{urlencode(clocks)}" if clocks else "",
            "notices": self.notices,
            "too_early": adopted is not None and day < adopted,
            "canonical": self._canonical(),
        }

    def _canonical(self) -> str:
        """The page's own address: of the query only what it understands and what says something."""
        query = filled_in(self.query).urlencode()
        return self.request.build_absolute_uri(self.request.path + (f"?{query}" if query else ""))
