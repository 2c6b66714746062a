"""The closed lists of codes, with their labels and rules."""

from commitments.choices.codes import Codes
from commitments.choices.erasures import ErasablePart
from commitments.choices.errors import ErrorCode, error_code
from commitments.choices.events import ACTIONS, DEEDS, MEETING_EVENTS, EventType, FindingResult
from commitments.choices.evidence import (
    DEAD_AFTER_CHECKS,
    EVIDENCE_LEVELS,
    REACHED_STATUSES,
    ROBOT_REFUSALS,
    CoverageGap,
    EvidenceKind,
    LinkFilter,
    LinkStatus,
    Source,
)
from commitments.choices.mail import DigestPeriod, MailKind, MailState
from commitments.choices.operations import Health, RunState
from commitments.choices.reference import DatePrecision, ForumKind, SubjectType, Visibility
from commitments.choices.requests import RequestState
from commitments.choices.rollups import Movement, PeriodUnit, Reading
from commitments.choices.search import HitKind
from commitments.choices.statuses import (
    METHODOLOGY,
    STATUS_RULES,
    Freshness,
    Kind,
    Schedule,
    ScheduleDate,
    Status,
    StatusRule,
    Tone,
    effective_tone,
    statuses_for,
    statuses_where,
)
from commitments.choices.webhooks import WebhookState
from commitments.choices.workflow import (
    ADMINISTRATOR_ROLE,
    EDITABLE_STATES,
    EDITING_ACTIONS,
    PUBLIC_ACTIONS,
    PUBLIC_CONTENT_STATES,
    PUBLIC_NOTE_ACTIONS,
    PUBLIC_STATES,
    SYSTEM_ROLE,
    WITHDRAWING_ACTIONS,
    Action,
    Role,
    State,
)

__all__ = [
    "ACTIONS",
    "ADMINISTRATOR_ROLE",
    "DEAD_AFTER_CHECKS",
    "DEEDS",
    "EDITABLE_STATES",
    "EDITING_ACTIONS",
    "EVIDENCE_LEVELS",
    "MEETING_EVENTS",
    "METHODOLOGY",
    "PUBLIC_ACTIONS",
    "PUBLIC_CONTENT_STATES",
    "PUBLIC_NOTE_ACTIONS",
    "PUBLIC_STATES",
    "REACHED_STATUSES",
    "ROBOT_REFUSALS",
    "STATUS_RULES",
    "SYSTEM_ROLE",
    "WITHDRAWING_ACTIONS",
    "Action",
    "Codes",
    "CoverageGap",
    "DatePrecision",
    "DigestPeriod",
    "ErasablePart",
    "ErrorCode",
    "EventType",
    "EvidenceKind",
    "FindingResult",
    "ForumKind",
    "Freshness",
    "Health",
    "HitKind",
    "Kind",
    "LinkFilter",
    "LinkStatus",
    "MailKind",
    "MailState",
    "Movement",
    "PeriodUnit",
    "Reading",
    "RequestState",
    "Role",
    "RunState",
    "Schedule",
    "ScheduleDate",
    "Source",
    "State",
    "Status",
    "StatusRule",
    "SubjectType",
    "Tone",
    "Visibility",
    "WebhookState",
    "effective_tone",
    "error_code",
    "statuses_for",
    "statuses_where",
]
