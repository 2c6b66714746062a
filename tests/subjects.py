"""What curators maintain: a row of each type, and what is said of it in every field."""

from commitments.choices import SubjectType
from commitments.ledger import documents
from commitments.ledger.subjects import KINDS
from commitments.models import Partnership
from tests.factories import (
    AreaFactory,
    CriterionFactory,
    ForumFactory,
    GoalFactory,
    MilestoneFactory,
    OfficeFactory,
    PublisherFactory,
)


def one_of_each(duty):
    """Return a row of each type; the commitment has an item in each of its lists."""
    forum = ForumFactory()
    CriterionFactory(commitment=duty)
    MilestoneFactory(commitment=duty)
    Partnership.objects.create(commitment=duty, forum=forum)
    rows = {
        SubjectType.PLAN: duty.plan,
        SubjectType.GOAL: GoalFactory(plan=duty.plan),
        SubjectType.AREA: AreaFactory(plan=duty.plan),
        SubjectType.COMMITMENT: duty,
        SubjectType.FORUM: forum,
        SubjectType.OFFICE: OfficeFactory(),
        SubjectType.PUBLISHER: PublisherFactory(),
    }
    assert list(rows) == list(KINDS)
    return rows


def full_documents(duty, monkeypatch):
    """Return the document of a row of each type, with the fields that have no value too."""
    monkeypatch.setattr(documents, "without_empty", dict)
    return {kind: KINDS[kind].document(row) for kind, row in one_of_each(duty).items()}
