"""Roll-ups of selected commitments, their trend and grid, and how they changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from commitments import choices, rollups
from commitments.api.conditional_get import ConditionalGetMixin
from commitments.api.lists import VisibleRows
from commitments.api.operations import PUBLIC_LIST, operation
from commitments.api.read_serializers import represented
from commitments.api.refusals import InvalidQuery, QueryCheck, parameter_error
from commitments.api.request_data import given_once, one_of, parameters_except, period_unit
from commitments.api.serializers.agreement import AgreementSerializer
from commitments.api.serializers.grid import ComparisonSerializer, GridSerializer
from commitments.api.serializers.status import ReportSerializer, TrendSerializer
from commitments.api.strict import FilterBackend, StrictQuery
from commitments.choices import ErrorCode, Movement, PeriodUnit, error_code
from commitments.clocks import Clock
from commitments.filters import ClockedFilterSet, CommitmentFilter
from commitments.filters.fields import NONE
from commitments.form_fields import IsoDateField
from commitments.models import Commitment, Plan, ProgressUpdate
from commitments.models.querysets import CommitmentQuerySet
from commitments.rollups.agreement import agreement
from commitments.rollups.grid import grid
from commitments.rollups.trend import trend


class SelectionView(ConditionalGetMixin, StrictQuery, VisibleRows):
    """A view of the commitments selected by the filters, as a set."""

    queryset = Commitment.objects.all()
    filterset_class = CommitmentFilter
    pagination_class = None
    plan_path = "plan"

    def known_parameters(self) -> set[str]:
        return {*self.other_parameters, *CommitmentFilter.base_filters} - {"ordering"}


class StatusView(SelectionView):
    """Summarise the commitments selected by the filters, in total and by group."""

    serializer_class = ReportSerializer
    other_parameters = {"group_by": {"type": "string", "enum": list(rollups.GROUPINGS)}}

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        yield partial(self._group_by, request)
        yield partial(self._check_plan, request)

    @operation("status", PUBLIC_LIST, ReportSerializer, filters=True)
    def get(self, request: Request) -> Response:
        group_by = self._group_by(request)
        filterset = FilterBackend().validated_filterset(request, self.get_queryset(), self)
        self._check_plan(request)
        plan = _only_plan(filterset)
        clock = filterset.clock
        report = rollups.report(filterset.qs, group_by, filterset.activity, plan)
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
        context = {"members": MemberLinks(request)}
        return Response(represented(ReportSerializer, payload, context))

    def _group_by(self, request: Request) -> str | None:
        if not request.query_params.getlist("group_by"):
            return None
        sentence = _("Choose one of the allowed groupings.")
        return one_of(request, "group_by", list(rollups.GROUPINGS), sentence)

    def _check_plan(self, request: Request) -> None:
        """Raise InvalidQuery if the grouping requires a single plan and the query does not name
        one."""
        sentence = _(
            "Grouping by goal or area requires a single plan, because each plan has its own "
            "numbering."
        )
        group_by = self._group_by(request)
        if group_by and rollups.GROUPINGS[group_by].within_plan:
            _check_one_plan(request, sentence)


@dataclass(frozen=True)
class PlanSelection:
    """Commitments of one plan, selected by the filters under a clock."""

    rows: CommitmentQuerySet
    plan: Plan
    clock: Clock

    @property
    def day(self) -> date:
        """The day of the clock, on the plan's calendar."""
        return self.clock.day(self.plan.time_zone)

    def payload(self, **more: object) -> dict[str, object]:
        """Return the keys that every response on one plan has, and `more`."""
        return {
            "plan": self.plan.code,
            "as_of": self.day,
            "known_at": self.clock.known_at,
            "methodology": choices.METHODOLOGY,
            **more,
        }


class PlanSelectionView(SelectionView):
    """A view of the selected commitments of one plan, whose review interval it needs."""

    def selection(self, request: Request) -> PlanSelection:
        """Return what the filters select. Raise InvalidQuery unless they name one plan."""
        filterset = FilterBackend().validated_filterset(request, self.get_queryset(), self)
        self._check_plan(request)
        [plan] = filterset.named_plans
        return PlanSelection(filterset.commitments, plan, filterset.clock)

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        yield partial(self._check_plan, request)
        if "by" in self.known_parameters():
            yield partial(period_unit, request)

    def _check_plan(self, request: Request) -> None:
        sentence = _(
            "This requires a single plan, because its dates and review interval depend on the plan."
        )
        _check_one_plan(request, sentence)


class AgreementView(SelectionView):
    """Show how far second persons agree with the authors of the assessments of the selected
    commitments that they rated blind. Of each assessment that is published, and counts on the date
    shown, the first rating counts, beside what its author had found when it was made."""

    serializer_class = AgreementSerializer
    other_parameters: dict[str, Any] = {}

    @operation("status_agreement", PUBLIC_LIST, AgreementSerializer, filters=True)
    def get(self, request: Request) -> Response:
        filterset = FilterBackend().validated_filterset(request, self.get_queryset(), self)
        plan, clock = _only_plan(filterset), filterset.clock
        updates = ProgressUpdate.objects.under(clock, filterset.periods)
        selected = updates.filter(commitment__in=filterset.qs.order_by().values("pk"))
        payload = {
            "plan": plan and plan.code,
            "as_of": clock.day(plan.time_zone) if plan else clock.as_of,
            "known_at": clock.known_at,
            "methodology": choices.METHODOLOGY,
            "kinds": agreement(selected),
        }
        return Response(represented(AgreementSerializer, payload))


class TrendView(PlanSelectionView):
    """Summarise the selected commitments at the end of each period since the plan was adopted or,
    if earlier, first assessed. The last period ends on the date given by `as_of`, else by
    `known_at`, else today. The filters are applied as of that date."""

    serializer_class = TrendSerializer
    other_parameters = {"by": {"type": "string", "enum": PeriodUnit.values()}}
    required_parameters = ("by", "plan")

    @operation("status_trend", PUBLIC_LIST, TrendSerializer, filters=True)
    def get(self, request: Request) -> Response:
        unit = period_unit(request)
        selection = self.selection(request)
        periods = trend(selection.rows, selection.plan, unit, selection.clock)
        return Response(represented(TrendSerializer, selection.payload(by=unit, periods=periods)))


class GridView(PlanSelectionView):
    """Show each selected commitment at the end of each period, as `status/trend/` counts them."""

    serializer_class = GridSerializer
    other_parameters = {"by": {"type": "string", "enum": PeriodUnit.values()}}
    required_parameters = ("by", "plan")

    @operation("status_grid", PUBLIC_LIST, GridSerializer, filters=True)
    def get(self, request: Request) -> Response:
        unit = period_unit(request)
        selection = self.selection(request)
        rows = selection.rows.select_related("plan").in_order()
        found = grid(rows, selection.plan, unit, selection.clock)
        payload = selection.payload(by=unit, periods=found.periods, commitments=found.rows)
        return Response(represented(GridSerializer, payload))


class SinceView(PlanSelectionView):
    """A view of what lies between a day, `from`, and that of the clock."""

    other_parameters = {"from": {"type": "string", "format": "date"}}
    required_parameters = ("from", "plan")

    def query_checks(self, request: Request) -> Iterator[QueryCheck]:
        yield from super().query_checks(request)
        yield partial(day_parameter, request, "from", date.max)


class CompareView(SinceView):
    """Compare the last assessments of each selected commitment on two days: `from`, and the date
    given by `as_of`, else by `known_at`, else today. Both use the same record."""

    serializer_class = ComparisonSerializer

    @operation("status_compare", PUBLIC_LIST, ComparisonSerializer, filters=True)
    def get(self, request: Request) -> Response:
        selection = self.selection(request)
        since = day_parameter(request, "from", selection.day)
        rows = {row.pk: row for row in selection.rows.select_related("plan").in_order()}
        plan, clock = selection.plan, selection.clock
        plans = dict.fromkeys(rows, plan)
        record = rollups.read_record(plans, clock, plan.review_periods(clock))
        compared = rollups.compare(record, rows, since, selection.day)
        counts = Counter(row.movement for row in compared)
        payload = selection.payload(
            since=since,
            counts={movement.value: counts[movement] for movement in Movement},
            commitments=[ComparedCommitment(rows[row.commitment], row) for row in compared],
        )
        return Response(represented(ComparisonSerializer, payload))


@dataclass(frozen=True)
class ComparedCommitment:
    """A comparison with its commitment."""

    commitment: Commitment
    comparison: rollups.Comparison


def day_parameter(request: Request, name: str, last: date) -> date:
    """Return the day given by a parameter. Raise InvalidQuery if it is missing, repeated, not a
    date, or after `last`."""
    given = given_once(request, name, _("Enter a date such as 2026-06-30."))
    try:
        day: date | None = IsoDateField().clean(given)
    except forms.ValidationError as error:
        code = error_code(error.error_list[0].code)
        raise InvalidQuery([parameter_error(name, error.messages[0], code)]) from error
    if day is None or day > last:
        sentence = _("This date is after the date shown, %(day)s.") % {"day": last}
        raise InvalidQuery([parameter_error(name, sentence, ErrorCode.WRONG_ORDER)])
    return day


def _only_plan(filterset: ClockedFilterSet) -> Plan | None:
    plans = filterset.named_plans
    return plans[0] if len(plans) == 1 else None


def _check_one_plan(request: Request, sentence: str) -> None:
    """Raise InvalidQuery unless the query names one plan. The filters check whether that plan
    exists."""
    if len(set(request.query_params.getlist("plan"))) != 1:
        plans = Plan.objects.visible_to(request.user).in_order()
        codes = list(plans.values_list("code", flat=True))
        raise InvalidQuery([parameter_error("plan", sentence, ErrorCode.REQUIRED, codes)])


class MemberLinks:
    """The addresses that list the commitments of groups, with the filters of the request.

    A group has none if no filter selects exactly its commitments: a group that a filter of the same
    name excludes, and, where groups overlap, any group beside such a filter, because two values of
    one parameter mean "or".
    """

    def __init__(self, request: Request) -> None:
        self.list_address = reverse("api:commitment-list", request=request)
        self.query = parameters_except(request, "group_by")

    def __call__(self, group: rollups.Group) -> str | None:
        query = self.query
        if group.by is not None:
            requested = [value for name, value in query if name == group.by]
            overlapping = rollups.GROUPINGS[group.by].overlapping
            key = NONE if group.key is None else group.key
            if requested and (overlapping or key not in requested):
                return None
            rest = [(name, value) for name, value in query if name != group.by]
            query = [*rest, (group.by, key)]
        return f"{self.list_address}?{urlencode(query)}" if query else self.list_address
