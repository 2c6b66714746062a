"""The workflow of progress updates: `create_draft`, `edit_draft` and `perform` change them,
`create_drafts` and `perform_each` several at once.

Nothing else writes the state of an update or the current status of a commitment. Each function
locks rows in the order plan, commitment, updates by id, head of the ledger; then it checks; then it
writes.
"""

from commitments.models.evidence import EVIDENCE_FIELDS
from commitments.models.progress import UPDATE_FIELDS
from commitments.workflow.actions import (
    ActionRequest,
    allowed_actions,
    may_edit_now,
    perform,
    perform_each,
)
from commitments.workflow.administrator_requests import decline_request, recall_request
from commitments.workflow.assessments import (
    Assessment,
    events_to_weigh,
    first_day_allowed,
    first_day_offered,
    following_statuses,
)
from commitments.workflow.confirmation import confirm_time
from commitments.workflow.creation import create_draft, create_drafts, who_reports
from commitments.workflow.drafts import add_evidence, adopt_rating, edit_draft
from commitments.workflow.erasable import erasable_parts
from commitments.workflow.erasure import confirm_erasure, request_erasure
from commitments.workflow.evidence import EvidenceChanges, evidence_level, has_only_earlier_sources
from commitments.workflow.findings import (
    FindingFields,
    basis_events,
    saved_events,
    saved_findings,
)
from commitments.workflow.public_view import PublicView, public_view
from commitments.workflow.ratings import (
    argument_problems,
    criteria_to_rate,
    holding_ratings,
    publication_problems,
)
from commitments.workflow.requirements import check, correction_problem

__all__ = [
    "EVIDENCE_FIELDS",
    "UPDATE_FIELDS",
    "ActionRequest",
    "Assessment",
    "EvidenceChanges",
    "FindingFields",
    "PublicView",
    "add_evidence",
    "adopt_rating",
    "allowed_actions",
    "argument_problems",
    "basis_events",
    "check",
    "confirm_erasure",
    "confirm_time",
    "correction_problem",
    "create_draft",
    "create_drafts",
    "criteria_to_rate",
    "decline_request",
    "edit_draft",
    "erasable_parts",
    "events_to_weigh",
    "evidence_level",
    "first_day_allowed",
    "first_day_offered",
    "following_statuses",
    "has_only_earlier_sources",
    "holding_ratings",
    "may_edit_now",
    "perform",
    "perform_each",
    "public_view",
    "publication_problems",
    "recall_request",
    "request_erasure",
    "saved_events",
    "saved_findings",
    "who_reports",
]
