"""Reading: reference data, commitments and roll-ups."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, viewsets
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments import choices, rollups
from commitments.api.pagination import Pages
from commitments.api.problems import InvalidQuery
from commitments.api.serializers import reference
from commitments.api.serializers.commitments import CommitmentSerializer
from commitments.api.serializers.status import ReportSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.api.unchanged import Unchanged
from commitments.converters import NAME
from commitments.filters import (
    AreaFilter,
    ClockedFilterSet,
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


class StatusView(Unchanged, StrictQuery, GenericAPIView[Commitment]):
    """Roll-ups of the commitments that the filters select, in all and by group."""

    queryset = Commitment.objects.all()
    serializer_class = ReportSerializer
    filterset_class = CommitmentFilter
    pagination_class = None
    other_parameters = {"group_by": {"type": "string", "enum": list(rollups.GROUPINGS)}}

    def known_parameters(self) -> set[str]:
        return {*self.other_parameters, *CommitmentFilter.base_filters} - {"ordering"}

    @extend_schema(responses=ReportSerializer)
    def get(self, request: Request) -> Response:
        group_by = self._group_by(request)
        filterset = FilterBackend().checked(request, self.get_queryset(), self)
        plan = self._plan(filterset, group_by)
        clock = filterset.clock
        report = rollups.report(filterset.qs, group_by, clock)
        payload = {
            "plan": plan and plan.code,
            "as_of": clock.day(plan.time_zone) if plan else clock.as_of,
            "known_at": clock.known_at,
            "methodology": choices.METHODOLOGY,
            "group_by": group_by,
            "overlapping": report.overlapping,
            "total": report.total,
            "groups": report.groups,
        }
        context = {"members": Members(request)}
        return Response(ReportSerializer(payload, context=context).data)

    def _group_by(self, request: Request) -> str | None:
        given = request.query_params.getlist("group_by")
        if not given:
            return None
        if len(given) == 1 and given[0] in rollups.GROUPINGS:
            return given[0]
        raise InvalidQuery(
            [
                {
                    "parameter": "group_by",
                    "detail": _("Give one of the allowed groupings."),
                    "allowed": list(rollups.GROUPINGS),
                }
            ]
        )

    def _plan(self, filterset: ClockedFilterSet, group_by: str | None) -> Plan | None:
        plans = list(filterset.form.cleaned_data["plan"])
        if len(plans) == 1:
            plan: Plan = plans[0]
            return plan
        if group_by and rollups.GROUPINGS[group_by].within_plan:
            raise InvalidQuery(
                [
                    {
                        "parameter": "plan",
                        "detail": _(
                            "Grouping by goal or area needs one plan: numbers are a plan's own."
                        ),
                        "allowed": list(Plan.objects.in_order().values_list("code", flat=True)),
                    }
                ]
            )
        return None


class Members:
    """The address that lists a group's commitments: the filters asked for, and the group's key.

    None for what is in no group, for a group that a filter on the same grouping leaves out, and
    where such groups overlap: two values of one parameter mean "or".
    """

    def __init__(self, request: Request) -> None:
        self.base = reverse("api:commitment-list", request=request)
        self.query = [
            (name, value)
            for name, values in request.query_params.lists()
            for value in values
            if name != "group_by"
        ]

    def __call__(self, group: rollups.Group) -> str | None:
        query = self.query
        if group.by is not None:
            asked = [value for name, value in query if name == group.by]
            overlapping = rollups.GROUPINGS[group.by].overlapping
            if group.key is None or (asked and (overlapping or group.key not in asked)):
                return None
            rest = [(name, value) for name, value in query if name != group.by]
            query = [*rest, (group.by, group.key)]
        return f"{self.base}?{urlencode(query)}" if query else self.base
