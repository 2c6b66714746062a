"""Reading: reference data, commitments and roll-ups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet
from rest_framework.generics import get_object_or_404

from commitments.api.exports import Export, ExportedList, page_of
from commitments.api.lists import DetailToo, ListView
from commitments.api.serializers import reference
from commitments.api.serializers.commitments import CommitmentSerializer
from commitments.api.strict import FilterBackend
from commitments.clocks import Clock
from commitments.converters import NAME
from commitments.exports import commitments as table
from commitments.exports import ogp
from commitments.exports.tables import CSV, XLSX
from commitments.filters import (
    AreaFilter,
    CommitmentFilter,
    ForumFilter,
    GoalFilter,
    MilestoneFilter,
)
from commitments.models import (
    ActionArea,
    Commitment,
    Forum,
    Milestone,
    Office,
    Plan,
    StrategicGoal,
)

# What an address may hold in place of a code; the rest is not found.
CODE = "[A-Z0-9_-]+"


class PlanView(ListView, DetailToo):
    """Published action plans."""

    queryset = Plan.objects.annotate(commitment_count=Count("commitments")).order_by("code")
    serializer_class = reference.PlanSerializer
    lookup_field = "code"
    lookup_value_regex = CODE


class GoalView(ListView):
    """Strategic goals with their text."""

    queryset = StrategicGoal.objects.select_related("plan").order_by("plan__code", "number")
    serializer_class = reference.GoalSerializer
    filterset_class = GoalFilter


class AreaView(ListView):
    """Action areas: the numbered sections of a plan."""

    queryset = ActionArea.objects.select_related("plan").order_by("plan__code", "number")
    serializer_class = reference.AreaSerializer
    filterset_class = AreaFilter


class ForumView(ListView, DetailToo):
    """Partner forums: bodies, conferences, dialogues and initiatives."""

    queryset = (
        Forum.objects.select_related("parent", "successor_of")
        .annotate(commitment_count=Count("partnerships", distinct=True))
        .order_by("code")
    )
    serializer_class = reference.ForumSerializer
    filterset_class = ForumFilter
    lookup_field = "code"
    lookup_value_regex = CODE


class OfficeView(ListView, DetailToo):
    """Offices that lead or support commitments."""

    queryset = Office.objects.order_by("code")
    serializer_class = reference.OfficeSerializer
    lookup_field = "code"
    lookup_value_regex = CODE


class MilestoneView(ListView):
    """Dated steps that staff set for commitments."""

    queryset = Milestone.objects.select_related("commitment__plan").order_by("due_on", "id")
    serializer_class = reference.MilestoneSerializer
    filterset_class = MilestoneFilter


class CommitmentView(ExportedList, DetailToo):
    """Commitments, each as it stands under `as_of` and `known_at`."""

    queryset = (
        Commitment.objects.select_related("plan", "area", "goal", "lead_office")
        .prefetch_related("supporting_goals", "supporting_offices", "partnerships__forum")
        .in_order()
    )
    serializer_class = CommitmentSerializer
    filterset_class = CommitmentFilter
    exports = {
        "csv": Export("commitments", table.COLUMNS, CSV),
        "xlsx": Export("commitments", table.COLUMNS, XLSX),
        "ogp": Export("commitments-ogp", ogp.COLUMNS, CSV),
    }
    lookup_url_kwarg = "code"
    lookup_value_regex = NAME

    def known_parameters(self) -> set[str]:
        clocks = {"as_of", "known_at"} if self.action == "retrieve" else set()
        return super().known_parameters() | clocks

    def rows(self, items: Iterable[Commitment], clock: Clock) -> Iterator[table.Row]:
        return table.rows(items, clock.known_at, partial(page_of, self.request))

    def get_object(self) -> Commitment:
        every: Any = self.get_queryset()
        queryset = every.by_codes([self.kwargs["code"]])
        found: QuerySet[Commitment] = FilterBackend().filter_queryset(self.request, queryset, self)
        return get_object_or_404(found)
