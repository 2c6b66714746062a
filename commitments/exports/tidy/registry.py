"""All tidy tables, by name."""

from commitments.exports.tidy.changes import CHANGE_TABLE
from commitments.exports.tidy.plan import (
    COMMITMENT_TABLE,
    CRITERION_TABLE,
    MILESTONE_TABLE,
    PARTNERSHIP_TABLE,
)
from commitments.exports.tidy.record import EVIDENCE_TABLE, FINDING_TABLE, UPDATE_TABLE
from commitments.exports.tidy.status import GRID_TABLE, STATUS_TABLE, TREND_TABLE

TIDY_TABLES = {
    table.name: table
    for table in (
        COMMITMENT_TABLE,
        CRITERION_TABLE,
        UPDATE_TABLE,
        FINDING_TABLE,
        EVIDENCE_TABLE,
        PARTNERSHIP_TABLE,
        MILESTONE_TABLE,
        STATUS_TABLE,
        TREND_TABLE,
        GRID_TABLE,
        CHANGE_TABLE,
    )
}
