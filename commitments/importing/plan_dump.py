"""The rows of a plan in the form of a plan file."""

from __future__ import annotations

from collections.abc import Iterable

from commitments.importing import yaml_file
from commitments.importing.document import Document
from commitments.models import (
    ActionArea,
    Commitment,
    Criterion,
    Forum,
    Milestone,
    Office,
    Plan,
    StrategicGoal,
)

PLAN_FORMAT = 1


def dump_plan(plan: Plan) -> str:
    """Return the plan as a plan file. Loading that file and dumping it gives the same bytes."""
    return yaml_file.dump_yaml(plan_document(plan))


def plan_document(plan: Plan) -> Document:
    """Return the plan as the content of a plan file, without empty values."""
    commitments = list(
        plan.commitments.in_order()
        .select_related("plan", "area", "goal", "lead_office")
        .prefetch_related(
            "supporting_goals",
            "supporting_offices",
            "partnerships__forum",
            "criteria",
            "milestones",
        )
    )
    parts = {
        "format": PLAN_FORMAT,
        "plan": _plan_attributes(plan),
        "goals": [_goal_document(goal) for goal in plan.goals.order_by("number")],
        "areas": [_area_document(area) for area in plan.areas.order_by("number")],
        "forums": [forum_document(forum) for forum in _forums_of(plan)],
        "offices": [office_document(office) for office in _offices_of(commitments)],
        "commitments": [_commitment_document(commitment) for commitment in commitments],
    }
    return _without_empty(parts)


def _without_empty(item: Document) -> Document:
    return {key: value for key, value in item.items() if value not in (None, "", [], {})}


def _plan_attributes(plan: Plan) -> Document:
    return _without_empty(
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
            "locality": plan.locality,
            "plan_number": plan.plan_number,
        }
    )


def _goal_document(goal: StrategicGoal) -> Document:
    return _without_empty(
        {"number": goal.number, "title": goal.title.as_dict(), "text": goal.text.as_dict()}
    )


def _area_document(area: ActionArea) -> Document:
    return {"number": area.number, "title": area.title.as_dict()}


def forum_document(forum: Forum) -> Document:
    return _without_empty(
        {
            "code": forum.code,
            "name": forum.name.as_dict(),
            "kind": forum.kind,
            "parent": forum.parent and forum.parent.code,
            "successor_of": forum.successor_of and forum.successor_of.code,
            "closed_on": forum.closed_on and forum.closed_on.isoformat(),
        }
    )


def office_document(office: Office) -> Document:
    return {"code": office.code, "name": office.name.as_dict()}


def _forums_of(plan: Plan) -> Iterable[Forum]:
    """Return the forums that the commitments name, with their ancestors and predecessors."""
    by_id = {
        forum.pk: forum
        for forum in Forum.objects.select_related("parent", "successor_of").order_by("pk")
    }
    included: set[int] = set()
    pending = list(
        Forum.objects.filter(commitments__plan=plan).values_list("pk", flat=True).distinct()
    )
    while pending:
        current = pending.pop()
        if current not in included:
            included.add(current)
            forum = by_id[current]
            pending += [pk for pk in (forum.parent_id, forum.successor_of_id) if pk is not None]
    return [forum for pk, forum in by_id.items() if pk in included]


def _offices_of(commitments: Iterable[Commitment]) -> list[Office]:
    offices: dict[str, Office] = {}
    for commitment in commitments:
        for office in (commitment.lead_office, *commitment.supporting_offices.all()):
            if office is not None:
                offices.setdefault(office.code, office)
    return [offices[code] for code in sorted(offices)]


def _commitment_document(commitment: Commitment) -> Document:
    partnerships = sorted(commitment.partnerships.all(), key=lambda row: row.pk)
    milestones = sorted(commitment.milestones.all(), key=lambda row: (row.due_on, row.pk))
    return _without_empty(
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
                _without_empty({"code": row.forum.code, "quote": row.quote.as_dict()})
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
            "lead_office": commitment.lead_office and commitment.lead_office.code,
            "supporting_offices": sorted(
                office.code for office in commitment.supporting_offices.all()
            ),
            "milestones": [milestone_document(row) for row in milestones],
        }
    )


def criterion_document(criterion: Criterion) -> Document:
    return _without_empty(
        {
            "key": criterion.key,
            "text": criterion.text.as_dict(),
            "quote": criterion.quote.as_dict(),
        }
    )


def milestone_document(milestone: Milestone) -> Document:
    return _without_empty(
        {
            "title": milestone.title.as_dict(),
            "due_on": milestone.due_on.isoformat(),
            "done_on": milestone.done_on and milestone.done_on.isoformat(),
        }
    )
