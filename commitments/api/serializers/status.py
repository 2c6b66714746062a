"""Roll-ups: counts, bounds and readings of groups of commitments."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeField, TextField
from commitments.choices import Kind
from commitments.readings import Reading
from commitments.rollups import GROUPINGS, Group
from commitments.trend import Step


class KindRollUpSerializer(serializers.Serializer[Any]):
    """One kind's part. `fulfilled` is the least and the most that can be fulfilled."""

    counts = serializers.DictField(child=serializers.IntegerField(), help_text="By status.")
    tones = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="By effective tone: a lapsed claim is unknown, whatever it said.",
    )
    of = serializers.IntegerField()
    assessable = serializers.IntegerField()
    fulfilled = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    adverse = serializers.IntegerField()
    reading = CodeField(Reading)


class GroupSerializer(serializers.Serializer[Group]):
    """`members` lists the group's commitments; null where no filter finds them."""

    key = serializers.CharField(allow_null=True)
    label = TextField()
    commitments = serializers.IntegerField()
    deliverable = KindRollUpSerializer(source=f"kinds.{Kind.DELIVERABLE.value}")
    standing = KindRollUpSerializer(source=f"kinds.{Kind.STANDING.value}")
    freshness = serializers.DictField(child=serializers.IntegerField())
    active_at_forum = serializers.IntegerField(
        allow_null=True,
        help_text="Where the key is a forum: commitments with recent recorded activity there.",
    )
    members = serializers.SerializerMethodField()

    def get_members(self, group: Group) -> str | None:
        address: str | None = self.context["members"](group)
        return address


class ReportSerializer(serializers.Serializer[Any]):
    """The figures of `status/`. `plan` and `as_of` are null where several plans are read."""

    plan = serializers.CharField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    known_at = serializers.DateTimeField(allow_null=True)
    methodology = serializers.IntegerField()
    group_by = serializers.ChoiceField(choices=list(GROUPINGS), allow_null=True)
    overlapping = serializers.BooleanField()
    total = GroupSerializer()
    groups = GroupSerializer(many=True)


class PeriodSerializer(serializers.Serializer[Any]):
    period = serializers.CharField(source="name", help_text="2024-05, 2024-Q2 or 2024.")
    ends_on = serializers.DateField(help_text="The day that is looked at.")
    deliverable = KindRollUpSerializer(source=f"group.kinds.{Kind.DELIVERABLE.value}")
    standing = KindRollUpSerializer(source=f"group.kinds.{Kind.STANDING.value}")
    freshness = serializers.DictField(child=serializers.IntegerField(), source="group.freshness")


class TrendSerializer(serializers.Serializer[Any]):
    """The figures of `status/` at the end of each period, the earliest first."""

    plan = serializers.CharField()
    as_of = serializers.DateField()
    known_at = serializers.DateTimeField(allow_null=True)
    methodology = serializers.IntegerField()
    by = CodeField(Step)
    periods = PeriodSerializer(many=True)
