"""Commitments as they stand under the reader's clocks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeField, TextField
from commitments.choices import DatePrecision, Freshness, Kind, Schedule, Status
from commitments.models import Commitment, Partnership

TEXT = {
    "type": "object",
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
    "required": ["en", "zh"],
}
Related = serializers.Field[Any, Any, Any, Any]
WHEN = {"type": ["string", "null"]}


def _shape(nullable: bool = False, **properties: Any) -> dict[str, Any]:
    return {
        "type": ["object", "null"] if nullable else "object",
        "properties": properties,
        "required": list(properties),
    }


@extend_schema_field(_shape(nullable=True, number={"type": "integer"}, title=TEXT))
class AreaField(serializers.Field[Any, Any, Any, Any]):
    def to_representation(self, commitment: Commitment) -> dict[str, Any] | None:
        area = commitment.area
        if area is None:
            return None
        return {"number": area.number, "title": area.title.as_dict()}


@extend_schema_field(_shape(nullable=True, number={"type": "integer"}, title=TEXT, reason=TEXT))
class GoalField(serializers.Field[Any, Any, Any, Any]):
    """The goal that the commitment chiefly serves: the tracker's own reading, with its reason."""

    def to_representation(self, commitment: Commitment) -> dict[str, Any] | None:
        goal = commitment.goal
        if goal is None:
            return None
        return {
            "number": goal.number,
            "title": goal.title.as_dict(),
            "reason": commitment.goal_reason.as_dict(),
        }


@extend_schema_field(
    _shape(
        code={"type": "string", "enum": Status.values()},
        label=TEXT,
        effective_on={**WHEN, "format": "date"},
        date_precision={"type": ["string", "null"], "enum": [*DatePrecision.values(), None]},
        published_at={**WHEN, "format": "date-time"},
        update={"type": ["integer", "null"]},
        evidence_level={"type": "integer", "minimum": 0, "maximum": 3},
        freshness={"type": ["string", "null"], "enum": [*Freshness.values(), None]},
    )
)
class ClaimField(serializers.Field[Any, Any, Any, Any]):
    """The current claim of a commitment that was asked for `at` a clock; without one the dates,
    the update and the freshness are null."""

    _moment = serializers.DateTimeField()

    def to_representation(self, commitment: Any) -> dict[str, Any]:
        published_at = commitment.claim_published_at
        return {
            "code": commitment.claim_status,
            "label": Status(commitment.claim_status).label.as_dict(),
            "effective_on": commitment.claim_effective_on,
            "date_precision": commitment.claim_precision,
            "published_at": published_at and self._moment.to_representation(published_at),
            "update": commitment.claim_id,
            "evidence_level": commitment.claim_level,
            "freshness": commitment.freshness,
        }


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
    area = AreaField(source="*")
    goal = GoalField(source="*")
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
    status = ClaimField(source="*")

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
