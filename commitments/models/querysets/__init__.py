"""Chainable query sets in the words of the domain. They take users and clocks, and never read the
time or the request."""

from commitments.models.querysets.commitments import CommitmentQuerySet
from commitments.models.querysets.contents import RecordedContentQuerySet
from commitments.models.querysets.coverage import coverage_gaps
from commitments.models.querysets.criteria import CriterionQuerySet
from commitments.models.querysets.decisions import DecisionQuerySet
from commitments.models.querysets.dumps import DumpQuerySet
from commitments.models.querysets.evidence import (
    EvidenceManager,
    EvidenceQuerySet,
    LinkCheckQuerySet,
    PublisherQuerySet,
)
from commitments.models.querysets.findings import FINDING_BITS, FindingManager
from commitments.models.querysets.idempotent_responses import IdempotentResponseQuerySet
from commitments.models.querysets.mail import (
    FollowingQuerySet,
    MailPreferenceQuerySet,
    MailQuerySet,
)
from commitments.models.querysets.meetings import MeetingQuerySet
from commitments.models.querysets.milestones import KnownDateQuerySet, MilestoneQuerySet
from commitments.models.querysets.plans import (
    ForumQuerySet,
    OfficeQuerySet,
    PlanQuerySet,
    ReviewPeriod,
    of_visible_plans,
)
from commitments.models.querysets.schedule import day_ahead
from commitments.models.querysets.shared import narrowed
from commitments.models.querysets.snapshots import SnapshotQuerySet
from commitments.models.querysets.state import CURRENT_STATE
from commitments.models.querysets.tokens import AccessTokenQuerySet
from commitments.models.querysets.updates import (
    ACTIVITY_INTERVALS,
    CONTENT_RELATIONS,
    ProgressUpdateQuerySet,
)
from commitments.models.querysets.webhooks import WebhookAttemptQuerySet, WebhookSubscriberQuerySet

__all__ = [
    "ACTIVITY_INTERVALS",
    "CONTENT_RELATIONS",
    "CURRENT_STATE",
    "FINDING_BITS",
    "AccessTokenQuerySet",
    "CommitmentQuerySet",
    "CriterionQuerySet",
    "DecisionQuerySet",
    "DumpQuerySet",
    "EvidenceManager",
    "EvidenceQuerySet",
    "FindingManager",
    "FollowingQuerySet",
    "ForumQuerySet",
    "IdempotentResponseQuerySet",
    "KnownDateQuerySet",
    "LinkCheckQuerySet",
    "MailPreferenceQuerySet",
    "MailQuerySet",
    "MeetingQuerySet",
    "MilestoneQuerySet",
    "OfficeQuerySet",
    "PlanQuerySet",
    "ProgressUpdateQuerySet",
    "PublisherQuerySet",
    "RecordedContentQuerySet",
    "ReviewPeriod",
    "SnapshotQuerySet",
    "WebhookAttemptQuerySet",
    "WebhookSubscriberQuerySet",
    "coverage_gaps",
    "day_ahead",
    "narrowed",
    "of_visible_plans",
]
