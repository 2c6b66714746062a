"""Roll-ups over REST: how a set of commitments stands, and how it stood over the years."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments import choices, rollups
from commitments.api.problems import InvalidQuery
from commitments.api.requests import parameters_but
from commitments.api.serializers.status import ReportSerializer, TrendSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.api.unchanged import Unchanged
from commitments.filters import ClockedFilterSet, CommitmentFilter
from commitments.models import Commitment, Plan
from commitments.trend import Step, trend


class SelectionView(Unchanged, StrictQuery, GenericAPIView[Commitment]):
    """Tells something of the commitments that the filters select, in no order."""

    queryset = Commitment.objects.all()
    filterset_class = CommitmentFilter
    pagination_class = None

    def known_parameters(self) -> set[str]:
        return {*self.other_parameters, *CommitmentFilter.base_filters} - {"ordering"}


class StatusView(SelectionView):
    """Roll-ups of the commitments that the filters select, in all and by group."""

    serializer_class = ReportSerializer
    other_parameters = {"group_by": {"type": "string", "enum": list(rollups.GROUPINGS)}}

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
        if not request.query_params.getlist("group_by"):
            return None
        sentence = _("Give one of the allowed groupings.")
        return _one_of(request, "group_by", list(rollups.GROUPINGS), sentence)

    def _plan(self, filterset: ClockedFilterSet, group_by: str | None) -> Plan | None:
        sentence = _("Grouping by goal or area needs one plan: numbers are a plan's own.")
        plan = _only_plan(filterset)
        if plan is None and group_by and rollups.GROUPINGS[group_by].within_plan:
            raise _plan_needed(sentence)
        return plan


class TrendView(SelectionView):
    """How the commitments that the filters select stood at the end of each period, as far back as
    the plan goes; the last one ends on the day of the clock. Which commitments those are is
    decided on that day too."""

    serializer_class = TrendSerializer
    other_parameters = {"by": {"type": "string", "enum": Step.values()}}
    required_parameters = ("by", "plan")

    @extend_schema(responses=TrendSerializer)
    def get(self, request: Request) -> Response:
        step = Step(_one_of(request, "by", Step.values(), _("Give the length of a period.")))
        filterset = FilterBackend().checked(request, self.get_queryset(), self)
        plan = _only_plan(filterset)
        if plan is None:
            raise _plan_needed(_("A trend is one plan's: its days and its intervals."))
        clock = filterset.clock
        payload = {
            "plan": plan.code,
            "as_of": clock.day(plan.time_zone),
            "known_at": clock.known_at,
            "methodology": choices.METHODOLOGY,
            "by": step,
            "periods": trend(filterset.qs, plan, step, clock),
        }
        return Response(TrendSerializer(payload).data)


def _one_of(request: Request, name: str, allowed: Collection[str], sentence: str) -> str:
    """The value of a parameter that is to be there once."""
    given = request.query_params.getlist(name)
    if len(given) == 1 and given[0] in allowed:
        return given[0]
    raise InvalidQuery([{"parameter": name, "detail": sentence, "allowed": list(allowed)}])


def _only_plan(filterset: ClockedFilterSet) -> Plan | None:
    plans: list[Plan] = list(filterset.form.cleaned_data["plan"])
    return plans[0] if len(plans) == 1 else None


def _plan_needed(sentence: str) -> InvalidQuery:
    codes = list(Plan.objects.in_order().values_list("code", flat=True))
    return InvalidQuery([{"parameter": "plan", "detail": sentence, "allowed": codes}])


class Members:
    """The address that lists a group's commitments: the filters asked for, and the group's key.

    None for what is in no group, for a group that a filter on the same grouping leaves out, and
    where such groups overlap: two values of one parameter mean "or".
    """

    def __init__(self, request: Request) -> None:
        self.base = reverse("api:commitment-list", request=request)
        self.query = parameters_but(request, "group_by")

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
