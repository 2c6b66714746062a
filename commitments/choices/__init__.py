"""The closed lists of codes, with their labels and rules."""

from commitments.choices.codes import Codes
from commitments.choices.events import ACTIONS, DEEDS, EventType, FindingResult
from commitments.choices.evidence import (
    DEAD_AFTER_CHECKS,
    EVIDENCE_LEVELS,
    REACHED_STATUSES,
    ROBOT_REFUSALS,
    CoverageGap,
    EvidenceKind,
    LinkStatus,
    Source,
)
from commitments.choices.reference import DatePrecision, ForumKind, SubjectType
from commitments.choices.rollups import Movement, PeriodUnit, Reading
from commitments.choices.statuses import (
    METHODOLOGY,
    STATUS_RULES,
    Freshness,
    Kind,
    Schedule,
    Status,
    StatusRule,
    Tone,
    statuses_for,
    statuses_where,
)
from commitments.choices.workflow import (
    EDITABLE_STATES,
    PUBLIC_ACTIONS,
    PUBLIC_NOTE_ACTIONS,
    PUBLIC_STATES,
    SYSTEM_ROLE,
    Action,
    Role,
    State,
)

__all__ = [
    "ACTIONS",
    "DEAD_AFTER_CHECKS",
    "DEEDS",
    "EDITABLE_STATES",
    "EVIDENCE_LEVELS",
    "METHODOLOGY",
    "PUBLIC_ACTIONS",
    "PUBLIC_NOTE_ACTIONS",
    "PUBLIC_STATES",
    "REACHED_STATUSES",
    "ROBOT_REFUSALS",
    "STATUS_RULES",
    "SYSTEM_ROLE",
    "Action",
    "Codes",
    "CoverageGap",
    "DatePrecision",
    "EventType",
    "EvidenceKind",
    "FindingResult",
    "ForumKind",
    "Freshness",
    "Kind",
    "LinkStatus",
    "Movement",
    "PeriodUnit",
    "Reading",
    "Role",
    "Schedule",
    "Source",
    "State",
    "Status",
    "StatusRule",
    "SubjectType",
    "Tone",
    "statuses_for",
    "statuses_where",
]
