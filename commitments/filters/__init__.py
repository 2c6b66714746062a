"""One filter set for each list, used by the pages and the API alike.

A parameter given twice means "or", different parameters mean "and". A value that is not allowed is
an error of the form; none is ignored.
"""

from commitments.filters.clocked import ClockedFilterSet
from commitments.filters.commitments import CommitmentFilter
from commitments.filters.evidence import EvidenceFilter, LinkResultFilter
from commitments.filters.fields import AwareDateTimeFilter, DayFilter, NumberFilter, SequenceFilter
from commitments.filters.ledger import ChangeFilter, ContentFilter, LedgerFilter
from commitments.filters.plan_commitments import PlanCommitmentFilter
from commitments.filters.reference import (
    AreaFilter,
    ForumFilter,
    GoalFilter,
    MeetingFilter,
    MilestoneFilter,
)
from commitments.filters.updates import UpdateFilter

__all__ = [
    "AreaFilter",
    "AwareDateTimeFilter",
    "ChangeFilter",
    "ClockedFilterSet",
    "CommitmentFilter",
    "ContentFilter",
    "DayFilter",
    "EvidenceFilter",
    "ForumFilter",
    "GoalFilter",
    "LedgerFilter",
    "LinkResultFilter",
    "MeetingFilter",
    "MilestoneFilter",
    "NumberFilter",
    "PlanCommitmentFilter",
    "SequenceFilter",
    "UpdateFilter",
]
