"""The subject of a page, an embedded card or a picture: a plan, or a part of it with its
commitments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404

from commitments.models import Forum, Office, Plan
from commitments.models.querysets import CommitmentQuerySet
from commitments.texts.text import Text


@dataclass(frozen=True)
class PlanSubject:
    """A plan or a part of it. `route` and `names` are the route of its page and its arguments,
    `kicker` is the line above its title, and `filters` select its commitments in the list."""

    route: str
    names: tuple[object, ...]
    title: Text
    kicker: str
    filters: Mapping[str, object]
    members: Callable[[CommitmentQuerySet], CommitmentQuerySet]


def whole_plan(plan: Plan) -> PlanSubject:
    issuer = str(plan.issuer)
    return PlanSubject("overview", (), plan.title, issuer or plan.code, {}, lambda rows: rows)


def goal_subject(plan: Plan, number: int) -> PlanSubject:
    goal = get_object_or_404(plan.goals, number=number)
    kicker = f"{plan.title.inline()} · {number}"
    return PlanSubject(
        "goal", (number,), goal.title, kicker, {"goal": number}, lambda rows: rows.filter(goal=goal)
    )


def area_subject(plan: Plan, number: int) -> PlanSubject:
    area = get_object_or_404(plan.areas, number=number)
    kicker = f"{plan.title.inline()} · {number}"
    return PlanSubject(
        "area", (number,), area.title, kicker, {"area": number}, lambda rows: rows.filter(area=area)
    )


def forum_subject(plan: Plan, code: str) -> PlanSubject:
    forum = get_object_or_404(Forum, code=code)
    kicker = f"{plan.title.inline()} · {code}"
    return PlanSubject(
        "forum",
        (code,),
        forum.name,
        kicker,
        {"forum": code},
        lambda rows: rows.for_forums([forum]),
    )


def office_subject(plan: Plan, code: str) -> PlanSubject:
    office = get_object_or_404(Office, code=code)

    def members(rows: Any) -> CommitmentQuerySet:
        found: CommitmentQuerySet = rows.of_offices([office.pk])
        return found

    kicker = f"{plan.title.inline()} · {code}"
    return PlanSubject("office", (code,), office.name, kicker, {"office": code}, members)


GROUP_SUBJECTS: Mapping[str, Callable[[Plan, Any], PlanSubject]] = {
    "goal": goal_subject,
    "area": area_subject,
    "forum": forum_subject,
    "office": office_subject,
}
