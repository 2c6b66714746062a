"""The report on a period."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commitments.api.fields import CodeChoiceField, TextField
from commitments.api.read_serializers import ReadSerializer
from commitments.api.serializers.changes import PublicChangeSerializer
from commitments.api.serializers.status import KindRollUpSerializer, PlanAnswerSerializer
from commitments.choices import (
    CoverageGap,
    DatePrecision,
    EventType,
    EvidenceKind,
    Freshness,
    Kind,
    Movement,
    Source,
    Status,
)
from commitments.reports import PeriodReport

SOURCES_HELP = "Numbers of its sources, as listed in `sources`."


class FiguresSerializer(ReadSerializer[Any]):
    """The figures of the selected commitments on one day, as in `status/`."""

    commitments = serializers.IntegerField(help_text="Number of commitments.")
    deliverable = KindRollUpSerializer(source=f"kinds.{Kind.DELIVERABLE.value}")
    standing = KindRollUpSerializer(source=f"kinds.{Kind.STANDING.value}")
    freshness = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of assessments by freshness."
    )


class ReportedAssessmentSerializer(ReadSerializer[Any]):
    """The assessment at the end of the period."""

    update = serializers.IntegerField(source="update.id")
    effective_on = serializers.DateField(source="update.effective_on")
    date_precision = CodeChoiceField(DatePrecision, source="update.date_precision")
    summary = TextField(source="update.summary")
    sources = serializers.ListField(child=serializers.IntegerField(), help_text=SOURCES_HELP)


class ReportedChangeSerializer(ReadSerializer[Any]):
    """A commitment at the beginning and at the end of the period."""

    code = serializers.CharField(source="after.code")
    title = TextField(source="after.title")
    before = CodeChoiceField(
        Status, source="comparison.before", help_text="Status at the beginning, lapsed or not."
    )
    before_lapsed = serializers.BooleanField(
        source="comparison.before_lapsed",
        help_text="Whether the assessment had lapsed at the beginning: it counts as unknown.",
    )
    after = CodeChoiceField(
        Status, source="comparison.after", help_text="Status at the end, lapsed or not."
    )
    after_lapsed = serializers.BooleanField(
        source="comparison.after_lapsed",
        help_text="Whether the assessment has lapsed at the end: it counts as unknown.",
    )
    assessed_to = serializers.DateField(
        source="after.assessment_effective_on",
        allow_null=True,
        help_text="Day to which the assessment at the end assesses; null if there is none.",
    )
    freshness = CodeChoiceField(
        Freshness,
        source="after.freshness",
        allow_null=True,
        help_text="Freshness of the assessment at the end; null if there is none.",
    )
    evidence_level = serializers.IntegerField(
        source="after.assessment_level", help_text="Evidence level at the end, 0 to 3."
    )
    movement = CodeChoiceField(
        Movement, source="comparison.movement", help_text="How the status changed."
    )
    after_gap = serializers.BooleanField(
        source="comparison.after_gap",
        help_text="Whether an assessment had lapsed before the next one, in the period.",
    )
    criteria_changed = serializers.BooleanField(
        source="comparison.criteria_changed",
        help_text="Whether the two assessments answer different criteria: the bar has moved.",
    )
    assessment = ReportedAssessmentSerializer(
        allow_null=True,
        help_text="Null unless the status moved, lapsed, or was assessed again after a gap.",
    )


class ReportedEventSerializer(ReadSerializer[Any]):
    """An event of the period."""

    update = serializers.IntegerField(source="update.id")
    effective_on = serializers.DateField(source="update.effective_on")
    date_precision = CodeChoiceField(DatePrecision, source="update.date_precision")
    event_type = CodeChoiceField(EventType, source="update.event_type")
    summary = TextField(source="update.summary")
    sources = serializers.ListField(child=serializers.IntegerField(), help_text=SOURCES_HELP)


class CommitmentEventsSerializer(ReadSerializer[Any]):
    """A commitment with its events of the period, newest first."""

    code = serializers.CharField(source="commitment.code")
    events = ReportedEventSerializer(many=True, help_text="Its events of the period.")


class SilentForumSerializer(ReadSerializer[Any]):
    """A forum without an action on record in the period."""

    code = serializers.CharField(source="forum.code")
    name = TextField(source="forum.name")
    commitments = serializers.IntegerField(help_text="Number of selected commitments there.")


class NotKnownSerializer(ReadSerializer[PeriodReport]):
    """What is not known at the end of the period, by the codes of commitments."""

    unassessed = serializers.SerializerMethodField(help_text="Not yet assessed.")
    not_evidenced = serializers.SerializerMethodField(
        help_text="Assessed, but no evidence of fulfilment was found, which counts as unknown;"
        " without those that have lapsed."
    )
    lapsed = serializers.SerializerMethodField(
        help_text="With a lapsed assessment, which counts as unknown."
    )
    overdue = serializers.SerializerMethodField(help_text="Past a due date or an unmet milestone.")
    coverage = serializers.SerializerMethodField(help_text="With a weak basis, by its code.")
    silent_forums = SilentForumSerializer(
        many=True, help_text="Forums without an action on record in the period."
    )
    forums = serializers.IntegerField(
        source="forum_count", help_text="Number of forums that the commitments name."
    )

    def get_unassessed(self, report: PeriodReport) -> list[str]:
        return _codes(report.unassessed)

    def get_not_evidenced(self, report: PeriodReport) -> list[str]:
        return _codes(report.not_evidenced)

    def get_lapsed(self, report: PeriodReport) -> list[str]:
        return _codes(report.lapsed)

    def get_overdue(self, report: PeriodReport) -> list[str]:
        return _codes(report.overdue)

    def get_coverage(self, report: PeriodReport) -> dict[str, list[str]]:
        return {gap.value: _codes(report.gaps.get(gap, ())) for gap in CoverageGap}


def _codes(rows: Any) -> list[str]:
    return [row.code for row in rows]


class NumberedSourceSerializer(ReadSerializer[Any]):
    """A source under its number in the report."""

    number = serializers.IntegerField(help_text="Number by which changes and events name it.")
    evidence = serializers.IntegerField(source="piece.pk", help_text="ID of the evidence.")
    title = TextField(source="piece.title")
    publisher = TextField(
        source="piece.publisher.name",
        default=None,
        allow_null=True,
        help_text="Name of its publisher; null if it is not known.",
    )
    dated_on = serializers.DateField(source="piece.dated_on", allow_null=True)
    kind = CodeChoiceField(EvidenceKind, source="piece.kind")
    source = CodeChoiceField(Source, source="piece.source")
    link = serializers.CharField(source="piece.url", help_text="Empty if it is not a link.")
    citation = serializers.CharField(
        source="piece.citation", help_text="Empty if it is a link or a file."
    )
    archived_url = serializers.CharField(
        source="piece.archived_url", help_text="Address of an archived copy; empty without one."
    )


class PeriodReportSerializer(PlanAnswerSerializer):
    """What happened in a period, `from` to `as_of`, both included, to the selected commitments. The
    status at the beginning is that of the day before, `opening_day`."""

    as_of = serializers.DateField(help_text="The last day of the period.")
    opening_day = serializers.DateField(help_text="The day before the period.")
    html_url = serializers.URLField(help_text="The same report as a page.")
    docx_url = serializers.URLField(help_text="The same report as DOCX.")
    xlsx_url = serializers.URLField(help_text="The same report as XLSX.")
    opening = FiguresSerializer(help_text="The figures at the beginning.")
    closing = FiguresSerializer(help_text="The figures at the end.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of commitments by movement."
    )
    changes = ReportedChangeSerializer(
        many=True, help_text="All selected commitments, those that are unchanged too."
    )
    events = CommitmentEventsSerializer(
        many=True, help_text="The commitments that have events in the period."
    )
    withdrawn_events = serializers.IntegerField(
        help_text="Number of events that counted at `known_at` and were withdrawn since."
    )
    corrections = PublicChangeSerializer(
        many=True, help_text="Corrections, withdrawals and erasures published in the period."
    )
    not_known = NotKnownSerializer(help_text="What is not known at the end.")
    sources = NumberedSourceSerializer(many=True, help_text="Each source once.")

    def get_fields(self) -> dict[str, Any]:
        """Add a field whose name cannot be declared: `from` is a keyword."""
        first = serializers.DateField(source="first", help_text="The first day of the period.")
        return {"from": first, **super().get_fields()}
