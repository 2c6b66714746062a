"""Reading: reference data, commitments and roll-ups."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from rest_framework import mixins, viewsets
from rest_framework.generics import get_object_or_404

from commitments.api.pagination import Pages
from commitments.api.serializers import reference
from commitments.api.serializers.commitments import CommitmentSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.api.unchanged import Unchanged
from commitments.converters import NAME
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


class ListView(Unchanged, StrictQuery, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """A list, in pages, with the filters of its filter set."""

    filterset_class: Any = None
    pagination_class: Any = Pages

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action == "list":
            known |= set(self.pagination_class.parameters)
            known |= set(self.filterset_class.base_filters) if self.filterset_class else set()
        return known


class DetailToo(mixins.RetrieveModelMixin):
    """A list whose members have addresses of their own."""


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


class CommitmentView(ListView, DetailToo):
    """Commitments, each as it stands under `as_of` and `known_at`."""

    queryset = (
        Commitment.objects.select_related("plan", "area", "goal", "lead_office")
        .prefetch_related("supporting_goals", "supporting_offices", "partnerships__forum")
        .in_order()
    )
    serializer_class = CommitmentSerializer
    filterset_class = CommitmentFilter
    lookup_url_kwarg = "code"
    lookup_value_regex = NAME

    def known_parameters(self) -> set[str]:
        clocks = {"as_of", "known_at"} if self.action == "retrieve" else set()
        return super().known_parameters() | clocks

    def get_object(self) -> Commitment:
        every: Any = self.get_queryset()
        queryset = every.by_codes([self.kwargs["code"]])
        found: QuerySet[Commitment] = FilterBackend().filter_queryset(self.request, queryset, self)
        return get_object_or_404(found)
