"""Roll-ups and trends."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, TextField, UtcTimeField
from commitments.api.read_serializers import ReadSerializer
from commitments.choices import Kind, PeriodUnit, Reading
from commitments.rollups import GROUPINGS, Group


class ActedSerializer(ReadSerializer[Any]):
    """The number of commitments with an action within one review interval before the day."""

    any = serializers.IntegerField(help_text="With an action of any type.")
    beyond_statements = serializers.IntegerField(
        help_text="With an action that is more than a statement."
    )


class KindRollUpSerializer(ReadSerializer[Any]):
    """The figures for one kind of commitment in a group."""

    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of commitments by status."
    )
    tones = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Number of commitments by effective tone; a lapsed assessment counts as unknown.",
    )
    of = serializers.IntegerField(help_text="Number of commitments.")
    assessable = serializers.IntegerField(
        help_text="Number of commitments that are not excluded from assessment."
    )
    fulfilled = serializers.ListField(
        child=serializers.IntegerField(),
        min_length=2,
        max_length=2,
        help_text="Least and greatest possible number of fulfilled commitments.",
    )
    acted = ActedSerializer()
    adverse = serializers.IntegerField(
        help_text="Number of commitments with an adverse assessment."
    )
    lapsed = serializers.IntegerField(
        help_text="Number of commitments whose assessment has lapsed; they count as unknown."
    )
    overdue = serializers.IntegerField(
        help_text="Number of commitments of which a due date or an unmet milestone has passed."
    )
    reading = CodeChoiceField(Reading)


class GroupSerializer(ReadSerializer[Group]):
    """A group of commitments. `key` is its number or code, or null for the total and for those in
    no group. `members` is the address of their list, or null if no filter selects exactly
    these."""

    key = serializers.CharField(allow_null=True)
    label = TextField()
    commitments = serializers.IntegerField()
    deliverable = KindRollUpSerializer(source=f"kinds.{Kind.DELIVERABLE.value}")
    standing = KindRollUpSerializer(source=f"kinds.{Kind.STANDING.value}")
    freshness = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of assessments by freshness."
    )
    active_at_forum = serializers.IntegerField(
        allow_null=True,
        help_text=(
            "For a forum only: number of commitments with activity recorded there within two "
            "review intervals."
        ),
    )
    members = serializers.SerializerMethodField()

    def get_members(self, group: Group) -> str | None:
        address: str | None = self.context["members"](group)
        return address


class ReportSerializer(ReadSerializer[Any]):
    """A roll-up of the selected commitments, in total and by group. Unless exactly one plan is
    selected, `plan` is null, and so is `as_of` if it was not given."""

    plan = serializers.CharField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    known_at = UtcTimeField(allow_null=True)
    methodology = serializers.IntegerField()
    group_by = serializers.ChoiceField(choices=list(GROUPINGS), allow_null=True)
    overlapping = serializers.BooleanField(
        help_text="Whether a commitment can be in several groups; the total counts it once."
    )
    total = GroupSerializer()
    groups = GroupSerializer(many=True)


class PlanAnswerSerializer(ReadSerializer[Any]):
    """What every answer on the selected commitments of one plan says."""

    plan = serializers.CharField()
    as_of = serializers.DateField()
    known_at = UtcTimeField(allow_null=True)
    methodology = serializers.IntegerField()


class PeriodSerializer(ReadSerializer[Any]):
    """A period."""

    period = serializers.CharField(source="name", help_text="For example 2024-05, 2024-Q2 or 2024.")
    ends_on = serializers.DateField(help_text="The date to which the figures refer.")


class TrendPeriodSerializer(PeriodSerializer):
    """The figures at the end of one period."""

    deliverable = KindRollUpSerializer(source=f"group.kinds.{Kind.DELIVERABLE.value}")
    standing = KindRollUpSerializer(source=f"group.kinds.{Kind.STANDING.value}")
    freshness = serializers.DictField(child=serializers.IntegerField(), source="group.freshness")


class TrendSerializer(PlanAnswerSerializer):
    """The figures of `status/` at the end of each period, earliest first."""

    by = CodeChoiceField(PeriodUnit)
    periods = TrendPeriodSerializer(many=True)
