"""Requests for actions on updates, and their results."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from commitments.api.fields import (
    MAX_TEXT_LENGTH,
    CodeChoiceField,
    IdField,
    JsonIntegerField,
    JsonStringField,
    RejectUnknownKeysMixin,
)
from commitments.api.serializers.problems import BulkErrorSerializer
from commitments.api.serializers.updates import FindingsField
from commitments.choices import ErrorCode, State, Status
from commitments.models.progress import ASSESSMENT_STATUSES

MAX_REVISION = 2**31 - 1


class ActionSerializer(RejectUnknownKeysMixin):
    """The note of an action; required for `return` and `retract`, and for `submit` where the status
    differs from a second rating that the author knows."""

    note = JsonStringField(
        required=False,
        allow_blank=True,
        max_length=MAX_TEXT_LENGTH,
        help_text=_("Public when an update is withdrawn; otherwise visible to staff only."),
    )


class RateSerializer(RejectUnknownKeysMixin):
    """What a reviewer finds of an assessment, before they see what its author found. `events` are
    some of those on which it rests. Without `status` it is the one that follows from the findings,
    if only one does."""

    findings = FindingsField(required=False)
    status = CodeChoiceField(Status, only=ASSESSMENT_STATUSES, required=False, allow_null=True)


class EachOnceSerializer(serializers.ListSerializer[Any]):
    """A list that names no update twice."""

    def validate(self, attrs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: set[int] = set()
        errors: list[Any] = []
        for row in attrs:
            is_repeated = row["id"] in seen
            seen.add(row["id"])
            detail = ErrorDetail(str(_("This update is given twice.")), ErrorCode.REPEATED)
            errors.append({"id": [detail]} if is_repeated else {})
        if any(errors):
            raise serializers.ValidationError(errors)
        return attrs


class ActionItemSerializer(RejectUnknownKeysMixin):
    """An update to act on: its `revision` as last received, and the note of the action, which is
    required for `return`."""

    id = IdField()
    revision = JsonIntegerField(min_value=0, max_value=MAX_REVISION)
    note = JsonStringField(
        required=False,
        allow_blank=True,
        max_length=MAX_TEXT_LENGTH,
        help_text=_("Visible to staff only."),
    )

    class Meta:
        list_serializer_class = EachOnceSerializer


class ActionResultSerializer(serializers.Serializer[Any]):
    """What became of one update. State and revision are those it has now, null if the caller may
    not see it."""

    id = serializers.IntegerField()
    done = serializers.BooleanField(help_text="Whether the action was performed.")
    state = CodeChoiceField(State, allow_null=True)
    revision = serializers.IntegerField(allow_null=True)


class ActionResultsSerializer(serializers.Serializer[Any]):
    """A result for each item of the request, in its order, and why some were refused."""

    results = ActionResultSerializer(many=True)
    errors = BulkErrorSerializer(many=True)
