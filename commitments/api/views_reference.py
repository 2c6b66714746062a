"""Views of reference data and commitments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_view
from rest_framework.request import Request

from commitments.api.exports import (
    Export,
    ExportedList,
    export_operation,
    page_of,
    update_place,
)
from commitments.api.lists import ListView, RetrieveMixin
from commitments.api.operations import PUBLIC_ITEM, PUBLIC_LIST, operation
from commitments.api.serializers import reference
from commitments.api.serializers.commitments import NESTED_IN_PAYLOAD, CommitmentSerializer
from commitments.api.strict import PlanFilterBackend
from commitments.clocks import Clock
from commitments.converters import NAME_PATTERN
from commitments.db import WHOLE_NUMBER_PATTERN
from commitments.exports import commitments as table
from commitments.exports import ogp
from commitments.exports.commitment_workbook import COMMITMENT_SHEETS, Selection
from commitments.exports.tables import CSV_FORMAT, XLSX_FORMAT
from commitments.exports.workbook import ROWS_PER_QUERY
from commitments.filters import (
    AreaFilter,
    CommitmentFilter,
    ForumFilter,
    GoalFilter,
    MeetingFilter,
    MilestoneFilter,
)
from commitments.models import (
    ActionArea,
    Commitment,
    Forum,
    Meeting,
    Milestone,
    Office,
    Plan,
    StrategicGoal,
)
from commitments.models.querysets import (
    CommitmentQuerySet,
    MeetingQuerySet,
    ReviewPeriod,
    narrowed,
)
from commitments.models.querysets.composed import read_by_id

# A path with any other characters in place of a code is not found.
COMMITMENT_CODE_PATTERN = "[A-Z0-9_-]+"


@extend_schema_view(
    list=operation("plans_list", PUBLIC_LIST, reference.PlanSerializer),
    retrieve=operation(
        "plans_retrieve",
        PUBLIC_ITEM,
        reference.PlanSerializer,
        description="Show a plan.",
        filters=True,
    ),
)
class PlanView(RetrieveMixin):
    """List action plans."""

    queryset = Plan.objects.annotate(commitment_count=Count("commitments")).order_by("code")
    serializer_class = reference.PlanSerializer
    plan_path = ""
    lookup_field = "code"
    lookup_value_regex = COMMITMENT_CODE_PATTERN


@extend_schema_view(
    list=operation("goals_list", PUBLIC_LIST, reference.GoalSerializer),
)
class GoalView(ListView):
    """List strategic goals and their texts."""

    queryset = StrategicGoal.objects.select_related("plan").order_by("plan__code", "number")
    serializer_class = reference.GoalSerializer
    filterset_class = GoalFilter
    plan_path = "plan"


@extend_schema_view(
    list=operation("areas_list", PUBLIC_LIST, reference.AreaSerializer),
)
class AreaView(ListView):
    """List action areas, the numbered sections of a plan."""

    queryset = ActionArea.objects.select_related("plan").order_by("plan__code", "number")
    serializer_class = reference.AreaSerializer
    filterset_class = AreaFilter
    plan_path = "plan"


@extend_schema_view(
    list=operation("forums_list", PUBLIC_LIST, reference.ForumSerializer),
    retrieve=operation(
        "forums_retrieve",
        PUBLIC_ITEM,
        reference.ForumSerializer,
        description="Show a partner forum.",
        filters=True,
    ),
)
class ForumView(RetrieveMixin):
    """List partner forums: bodies, conferences, dialogues and initiatives."""

    queryset = (
        Forum.objects.select_related("parent", "successor_of").with_commitment_count().in_order()
    )
    serializer_class = reference.ForumSerializer
    filterset_class = ForumFilter
    lookup_field = "code"
    lookup_value_regex = COMMITMENT_CODE_PATTERN


@extend_schema_view(
    list=operation("offices_list", PUBLIC_LIST, reference.OfficeSerializer),
    retrieve=operation(
        "offices_retrieve",
        PUBLIC_ITEM,
        reference.OfficeSerializer,
        description="Show an office.",
        filters=True,
    ),
)
class OfficeView(RetrieveMixin):
    """List the offices that lead or support commitments."""

    queryset = Office.objects.order_by("code")
    serializer_class = reference.OfficeSerializer
    lookup_field = "code"
    lookup_value_regex = COMMITMENT_CODE_PATTERN


@extend_schema_view(
    list=operation("milestones_list", PUBLIC_LIST, reference.MilestoneSerializer),
)
class MilestoneView(ListView):
    """List milestones, the dated steps of commitments."""

    queryset = Milestone.objects.select_related("commitment__plan").in_order()
    serializer_class = reference.MilestoneSerializer
    filterset_class = MilestoneFilter
    plan_path = "commitment__plan"


@extend_schema_view(
    list=operation("meetings_list", PUBLIC_LIST, reference.MeetingSerializer),
    retrieve=operation(
        "meetings_retrieve",
        PUBLIC_ITEM,
        reference.MeetingSerializer,
        description="Show a meeting.",
        filters=True,
    ),
)
class MeetingView(RetrieveMixin):
    """List meetings of partner forums that are public; staff see the others too."""

    queryset = Meeting.objects.in_order()
    serializer_class = reference.MeetingSerializer
    filterset_class = MeetingFilter
    lookup_value_regex = WHOLE_NUMBER_PATTERN

    def get_queryset(self) -> MeetingQuerySet:
        return narrowed(super().get_queryset(), MeetingQuerySet).visible_to(self.request.user)

    @cached_property
    def plans_concerned(self) -> dict[int, list[str]]:
        """The codes of the plans that the meetings of each forum, by id, concern."""
        plans = Plan.objects.visible_to(self.request.user)
        return Meeting.objects.visible_to(self.request.user).plans_concerned(plans)


@extend_schema_view(
    list=operation("commitments_list", PUBLIC_LIST, CommitmentSerializer),
    retrieve=operation(
        "commitments_retrieve",
        PUBLIC_ITEM,
        CommitmentSerializer,
        description=(
            "Show a commitment with its status on the date `as_of`, based on what was public at "
            "the time `known_at`."
        ),
        filters=True,
    ),
)
class CommitmentView(ExportedList, RetrieveMixin):
    """List commitments with their status on the date `as_of`, based on what was public at the time
    `known_at`."""

    queryset = Commitment.objects.in_order()
    serializer_class = CommitmentSerializer
    filterset_class = CommitmentFilter
    plan_path = "plan"
    exports = {
        "csv": Export("commitments", table.COMMITMENT_COLUMNS, CSV_FORMAT),
        "xlsx": Export("commitments", (), XLSX_FORMAT, COMMITMENT_SHEETS),
        "ogp": Export("commitments-ogp", ogp.OGP_COLUMNS, CSV_FORMAT),
    }
    lookup_url_kwarg = "code"
    lookup_value_regex = NAME_PATTERN

    def known_parameters(self) -> set[str]:
        clocks = {"as_of", "known_at"} if self.action == "retrieve" else set()
        return super().known_parameters() | clocks

    def in_full(self, ids: Sequence[int]) -> Iterable[Commitment]:
        clock, periods = self.filterset.clock.of_day, tuple(self.filterset.periods)
        return _read_representable(ids, clock, periods)

    def exported(self, rows: QuerySet[Any]) -> Iterable[Commitment]:
        clock, periods = self.filterset.clock, self.filterset.periods
        known = _with_content(rows, clock).with_date_history(clock).with_coverage_gap_flags(clock)
        known = known.with_nested_rows(clock, periods, table.NESTED_IN_TABLE)
        return known.iterator(chunk_size=ROWS_PER_QUERY)

    @export_operation("commitments_export", exports)
    def export(self, request: Request) -> HttpResponseBase:
        """Download all commitments that the filters select as one file: a CSV table, a workbook
        (`xlsx`), or a CSV table with the columns of the Open Government Partnership (`ogp`)."""
        return self.export_file(request)

    def rows(self, items: Iterable[Commitment], clock: Clock) -> Iterator[table.CommitmentRow]:
        return table.commitment_rows(items, clock.known_at, partial(page_of, self.request))

    def selection(self, items: QuerySet[Any], clock: Clock) -> Selection:
        page, place = (partial(address, self.request) for address in (page_of, update_place))
        periods = self.filterset.periods
        known = (
            _with_content(items, clock).with_known_criteria(clock).with_milestones(clock, periods)
        )
        rows = known.prefetch_related(
            "supporting_goals", "supporting_offices", "partnerships__forum"
        )
        return Selection(rows, periods, clock, self.request.user, page, place)

    def get_object(self) -> Commitment:
        visible = narrowed(self.get_queryset(), CommitmentQuerySet)
        named = visible.by_codes([self.kwargs["code"]]).select_related("plan")
        row = get_object_or_404(named.only("plan__time_zone"))
        self.plan = row.plan
        PlanFilterBackend().validated_filterset(self.request, self.get_queryset(), self)
        for found in self.in_full([row.pk]):
            return found
        raise Http404


def _representable(clock: Clock, periods: Sequence[ReviewPeriod]) -> CommitmentQuerySet:
    """Return all commitments with the columns that their payload needs under a clock."""
    rows = _with_content(Commitment.objects.selectable_at(clock, periods), clock)
    rows = rows.with_date_history(clock)
    return rows.with_nested_rows(clock, periods, NESTED_IN_PAYLOAD)


def _with_content(rows: QuerySet[Any], clock: Clock) -> CommitmentQuerySet:
    """Return commitments, `selectable_at` a clock, with what every format shows of them."""
    shown = narrowed(rows, CommitmentQuerySet).with_further_columns(clock).with_findings()
    return shown.with_listed_relations().select_related("plan")


_read_representable = read_by_id(_representable)
