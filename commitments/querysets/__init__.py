"""Questions to the tables in the words of the domain. Chainable; they take users and clocks."""

from commitments.querysets.commitments import CommitmentQuerySet
from commitments.querysets.evidence import EvidenceQuerySet, LinkCheckQuerySet
from commitments.querysets.plans import ForumQuerySet, OfficeQuerySet, PlanQuerySet
from commitments.querysets.tokens import AccessTokenQuerySet
from commitments.querysets.updates import DecisionQuerySet, ProgressUpdateQuerySet

__all__ = [
    "AccessTokenQuerySet",
    "CommitmentQuerySet",
    "DecisionQuerySet",
    "EvidenceQuerySet",
    "ForumQuerySet",
    "LinkCheckQuerySet",
    "OfficeQuerySet",
    "PlanQuerySet",
    "ProgressUpdateQuerySet",
]
