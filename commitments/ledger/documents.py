"""Rows of reference data in the form that they have in a plan file, without empty values.

Plan files, the contents that the ledger records, and edit histories all have this form.
"""

from __future__ import annotations

from typing import Any

from commitments.choices import SecondRating, Visibility
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Forum,
    Milestone,
    Office,
    Plan,
    Publisher,
    StrategicGoal,
)

Document = dict[str, Any]
# Defaults for what a plan file leaves out.
DEFAULT_VISIBILITY = Visibility.PUBLIC
DEFAULT_SECOND_RATING = SecondRating.NONE


def without_empty(item: Document) -> Document:
    return {key: value for key, value in item.items() if value not in (None, "", [], {})}


def plan_attributes(plan: Plan) -> Document:
    return without_empty(
        {
            "code": plan.code,
            "languages": plan.languages,
            "title": plan.title.as_dict(),
            "issuer": plan.issuer.as_dict(),
            "adopted_on": plan.adopted_on and plan.adopted_on.isoformat(),
            "time_zone": plan.time_zone,
            "review_interval_days": plan.review_interval_days,
            "notice": plan.notice.as_dict(),
            "licence": plan.licence.as_dict(),
            "licence_url": plan.licence_url,
            "locality": plan.locality,
            "plan_number": plan.plan_number,
            "words": plan.words,
            "visibility": "" if plan.visibility == DEFAULT_VISIBILITY else plan.visibility,
            "second_rating": (
                "" if plan.second_rating == DEFAULT_SECOND_RATING else plan.second_rating
            ),
        }
    )


def goal_document(goal: StrategicGoal) -> Document:
    return without_empty(
        {"number": goal.number, "title": goal.title.as_dict(), "text": goal.text.as_dict()}
    )


def area_document(area: ActionArea) -> Document:
    return {"number": area.number, "title": area.title.as_dict()}


def forum_document(forum: Forum) -> Document:
    return without_empty(
        {
            "code": forum.code,
            "name": forum.name.as_dict(),
            "kind": forum.kind,
            "parent": forum.parent and forum.parent.code,
            "successor_of": forum.successor_of and forum.successor_of.code,
            "closed_on": forum.closed_on and forum.closed_on.isoformat(),
            "same_as": sorted(forum.same_as),
        }
    )


def office_document(office: Office) -> Document:
    return {"code": office.code, "name": office.name.as_dict()}


def commitment_document(commitment: Commitment) -> Document:
    partnerships = sorted(commitment.partnerships.all(), key=lambda row: row.pk)
    milestones = [row for row in commitment.milestones.all() if row.retired_at is None]
    return without_empty(
        {
            "number": commitment.number,
            "area": commitment.area and commitment.area.number,
            "title": commitment.title.as_dict(),
            "text": commitment.text.as_dict(),
            "kind": commitment.kind,
            "kind_reason": commitment.kind_reason.as_dict(),
            "goal": commitment.goal and commitment.goal.number,
            "goal_reason": commitment.goal_reason.as_dict(),
            "supporting_goals": sorted(goal.number for goal in commitment.supporting_goals.all()),
            "forums": [
                without_empty({"code": row.forum.code, "quote": row.quote.as_dict()})
                for row in partnerships
            ],
            "criteria": [
                criterion_document(row)
                for row in sorted(commitment.criteria.all(), key=lambda row: row.position)
                if row.retired_at is None
            ],
            "criteria_reason": commitment.criteria_reason.as_dict(),
            "note": commitment.note.as_dict(),
            "start_on": commitment.start_on and commitment.start_on.isoformat(),
            "due_on": commitment.due_on and commitment.due_on.isoformat(),
            "ends_on": commitment.ends_on and commitment.ends_on.isoformat(),
            "lead_office": commitment.lead_office and commitment.lead_office.code,
            "supporting_offices": sorted(
                office.code for office in commitment.supporting_offices.all()
            ),
            "milestones": [
                milestone_document(row)
                for row in sorted(milestones, key=lambda row: (row.due_on, row.pk))
            ],
        }
    )


def criterion_document(criterion: Criterion) -> Document:
    return without_empty(
        {
            "key": criterion.key,
            "text": criterion.text.as_dict(),
            "quote": criterion.quote.as_dict(),
        }
    )


def milestone_document(milestone: Milestone) -> Document:
    return without_empty(
        {
            "key": milestone.key,
            "title": milestone.title.as_dict(),
            "due_on": milestone.due_on.isoformat(),
        }
    )


def publisher_document(publisher: Publisher) -> Document:
    return {"key": publisher.key, "name": publisher.name.as_dict()}
