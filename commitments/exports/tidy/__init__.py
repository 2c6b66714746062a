"""Tidy tables: one table for each sort of thing, one row for each thing, documented column by
column and described as a Data Package."""

from commitments.exports.tidy.changes import CHANGES
from commitments.exports.tidy.plan import COMMITMENTS, CRITERIA, MILESTONES, PARTNERSHIPS
from commitments.exports.tidy.record import EVIDENCE, FINDINGS, UPDATES
from commitments.exports.tidy.status import GRID, STATUS, TREND
from commitments.exports.tidy.tables import TIDY_CSV, Scope, TidyTable

TIDY_TABLES = {
    table.name: table
    for table in (
        COMMITMENTS,
        CRITERIA,
        UPDATES,
        FINDINGS,
        EVIDENCE,
        PARTNERSHIPS,
        MILESTONES,
        STATUS,
        TREND,
        GRID,
        CHANGES,
    )
}

__all__ = ["TIDY_CSV", "TIDY_TABLES", "Scope", "TidyTable"]
