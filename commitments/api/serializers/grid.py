"""The grid and the comparison of two days."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, TextField
from commitments.api.serializers.commitments import FindingCountsSerializer
from commitments.api.serializers.status import PeriodSerializer, PlanAnswerSerializer
from commitments.choices import EventType, Kind, Movement, PeriodUnit, Status, Tone
from commitments.rollups.grid import GridCell, GridRow


class GridCellSerializer(serializers.Serializer[GridCell]):
    """A commitment at the end of a period."""

    status = CodeChoiceField(Status, source="item.status")
    tone = CodeChoiceField(Tone)
    lapsed = serializers.BooleanField(
        source="has_lapsed", help_text="Whether the assessment had lapsed: it counts as unknown."
    )
    update = serializers.IntegerField(allow_null=True, help_text="ID of the assessment.")
    findings = FindingCountsSerializer(allow_null=True)
    events = serializers.IntegerField(help_text="Number of events dated in the period.")
    event_type = CodeChoiceField(
        EventType,
        allow_null=True,
        help_text="Type of the event that says most: of the actions, the last in their order.",
    )


class GridRowSerializer(serializers.Serializer[GridRow]):
    """A commitment with a cell for each period."""

    code = serializers.CharField(source="commitment.code")
    kind = CodeChoiceField(Kind, source="commitment.kind")
    title = TextField(source="commitment.title")
    cells = GridCellSerializer(many=True)


class GridSerializer(PlanAnswerSerializer):
    """Each selected commitment at the end of each period, earliest first."""

    by = CodeChoiceField(PeriodUnit)
    periods = PeriodSerializer(many=True)
    commitments = GridRowSerializer(many=True)


class ComparedCommitmentSerializer(serializers.Serializer[Any]):
    """A commitment by its last assessments on the two days."""

    code = serializers.CharField()
    before = CodeChoiceField(Status, source="comparison.before")
    after = CodeChoiceField(Status, source="comparison.after")
    movement = CodeChoiceField(Movement, source="comparison.movement")
    after_gap = serializers.BooleanField(
        source="comparison.after_gap",
        help_text="Whether an assessment had lapsed before the next one, between the two days.",
    )


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
