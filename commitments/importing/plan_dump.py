"""The rows of a plan in the form of a plan file."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from commitments.choices import SubjectType
from commitments.importing import yaml_file
from commitments.importing.sharing import declared_codes
from commitments.ledger import documents, rows_of
from commitments.ledger.documents import Document
from commitments.models import Commitment, Forum, Office, Plan

PLAN_FORMAT = 1


def dump_plan(plan: Plan) -> str:
    """Return the plan as a plan file. Loading that file and dumping it gives the same bytes."""
    return yaml_file.dump_yaml(plan_document(plan))


def plan_document(plan: Plan) -> Document:
    """Return the plan as the content of a plan file, without empty values."""
    commitments = list(rows_of(SubjectType.COMMITMENT, plan).order_by("position", "pk"))
    parts = {
        "format": PLAN_FORMAT,
        "plan": documents.plan_attributes(plan),
        "goals": [documents.goal_document(goal) for goal in plan.goals.order_by("number")],
        "areas": [documents.area_document(area) for area in plan.areas.order_by("number")],
        "forums": [documents.forum_document(forum) for forum in _forums_of(plan)],
        "offices": [documents.office_document(office) for office in _offices_of(plan, commitments)],
        "commitments": [documents.commitment_document(commitment) for commitment in commitments],
    }
    return documents.without_empty(parts)


def _forums_of(plan: Plan) -> Iterable[Forum]:
    """Return the forums that the commitments name or the last file of the plan lists, with their
    ancestors and predecessors."""
    by_id = {
        forum.pk: forum
        for forum in Forum.objects.select_related("parent", "successor_of").order_by("pk")
    }
    included: set[int] = set()
    of_plan = Q(commitments__plan=plan) | Q(code__in=declared_codes("forums", plan))
    pending = list(Forum.objects.filter(of_plan).values_list("pk", flat=True).distinct())
    while pending:
        current = pending.pop()
        if current not in included:
            included.add(current)
            forum = by_id[current]
            pending += [pk for pk in (forum.parent_id, forum.successor_of_id) if pk is not None]
    return [forum for pk, forum in by_id.items() if pk in included]


def _offices_of(plan: Plan, commitments: Iterable[Commitment]) -> list[Office]:
    """Return the offices of the commitments, and those that the last file of the plan lists."""
    declared = Office.objects.filter(code__in=declared_codes("offices", plan))
    offices = {office.code: office for office in declared}
    for commitment in commitments:
        for office in (commitment.lead_office, *commitment.supporting_offices.all()):
            if office is not None:
                offices.setdefault(office.code, office)
    return [offices[code] for code in sorted(offices)]
