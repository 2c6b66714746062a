"""Commitments with their current assessment."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, RouteField, TextField, UtcTimeField
from commitments.api.read_serializers import ReadModelSerializer, ReadSerializer
from commitments.choices import (
    METHODOLOGY,
    DatePrecision,
    EventType,
    Freshness,
    Kind,
    Schedule,
    Source,
    Status,
)
from commitments.models import Commitment, Criterion, Milestone, Partnership
from commitments.rollups.findings import FindingCounts, finding_counts
from commitments.texts.text import in_interface_languages

# What a payload reads of `nested_rows`.
NESTED_IN_PAYLOAD = (
    "supporting_goal_numbers",
    "supporting_office_codes",
    "named_forums",
    "nested_criteria",
    "nested_milestones",
)
# The largest number of a goal.
MAX_NUMBER = 2**63 - 1


class CommitmentAreaSerializer(ReadSerializer[Any]):
    """The action area to which the commitment belongs."""

    number = serializers.IntegerField()
    title = TextField()


class CommitmentGoalSerializer(ReadSerializer[Commitment]):
    """The commitment's primary goal. It is the editors' choice, explained by `reason`."""

    number = serializers.IntegerField(source="goal.number")
    title = TextField(source="goal.title")
    reason = TextField(source="goal_reason")

    def to_representation(self, commitment: Commitment) -> Any:
        return super().to_representation(commitment) if commitment.goal else None


class AssessmentSerializer(ReadSerializer[Any]):
    """The commitment's current assessment on the date `as_of`. Without one, `code` is `unassessed`,
    and the dates, the update and the freshness are null."""

    code = CodeChoiceField(Status, source="assessment_status")
    label = serializers.SerializerMethodField()
    effective_on = serializers.DateField(source="assessment_effective_on", allow_null=True)
    date_precision = CodeChoiceField(DatePrecision, source="assessment_precision", allow_null=True)
    published_at = UtcTimeField(source="assessment_published_at", allow_null=True)
    update = serializers.IntegerField(source="assessment_id", allow_null=True)
    evidence_level = serializers.IntegerField(
        source="assessment_level", min_value=0, max_value=len(Source)
    )
    freshness = CodeChoiceField(Freshness, allow_null=True)
    covers_from = serializers.DateField(source="assessment_covers_from", allow_null=True)
    methodology = serializers.SerializerMethodField(
        help_text="Version of the methodology by which status, level and freshness are given."
    )

    def get_methodology(self, commitment: Any) -> int:
        return METHODOLOGY

    @extend_schema_field(TextField)
    def get_label(self, commitment: Any) -> dict[str, str]:
        code: str = commitment.assessment_status
        if code not in self._labels:
            self._labels[code] = in_interface_languages(Status(code).label).as_dict()
        return self._labels[code]

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        """A cache of labels by status: a list has many rows and few statuses."""
        return {}


class LastActionSerializer(ReadSerializer[Any]):
    """The newest event in which the plan's owner acted."""

    on = serializers.DateField(source="action_on")
    date_precision = CodeChoiceField(DatePrecision, source="action_precision")
    event_type = CodeChoiceField(EventType, source="action_type")
    update = serializers.IntegerField(source="action_id")

    def to_representation(self, commitment: Any) -> Any:
        return super().to_representation(commitment) if commitment.action_id else None


class FindingCountsSerializer(ReadSerializer[FindingCounts]):
    """The number of criteria by what an assessment finds of them. They are never added up over
    commitments."""

    shown = serializers.IntegerField()
    in_part = serializers.IntegerField()
    not_shown = serializers.IntegerField()
    against = serializers.IntegerField()
    of = serializers.IntegerField()


class CriterionSerializer(ReadModelSerializer[Criterion]):
    """One thing that sources would have to show, with the words of the text it comes from."""

    text = TextField()
    quote = TextField()

    class Meta:
        model = Criterion
        fields = ["key", "text", "quote"]


class PartnershipSerializer(ReadModelSerializer[Partnership]):
    """A partner forum of the commitment, with the words of the text that name it."""

    code = serializers.CharField()
    name = TextField()
    quote = TextField()

    class Meta:
        model = Partnership
        fields = ["code", "name", "quote"]


class DueDatesSerializer(ReadSerializer[Any]):
    """A due date as known at `known_at`, the first one, and how often it was changed until then."""

    due_on = serializers.DateField(source="known_due_on", allow_null=True)
    due_on_first = serializers.DateField(
        allow_null=True, help_text="The first due date; null if there never was one."
    )
    due_on_changes = serializers.IntegerField(help_text="How often the due date was changed.")


class CommitmentMilestoneSerializer(DueDatesSerializer, ReadModelSerializer[Milestone]):
    """A dated step of the commitment. `met_on`, with its precision, and `met_by`, the id of an
    update, are null until it has been met."""

    title = TextField()
    due_on = serializers.DateField(source="known_due_on")
    due_on_first = serializers.DateField(help_text="The first due date.")
    met_on = serializers.DateField(allow_null=True)
    met_precision = CodeChoiceField(DatePrecision, allow_null=True)
    met_by = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Milestone
        fields = [
            "key",
            "title",
            "due_on",
            "due_on_first",
            "due_on_changes",
            "met_on",
            "met_precision",
            "met_by",
        ]


class CommitmentSerializer(DueDatesSerializer, ReadModelSerializer[Commitment]):
    """A numbered undertaking of a plan, with its current assessment as `status`."""

    url = RouteField("api:commitment-detail", "code")
    html_url = RouteField("pages:commitment", "plan.code", "number")

    plan = serializers.CharField(source="plan.code")
    area = CommitmentAreaSerializer(allow_null=True)
    goal = CommitmentGoalSerializer(source="*", allow_null=True)
    supporting_goals = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_NUMBER),
        source="supporting_goal_numbers",
        read_only=True,
    )
    kind = CodeChoiceField(Kind)
    kind_reason = TextField()
    title = TextField()
    text = TextField()
    note = TextField()
    forums = PartnershipSerializer(many=True, source="named_forums")
    lead_office = serializers.CharField(source="lead_office.code", default=None, allow_null=True)
    supporting_offices = serializers.ListField(
        child=serializers.CharField(), source="supporting_office_codes", read_only=True
    )
    criteria = CriterionSerializer(many=True, source="nested_criteria")
    criteria_reason = TextField()
    ends_on = serializers.DateField(
        source="known_ends_on", allow_null=True, help_text="The day on which a standing duty ends."
    )
    milestones = CommitmentMilestoneSerializer(many=True, source="nested_milestones")
    schedule = CodeChoiceField(Schedule)
    last_action = LastActionSerializer(source="*", allow_null=True)
    findings = serializers.SerializerMethodField()
    updates = serializers.IntegerField(
        source="update_count",
        help_text="Number of updates that count on the date `as_of` and at the time `known_at`.",
    )
    status = AssessmentSerializer(source="*")

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
            "due_on_first",
            "due_on_changes",
            "ends_on",
            "criteria",
            "criteria_reason",
            "milestones",
            "schedule",
            "last_action",
            "findings",
            "updates",
            "status",
            "url",
            "html_url",
        ]

    @extend_schema_field(FindingCountsSerializer(allow_null=True))
    def get_findings(self, commitment: Any) -> Any:
        counts = finding_counts(commitment)
        return counts and _FINDING_COUNTS.to_representation(counts)


# Shared by all rows: creating a serializer takes longer than using it.
_FINDING_COUNTS = FindingCountsSerializer()
