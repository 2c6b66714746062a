"""Roll-ups of sets of commitments: counts, bounds and a reading for each kind."""

from commitments.rollups.comparison import movement_between
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

__all__ = [
    "ALL",
    "GROUPINGS",
    "ForumRow",
    "Group",
    "Grouping",
    "Item",
    "KindRollUp",
    "Report",
    "breakdowns",
    "forum_rows",
    "group",
    "items_from",
    "items_of",
    "movement_between",
    "report",
    "roll_up",
    "total",
]
