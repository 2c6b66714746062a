"""Commitments as they stand under the reader's clocks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeField, TextField
from commitments.choices import DatePrecision, Freshness, Kind, Schedule, Source, Status
from commitments.models import Commitment, Partnership

Related = serializers.Field[Any, Any, Any, Any]


class CommitmentAreaSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    title = TextField()


class CommitmentGoalSerializer(serializers.Serializer[Commitment]):
    """The goal that the commitment chiefly serves: the tracker's own reading, with its reason."""

    number = serializers.IntegerField(source="goal.number")
    title = TextField(source="goal.title")
    reason = TextField(source="goal_reason")


class ClaimSerializer(serializers.Serializer[Any]):
    """The current claim of a commitment that was asked for `at` a clock; without one the dates,
    the update and the freshness are null."""

    code = CodeField(Status, source="claim_status")
    label = serializers.SerializerMethodField()
    effective_on = serializers.DateField(source="claim_effective_on", allow_null=True)
    date_precision = CodeField(DatePrecision, source="claim_precision", allow_null=True)
    published_at = serializers.DateTimeField(source="claim_published_at", allow_null=True)
    update = serializers.IntegerField(source="claim_id", allow_null=True)
    evidence_level = serializers.IntegerField(
        source="claim_level", min_value=0, max_value=len(Source)
    )
    freshness = CodeField(Freshness, allow_null=True)

    @extend_schema_field(TextField)
    def get_label(self, commitment: Any) -> dict[str, str]:
        return Status(commitment.claim_status).label.as_dict()


class PartnershipSerializer(serializers.ModelSerializer[Partnership]):
    """A forum that the text names, and the words that name it."""

    code = serializers.CharField(source="forum.code")
    name = TextField(source="forum.name")
    quote = TextField()

    class Meta:
        model = Partnership
        fields = ["code", "name", "quote"]


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    plan = serializers.CharField(source="plan.code")
    area = CommitmentAreaSerializer(allow_null=True)
    goal = serializers.SerializerMethodField()
    supporting_goals: Related = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="number"
    )
    kind = CodeField(Kind)
    kind_reason = TextField()
    title = TextField()
    text = TextField()
    note = TextField()
    forums = PartnershipSerializer(many=True, source="partnerships")
    lead_office = serializers.CharField(source="lead_office.code", default=None, allow_null=True)
    supporting_offices: Related = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="code"
    )
    schedule = CodeField(Schedule)
    updates = serializers.IntegerField(
        source="update_count", help_text="Published updates that count under the clocks."
    )
    status = ClaimSerializer(source="*")

    class Meta:
        model = Commitment
        fields = [
            "code",
            "plan",
            "number",
            "area",
            "goal",
            "supporting_goals",
            "kind",
            "kind_reason",
            "title",
            "text",
            "text_sha256",
            "note",
            "forums",
            "lead_office",
            "supporting_offices",
            "start_on",
            "due_on",
            "schedule",
            "updates",
            "status",
        ]

    @extend_schema_field(CommitmentGoalSerializer(allow_null=True))
    def get_goal(self, commitment: Commitment) -> Any:
        return CommitmentGoalSerializer(commitment).data if commitment.goal else None
