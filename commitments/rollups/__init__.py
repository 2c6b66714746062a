"""Roll-ups of sets of commitments: counts, bounds and a reading for each kind."""

from commitments.rollups.comparison import Comparison, compare, movement_between
from commitments.rollups.groupings import (
    GROUPINGS,
    ForumRow,
    Grouping,
    Report,
    breakdowns,
    forum_rows,
    report,
)
from commitments.rollups.groups import ALL, Group, KindRollUp, group, roll_up, total
from commitments.rollups.items import Item, items_from, items_of
from commitments.rollups.record import CommitmentRecord, Record, read_record, record_of
from commitments.rollups.schedule import dates_of

__all__ = [
    "ALL",
    "GROUPINGS",
    "CommitmentRecord",
    "Comparison",
    "ForumRow",
    "Group",
    "Grouping",
    "Item",
    "KindRollUp",
    "Record",
    "Report",
    "breakdowns",
    "compare",
    "dates_of",
    "forum_rows",
    "group",
    "items_from",
    "items_of",
    "movement_between",
    "read_record",
    "record_of",
    "report",
    "roll_up",
    "total",
]
