"""The grid and the comparison of two days."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, TextField
from commitments.api.read_serializers import ReadSerializer
from commitments.api.serializers.commitments import FindingCountsSerializer, LastActionSerializer
from commitments.api.serializers.status import PeriodSerializer, PlanAnswerSerializer
from commitments.choices import EventType, Kind, Movement, PeriodUnit, Schedule, Status, Tone
from commitments.rollups.grid import GridCell, GridRow


class GridCellSerializer(ReadSerializer[GridCell]):
    """A commitment at the end of a period."""

    status = CodeChoiceField(Status, source="item.status")
    tone = CodeChoiceField(Tone)
    lapsed = serializers.BooleanField(
        source="item.has_lapsed",
        help_text="Whether the assessment had lapsed: it counts as unknown.",
    )
    overdue = serializers.BooleanField(
        source="item.overdue", help_text="Whether a due date or an unmet milestone had passed."
    )
    update = serializers.IntegerField(allow_null=True, help_text="ID of the assessment.")
    findings = FindingCountsSerializer(allow_null=True)
    events = serializers.IntegerField(help_text="Number of events dated in the period.")
    event_type = CodeChoiceField(
        EventType,
        allow_null=True,
        help_text="Type of the event that says most: of the actions, the last in their order.",
    )


class GridRowSerializer(ReadSerializer[GridRow]):
    """A commitment with a cell for each period. Its last action and its schedule are those on the
    date `as_of`."""

    code = serializers.CharField(source="commitment.code")
    kind = CodeChoiceField(Kind, source="commitment.kind")
    title = TextField(source="commitment.title")
    last_action = LastActionSerializer(source="commitment", allow_null=True)
    schedule = CodeChoiceField(Schedule, source="commitment.schedule")
    cells = GridCellSerializer(many=True)


class GridSerializer(PlanAnswerSerializer):
    """Each selected commitment at the end of each period, earliest first."""

    by = CodeChoiceField(PeriodUnit)
    periods = PeriodSerializer(many=True)
    commitments = GridRowSerializer(many=True)


class ComparedCommitmentSerializer(ReadSerializer[Any]):
    """A commitment by its last assessments on the two days. Its last action and its schedule are
    those on the later one."""

    code = serializers.CharField(source="commitment.code")
    before = CodeChoiceField(Status, source="comparison.before")
    before_lapsed = serializers.BooleanField(
        source="comparison.before_lapsed",
        help_text="Whether the assessment had lapsed on the earlier day: it counts as unknown.",
    )
    after = CodeChoiceField(Status, source="comparison.after")
    after_lapsed = serializers.BooleanField(
        source="comparison.after_lapsed",
        help_text="Whether the assessment has lapsed on the later day: it counts as unknown.",
    )
    movement = CodeChoiceField(Movement, source="comparison.movement")
    after_gap = serializers.BooleanField(
        source="comparison.after_gap",
        help_text="Whether an assessment had lapsed before the next one, between the two days.",
    )
    criteria_changed = serializers.BooleanField(
        source="comparison.criteria_changed",
        help_text="Whether the two assessments answer different criteria: the bar has moved.",
    )
    last_action = LastActionSerializer(source="commitment", allow_null=True)
    schedule = CodeChoiceField(Schedule, source="commitment.schedule")


class ComparisonSerializer(PlanAnswerSerializer):
    """How each selected commitment changed between two days, `from` and `as_of`."""

    as_of = serializers.DateField(help_text="The later day.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of commitments by movement."
    )
    commitments = ComparedCommitmentSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """Add a field whose name cannot be declared: `from` is a keyword."""
        since = serializers.DateField(source="since", help_text="The earlier day.")
        return {"from": since, **super().get_fields()}
