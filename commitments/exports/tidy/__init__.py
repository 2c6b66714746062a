"""Tidy tables: one table for each sort of thing and one row for each thing, with every column
documented, described as a Data Package."""

from commitments.exports.tidy.registry import TIDY_TABLES
from commitments.exports.tidy.snapshots import freeze, last_quarter
from commitments.exports.tidy.tables import TIDY_CSV, Scope, TidyTable

__all__ = ["TIDY_CSV", "TIDY_TABLES", "Scope", "TidyTable", "freeze", "last_quarter"]
