"""Plans, goals, areas, forums, offices, milestones, meetings and codes."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, RouteField, TextField
from commitments.api.read_serializers import ReadModelSerializer, ReadSerializer
from commitments.api.serializers.commitments import CommitmentMilestoneSerializer
from commitments.choices import ForumKind, Kind, SecondRating, Tone, Visibility
from commitments.models import ActionArea, Forum, Meeting, Milestone, Office, Plan, StrategicGoal


class PlanSerializer(ReadModelSerializer[Plan]):
    """A published action plan."""

    url = RouteField("api:plan-detail", "code")
    html_url = RouteField("pages:overview", "code")

    languages = serializers.ListField(
        child=serializers.CharField(), help_text="BCP 47 tags, that of the original first."
    )
    title = TextField()
    issuer = TextField()
    notice = TextField()
    licence = TextField()
    words = serializers.DictField(
        child=serializers.DictField(child=serializers.DictField(child=serializers.CharField())),
        help_text="The plan's own words for `goal`, `area` and `forum`, for `one` and for `many`, "
        "each by language.",
    )
    visibility = CodeChoiceField(Visibility)
    second_rating = CodeChoiceField(
        SecondRating, help_text="Whether assessments are rated blind by a second person."
    )
    commitments = serializers.IntegerField(
        source="commitment_count", help_text="Number of commitments in the plan."
    )
    revision = serializers.IntegerField(
        help_text="Increases with every change that readers can see."
    )

    class Meta:
        model = Plan
        fields = [
            "code",
            "languages",
            "title",
            "issuer",
            "adopted_on",
            "time_zone",
            "review_interval_days",
            "notice",
            "licence",
            "licence_url",
            "locality",
            "plan_number",
            "words",
            "visibility",
            "second_rating",
            "commitments",
            "revision",
            "url",
            "html_url",
        ]


class GoalSerializer(ReadModelSerializer[StrategicGoal]):
    """A strategic goal of a plan, identified by its number."""

    html_url = RouteField("pages:goal", "plan.code", "number")

    plan = serializers.CharField(source="plan.code")
    title = TextField()
    text = TextField()

    class Meta:
        model = StrategicGoal
        fields = ["plan", "number", "title", "text", "html_url"]


class AreaSerializer(ReadModelSerializer[ActionArea]):
    """An action area, a section of a plan identified by its number."""

    html_url = RouteField("pages:area", "plan.code", "number")

    plan = serializers.CharField(source="plan.code")
    title = TextField()

    class Meta:
        model = ActionArea
        fields = ["plan", "number", "title", "html_url"]


class ForumSerializer(ReadModelSerializer[Forum]):
    """A partner forum. `parent` and `successor_of` are codes of forums, `same_as` addresses that
    identify it elsewhere, such as in Wikidata."""

    url = RouteField("api:forum-detail", "code")

    name = TextField()
    kind = CodeChoiceField(ForumKind)
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)
    successor_of = serializers.CharField(source="successor_of.code", default=None, allow_null=True)
    same_as = serializers.ListField(child=serializers.URLField())
    commitments = serializers.IntegerField(
        source="commitment_count",
        help_text="Number of commitments in the selected plans whose text names this forum.",
    )

    class Meta:
        model = Forum
        fields = [
            "code",
            "name",
            "kind",
            "parent",
            "successor_of",
            "closed_on",
            "same_as",
            "commitments",
            "url",
        ]


class OfficeSerializer(ReadModelSerializer[Office]):
    """An office that leads or supports commitments."""

    url = RouteField("api:office-detail", "code")

    name = TextField()

    class Meta:
        model = Office
        fields = ["code", "name", "closed_on", "url"]


class MilestoneSerializer(CommitmentMilestoneSerializer):
    """A milestone, with the commitment of which it is a step."""

    commitment = serializers.CharField(source="commitment.code")
    html_url = RouteField("pages:commitment", "commitment.plan.code", "commitment.number")

    class Meta:
        model = Milestone
        fields = ["id", "commitment", *CommitmentMilestoneSerializer.Meta.fields, "html_url"]


class MeetingSerializer(ReadModelSerializer[Meeting]):
    """A meeting of a partner forum; days are those of the place where it meets."""

    url = RouteField("api:meeting-detail", "pk")
    html_url = serializers.SerializerMethodField(
        help_text="Page of the meeting under the first of these plans; null without one."
    )

    forum = serializers.CharField(source="forum.code", help_text="Code of the forum.")
    plans = serializers.SerializerMethodField(help_text="Codes of the plans that it concerns.")
    title = TextField()
    place = TextField(help_text="Where it is held.")
    link = serializers.CharField(source="url", help_text="The forum's page of it, or empty.")

    class Meta:
        model = Meeting
        fields = [
            "id",
            "uid",
            "forum",
            "plans",
            "title",
            "starts_on",
            "ends_on",
            "place",
            "link",
            "papers_due_on",
            "public",
            "cancelled",
            "sequence",
            "changed_at",
            "url",
            "html_url",
        ]
        extra_kwargs = {
            "uid": {"help_text": "The id that calendars know it by; it never changes."},
            "starts_on": {"help_text": "First day."},
            "ends_on": {"help_text": "Last day."},
            "papers_due_on": {"help_text": "Last day on which the forum takes papers; or null."},
            "public": {"help_text": "Whether everybody sees it; others are for staff."},
            "cancelled": {"help_text": "Whether it was cancelled."},
            "sequence": {"help_text": "Number of changes of what everybody may see of it."},
            "changed_at": {"help_text": "Time of the latest of these changes."},
        }

    def get_plans(self, row: Meeting) -> list[str]:
        plans: list[str] = self.context["view"].plans_concerned[row.forum_id]
        return plans

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_html_url(self, row: Meeting) -> str | None:
        plans = self.get_plans(row) if row.public else []
        if not plans:
            return None
        path = reverse("pages:meeting", args=[plans[0], row.pk])
        address: str = self.context["request"].build_absolute_uri(path)
        return address


class CodeSerializer(ReadSerializer[Any]):
    """A code with its label in every language of the interface."""

    code = serializers.CharField()
    label = TextField()


class DefinedCodeSerializer(CodeSerializer):
    """A code with its label and definition."""

    definition = TextField()


class StatusCodeSerializer(DefinedCodeSerializer):
    """A status as defined in the methodology, with the kinds of commitment to which it applies."""

    kinds = serializers.ListField(child=CodeChoiceField(Kind))
    tone = CodeChoiceField(Tone)
    least_evidence = serializers.IntegerField(
        help_text="Lowest evidence level of an assessment with this status."
    )
    search_note = serializers.BooleanField(
        help_text="Whether an assessment with this status requires a search note."
    )
    needs_action = serializers.BooleanField(
        help_text="Whether an assessment with this status must rest on an action of its period."
    )
    rank = serializers.IntegerField(
        allow_null=True,
        help_text="Place on the scale of its kind, from bad to good; null if it has none.",
    )
    settled = serializers.BooleanField(
        help_text="Whether an assessment with this status never lapses."
    )


class SourceCodeSerializer(DefinedCodeSerializer):
    """A kind of source, with the evidence level that it gives."""

    level = serializers.IntegerField()


class EventTypeCodeSerializer(DefinedCodeSerializer):
    """A type of event."""

    is_action = serializers.BooleanField(help_text="Whether the plan's owner acted.")


class EvidenceLevelSerializer(ReadSerializer[Any]):
    """An evidence level, from 0 to 3, with its label."""

    level = serializers.IntegerField()
    label = TextField()


class CodesSerializer(ReadSerializer[Any]):
    """All lists of codes, with labels in every language of the interface."""

    methodology = serializers.IntegerField()
    statuses = StatusCodeSerializer(many=True)
    evidence_levels = EvidenceLevelSerializer(many=True)
    sources = SourceCodeSerializer(many=True)
    kinds = CodeSerializer(many=True)
    tones = CodeSerializer(many=True)
    freshness = CodeSerializer(many=True)
    schedules = CodeSerializer(many=True)
    readings = DefinedCodeSerializer(many=True)
    states = CodeSerializer(many=True)
    actions = CodeSerializer(many=True)
    roles = CodeSerializer(many=True)
    event_types = EventTypeCodeSerializer(many=True)
    finding_results = DefinedCodeSerializer(many=True)
    movements = DefinedCodeSerializer(many=True)
    forum_kinds = CodeSerializer(many=True)
    evidence_kinds = CodeSerializer(many=True)
    date_precisions = CodeSerializer(many=True)
    link_statuses = CodeSerializer(many=True)
    rating_outcomes = CodeSerializer(many=True)
    subject_types = CodeSerializer(many=True)
    coverage = DefinedCodeSerializer(many=True)
    token_scopes = CodeSerializer(many=True)
    error_codes = CodeSerializer(many=True)
