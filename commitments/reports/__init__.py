"""What happened under a plan in a period, by the public record: facts without words."""

from commitments.reports.period import ReportPeriod, last_full_quarter, period_presets
from commitments.reports.period_report import (
    CommitmentEvents,
    PeriodReport,
    ReportedChange,
    ReportedUpdate,
    SilentForum,
    read_period_report,
)
from commitments.reports.sources import SourceList

__all__ = [
    "CommitmentEvents",
    "PeriodReport",
    "ReportPeriod",
    "ReportedChange",
    "ReportedUpdate",
    "SilentForum",
    "SourceList",
    "last_full_quarter",
    "period_presets",
    "read_period_report",
]
