"""Plans, goals, areas, forums, offices and milestones."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeField, TextField
from commitments.choices import ForumKind, Kind, Tone
from commitments.models import ActionArea, Forum, Milestone, Office, Plan, StrategicGoal


class PlanSerializer(serializers.ModelSerializer[Plan]):
    title = TextField()
    issuer = TextField()
    notice = TextField()
    licence = TextField()
    commitments = serializers.IntegerField(
        source="commitment_count", help_text="How many commitments the plan has."
    )
    revision = serializers.IntegerField(help_text="Grows with every change a reader could see.")

    class Meta:
        model = Plan
        fields = [
            "code",
            "title",
            "issuer",
            "adopted_on",
            "time_zone",
            "review_interval_days",
            "notice",
            "licence",
            "locality",
            "plan_number",
            "commitments",
            "revision",
        ]


class GoalSerializer(serializers.ModelSerializer[StrategicGoal]):
    plan = serializers.CharField(source="plan.code")
    title = TextField()
    text = TextField()

    class Meta:
        model = StrategicGoal
        fields = ["plan", "number", "title", "text"]


class AreaSerializer(serializers.ModelSerializer[ActionArea]):
    plan = serializers.CharField(source="plan.code")
    title = TextField()

    class Meta:
        model = ActionArea
        fields = ["plan", "number", "title"]


class ForumSerializer(serializers.ModelSerializer[Forum]):
    name = TextField()
    kind = CodeField(ForumKind)
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)
    successor_of = serializers.CharField(source="successor_of.code", default=None, allow_null=True)
    commitments = serializers.IntegerField(
        source="commitment_count",
        help_text="Commitments whose text names this forum itself, in the plans asked for.",
    )

    class Meta:
        model = Forum
        fields = ["code", "name", "kind", "parent", "successor_of", "closed_on", "commitments"]


class OfficeSerializer(serializers.ModelSerializer[Office]):
    name = TextField()

    class Meta:
        model = Office
        fields = ["code", "name", "closed_on"]


class MilestoneSerializer(serializers.ModelSerializer[Milestone]):
    commitment = serializers.CharField(source="commitment.code")
    title = TextField()

    class Meta:
        model = Milestone
        fields = ["id", "commitment", "title", "due_on", "done_on"]


class CodeSerializer(serializers.Serializer[Any]):
    """A code of a closed list."""

    code = serializers.CharField()
    label = TextField()


class StatusCodeSerializer(CodeSerializer):
    """One row of the methodology's table of statuses."""

    definition = TextField()
    kinds = serializers.ListField(child=CodeField(Kind))
    tone = CodeField(Tone)
    least_evidence = serializers.IntegerField()
    search_note = serializers.BooleanField(help_text="Whether a claim needs a search note.")
    settled = serializers.BooleanField(help_text="Whether a claim does not age.")


class SourceCodeSerializer(CodeSerializer):
    definition = TextField()
    level = serializers.IntegerField()


class EvidenceLevelSerializer(serializers.Serializer[Any]):
    level = serializers.IntegerField()
    label = TextField()


class CodesSerializer(serializers.Serializer[Any]):
    """Every closed list of codes with labels in both languages."""

    methodology = serializers.IntegerField()
    statuses = StatusCodeSerializer(many=True)
    evidence_levels = EvidenceLevelSerializer(many=True)
    sources = SourceCodeSerializer(many=True)
    kinds = CodeSerializer(many=True)
    tones = CodeSerializer(many=True)
    freshness = CodeSerializer(many=True)
    schedules = CodeSerializer(many=True)
    readings = CodeSerializer(many=True)
    states = CodeSerializer(many=True)
    actions = CodeSerializer(many=True)
    roles = CodeSerializer(many=True)
    forum_kinds = CodeSerializer(many=True)
    evidence_kinds = CodeSerializer(many=True)
    date_precisions = CodeSerializer(many=True)
    link_outcomes = CodeSerializer(many=True)
    coverage = CodeSerializer(many=True)
